import { describe, expect, test } from "vitest";
import { metricDefinition } from "../vocabulary/index.ts";
import { PROFILES } from "./catalogue.ts";
import { discoverPorts } from "./snmp-numbering.ts";
import { objectAt, objectOf, type SnmpProfile } from "./snmp-profile.ts";
import { readTopology, samplesFromVarbinds } from "./snmp-reading.ts";
import { integer, text } from "./snmp-varbinds.ts";
import { genericPoe } from "./switch/generic-poe.ts";
import type { SnmpTestcase } from "./testcase.ts";
import { testcasesOf } from "./testing/testcases.ts";

const profiles = PROFILES.filter((profile): profile is SnmpProfile => profile.protocol === "snmp");
const EVENT_TIME = Date.UTC(2026, 8, 1);

describe.each(profiles)("$id", async (profile) => {
  const testcases = await testcasesOf<SnmpTestcase>(profile.id);

  test("has testcases", () => {
    expect(testcases.length).toBeGreaterThan(1);
  });

  test.each(testcases)("$title", ({ numbering, varbinds, samples, topology }) => {
    const ports = { ...profile.numbering, ...numbering };
    const found = samplesFromVarbinds(profile, ports, varbinds, EVENT_TIME);
    const hanging = readTopology(ports, topology?.ports ?? [], varbinds, EVENT_TIME);
    expect(hanging.samples.map(({ metric, value }) => [metric, value])).toEqual(topology?.samples ?? []);
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
      ...(profile.figures ?? []).map(({ metric }) => metric),
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

describe("ports that a device names itself", () => {
  const ethernet = (ifIndex: number, name: string, type = 6) => [
    integer(`1.3.6.1.2.1.2.2.1.3.${ifIndex}`, type),
    text(`1.3.6.1.2.1.31.1.1.1.1.${ifIndex}`, name),
    integer(`1.3.6.1.2.1.31.1.1.1.17.${ifIndex}`, 1),
  ];

  test("are numbered as on the front panel; what has no connector is no port", () => {
    const varbinds = [
      ...ethernet(10_101, "GigabitEthernet1/0/1"),
      ...ethernet(10_102, "GigabitEthernet1/0/2"),
      ...ethernet(10_149, "Ten-GigabitEthernet1/0/49", 117),
      ...ethernet(1, "Vlan1", 53),
      ...ethernet(9, "LoopBack0", 24),
      integer("1.3.6.1.2.1.2.2.1.3.5", 6),
      integer("1.3.6.1.2.1.31.1.1.1.17.5", 2),
    ];
    expect([...discoverPorts(varbinds)]).toEqual([
      [1, 10_101],
      [2, 10_102],
      [49, 10_149],
    ]);
  });

  test("of a stack have the same numbers twice, so that ifIndex names them", () => {
    const varbinds = [...ethernet(1_001, "GigabitEthernet1/0/1"), ...ethernet(2_001, "GigabitEthernet2/0/1")];
    expect([...discoverPorts(varbinds).keys()]).toEqual([1_001, 2_001]);
  });

  test("without names are known by ifIndex", () => {
    expect([
      ...discoverPorts([integer("1.3.6.1.2.1.2.2.1.3.7", 6), integer("1.3.6.1.2.1.2.2.1.3.8", 6)]),
    ]).toEqual([
      [7, 7],
      [8, 8],
    ]);
  });
});
