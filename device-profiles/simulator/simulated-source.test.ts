import { expect, test } from "vitest";
import { SimulatedSource } from "./simulated-source.ts";

const source = (metric: string) => new SimulatedSource("a sensor", [{ metric }]);

test.each([
  ["Battery/Level", 100],
  ["Environment/Temperature", 20],
  ["Environment/Humidity", 50],
])("a sensor that has just been put up begins where nothing is a fault: %s is %d", (metric, healthy) => {
  expect(source(metric).get(metric)).toBe(healthy);
});

test("what was set stays, and what a sensor does not measure is refused", () => {
  const sensor = source("Battery/Level");
  sensor.set("Battery/Level", 4);
  expect(sensor.get("Battery/Level")).toBe(4);
  expect(() => sensor.get("Environment/Humidity")).toThrow("a sensor has no Environment/Humidity");
});
