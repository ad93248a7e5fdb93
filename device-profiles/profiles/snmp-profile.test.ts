import { describe, expect, test } from "vitest";
import { metricDefinition } from "../vocabulary/index.ts";
import { PROFILES } from "./catalogue.ts";
import { objectAt, objectOf, type SnmpProfile, samplesFromVarbinds } from "./snmp-profile.ts";
import { genericPoe } from "./switch/generic-poe.ts";
import type { SnmpTestcase } from "./testcase.ts";

const profiles = PROFILES.filter((profile): profile is SnmpProfile => profile.protocol === "snmp");
const EVENT_TIME = Date.UTC(2026, 8, 1);

describe.each(profiles)("$id", async (profile) => {
  const { testcases } = (await import(new URL(`./${profile.id}.testcases.ts`, import.meta.url).href)) as {
    testcases: readonly SnmpTestcase[];
  };

  test("has testcases", () => {
    expect(testcases.length).toBeGreaterThan(1);
  });

  test.each(testcases)("$title", ({ numbering, varbinds, samples }) => {
    const found = samplesFromVarbinds(profile, { ...profile.numbering, ...numbering }, varbinds, EVENT_TIME);
    expect(found.map(({ metric, value, quality }) => [metric, value, quality])).toEqual(samples);
    expect(found.every(({ eventTime }) => eventTime === EVENT_TIME)).toBe(true);
  });
});

test.each(profiles)(
  "every metric of $id is in the capability dictionary, with the same leave to write",
  (profile) => {
    const metrics = [
      ...[...profile.attributes, ...profile.scalars].map(({ metric }) => metric),
      ...profile.columns.map(({ capability, metric }) => `${capability}/1/${metric}`),
    ];
    expect(metrics.length).toBeGreaterThan(5);
    for (const metric of metrics) {
      const object = objectOf(profile, profile.numbering, metric);
      const definition = metricDefinition(metric);
      expect(definition, metric).toBeDefined();
      expect(object?.writable ?? false, metric).toBe(definition?.writable ?? false);
    }
  },
);

test("a metric and its object identifier lead to one another", () => {
  const numbering = { ...genericPoe.numbering, ifIndexOffset: 10_100, poeGroup: 2 };
  for (const metric of ["System/Uptime", "Port/3/Oper", "PoE/3/Enabled"]) {
    const object = objectOf(genericPoe, numbering, metric);
    expect(object?.metric).toBe(metric);
    expect(objectAt(genericPoe, numbering, object?.oid ?? "")).toEqual(object);
  }
  expect(objectOf(genericPoe, numbering, "Port/3/Oper")?.oid).toBe("1.3.6.1.2.1.2.2.1.8.10103");
  expect(objectOf(genericPoe, numbering, "PoE/3/Enabled")?.oid).toBe("1.3.6.1.2.1.105.1.1.1.3.2.3");
});

test("a metric the profile has not, or a port the device has not, has no object", () => {
  for (const metric of [
    "Port/11/Oper",
    "Port/x/Oper",
    "Port/03/Oper",
    "Port/1/Speed",
    "Door/Open",
    "nonsense",
  ]) {
    expect(objectOf(genericPoe, genericPoe.numbering, metric), metric).toBeUndefined();
  }
});
