/** More comes than the rules can read: what alarms are made of goes first, and the operator is told what was lost. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePayload, formatTopic, type Metric, sampleToMetric } from "@campus-ops/broker/sparkplug";
import { DataType, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import mqtt from "mqtt";
import { expect, test } from "vitest";
import type { DeviceView } from "./api.ts";
import { MESSAGES_MAX } from "./core/waiting-telemetry.ts";
import { RULES_BEHIND_MS_MAX } from "./host/reception.ts";
import { CAMPUS, devices, HOST, NODE, sample, swipe } from "./testing/campus.ts";
import { startLoopbackBroker } from "./testing/loopback-broker.ts";
import { SmallEdge } from "./testing/small-edge.ts";
import { startStillIngest } from "./testing/still-ingest.ts";
import { until } from "./testing/until.ts";

/** More than may be written between two looks. */
const LOOKS_MS = 20;
/** Of a plain node beside one box. */
const SHARE = MESSAGES_MAX / 2;
const FLOOD = SHARE + 100;
const SEQ_MODULO = 256;

test("while the rules are behind, a swipe goes before the telemetry of others, and what a flooding node loses is counted and told", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flooded-"));
  const broker = await startLoopbackBroker();
  // The hub's time stands still but where it is moved: how far the rules are behind is no matter of this machine's load.
  let now = Date.now();
  const { api, ingest } = await startStillIngest(folder, broker.url, () => now);
  const metric = async (name: string): Promise<number> => {
    const text = await (await api.fetch("/metrics")).text();
    return Number(new RegExp(`^campus_ops_ingest_${name}\\{[^}]*\\} (\\d+)$`, "m").exec(text)?.[1]);
  };
  const rulesTook = (seq: number) =>
    api.fetch("/readers/rules", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ seq }),
    });
  const edge = new SmallEdge({
    url: broker.url,
    campus: CAMPUS,
    node: NODE,
    host: HOST,
    devices: devices(now),
  });
  let numbers = 0;
  const warm = (): void => {
    numbers += 1;
    edge.report("air", [sample("Environment/Temperature", numbers, now)]);
  };
  warm();
  await until(() => edge.unacknowledged === 0);
  expect((await rulesTook(0)).status).toBe(204);
  now += LOOKS_MS;
  warm();
  await until(() => edge.unacknowledged === 0);
  now += RULES_BEHIND_MS_MAX;

  warm();
  await until(async () => (await metric("waiting_messages")) > 0);
  const plain = await mqtt.connectAsync(broker.url);
  const address = { campus: CAMPUS, node: NodeId("plain") };
  const meter = { ...address, device: DeviceId("meter") };
  const publish = (topic: string, seq: number, metrics: readonly Metric[]) =>
    plain.publishAsync(topic, Buffer.from(encodePayload({ timestamp: now, seq, metrics })));
  const co2 = (value: number) => sampleToMetric(sample("Environment/CO2", value, now));
  await publish(formatTopic({ type: "NBIRTH", address }), 0, [
    { name: "bdSeq", datatype: DataType.Int64, value: 0 },
  ]);
  await publish(formatTopic({ type: "DBIRTH", address: meter }), 1, [
    sampleToMetric(sample("Properties/Class", "environment-sensor", now)),
    co2(0),
  ]);
  const data = formatTopic({ type: "DDATA", address: meter });
  for (let value = 1; value <= FLOOD; value += 1) await publish(data, (1 + value) % SEQ_MODULO, [co2(value)]);
  await until(async () => (await metric("left_out_samples_total")) === FLOOD - SHARE);

  // It goes before what waits of its own box too.
  edge.report("gate", [], [swipe(1, "refused", now)]);
  await until(async () =>
    (await (await api.fetch(`/events?from=0&to=${now + 1}`)).text()).includes("swipe-1"),
  );
  await until(() => edge.unacknowledged === 1);
  expect(await metric("withheld_total")).toBe(0);
  await until(async () => {
    const own = (await (await api.fetch(`/devices/hub/${HOST}/reception`)).json()) as DeviceView;
    return own.metrics?.some(({ name, value }) => name === "Service/Working" && value === false) === true;
  });

  await rulesTook(Number.MAX_SAFE_INTEGER);
  await until(async () => {
    now += LOOKS_MS;
    return edge.unacknowledged === 0 && (await metric("waiting_messages")) === 0;
  });
  await until(async () => {
    const shown = (await (await api.fetch(`/devices/${CAMPUS}/plain/meter`)).json()) as DeviceView;
    return shown.metrics?.some(({ value }) => value === FLOOD) === true;
  });
  await edge.end();
  await plain.endAsync(true);
  await api.close();
  await ingest.stop();
  await broker.stop();
  rmSync(folder, { recursive: true });
});
