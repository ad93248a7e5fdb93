import { DataType, DeviceId } from "@campus-ops/device-profiles/vocabulary";
import { expect, test } from "vitest";
import { NO_ALIASES, withDeviceAliases, withNobodyBorn, withNodeAliases } from "./edge-aliases.ts";

const gate = DeviceId("gate-1");
const named = (...names: readonly string[]) =>
  names.map((name) => ({ name, datatype: DataType.Boolean, value: null }));
const given = (metrics: readonly { readonly name?: string; readonly alias?: number }[]) =>
  Object.fromEntries(metrics.map(({ alias, name }) => [name, alias]));

test("a rebirth gives every metric the alias it had, in whatever order it names them, and new ones to new metrics", () => {
  const node = withNodeAliases(NO_ALIASES, named("a", "b"));
  const device = withDeviceAliases(node.aliases, gate, named("a", "c"));
  expect([given(node.metrics), given(device.metrics)]).toEqual([
    { a: 1, b: 2 },
    { a: 3, c: 4 },
  ]);
  for (const before of [device.aliases, withNobodyBorn(device.aliases)]) {
    const again = withNodeAliases(before, named("d", "b", "a"));
    expect(given(again.metrics)).toEqual({ d: 5, b: 2, a: 1 });
    expect(again.aliases.devices.size).toBe(0);
    const reborn = withDeviceAliases(again.aliases, gate, named("c", "e", "a"));
    expect(given(reborn.metrics)).toEqual({ c: 4, e: 6, a: 3 });
  }
});

test("when a connection ends nobody is born, so nothing can be sent by the old births", () => {
  const { aliases } = withDeviceAliases(withNodeAliases(NO_ALIASES, named("a")).aliases, gate, named("b"));
  const after = withNobodyBorn(aliases);
  expect([after.node.size, after.devices.size]).toEqual([0, 0]);
});
