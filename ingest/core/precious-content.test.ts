import { eventToMetric, type Metric, type NodeMessage, sampleToMetric } from "@campus-ops/broker/sparkplug";
import { DeviceId } from "@campus-ops/device-profiles/vocabulary";
import { expect, test } from "vitest";
import { CAMPUS, NODE, sample, swipe } from "../testing/campus.ts";
import { PreciousContent } from "./precious-content.ts";

function message(type: NodeMessage["type"], metrics: readonly Metric[]): NodeMessage {
  const address = { campus: CAMPUS, node: NODE, device: DeviceId("gate") };
  return { type, address, payload: { metrics }, bytes: new Uint8Array(), receivedAt: 1 };
}

test("alarm and access are precious, by name and by alias; telemetry is not", () => {
  const content = new PreciousContent();
  const panic = sampleToMetric(sample("Panic/Pressed", false, 1));
  const warm = sampleToMetric(sample("Environment/Temperature", 21, 1));
  content.learn(
    message("DBIRTH", [
      { ...panic, alias: 1 },
      { ...warm, alias: 2 },
    ]),
  );
  expect(content.isIn(message("DDATA", [{ alias: 2, value: 22 }]))).toBe(false);
  expect(
    content.isIn(
      message("DDATA", [
        { alias: 2, value: 22 },
        { alias: 1, value: true },
      ]),
    ),
  ).toBe(true);
  expect(content.isIn(message("DDATA", [warm]))).toBe(false);
  expect(content.isIn(message("DDATA", [eventToMetric(swipe(1, "granted", 1))]))).toBe(true);
});

test("births and deaths always are, and a newer birth's aliases count", () => {
  const content = new PreciousContent();
  for (const type of ["NBIRTH", "NDEATH", "DBIRTH", "DDEATH"] as const)
    expect(content.isIn(message(type, []))).toBe(true);
  content.learn(message("DBIRTH", [{ ...sampleToMetric(sample("Panic/Pressed", false, 1)), alias: 1 }]));
  content.learn(message("DBIRTH", [{ ...sampleToMetric(sample("Environment/CO2", 500, 1)), alias: 1 }]));
  expect(content.isIn(message("DDATA", [{ alias: 1, value: 600 }]))).toBe(false);
});
