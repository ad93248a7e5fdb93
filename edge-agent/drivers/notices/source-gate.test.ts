import { expect, test } from "vitest";
import { DATAGRAMS_PER_SOURCE_S_MAX, SourceGate } from "./source-gate.ts";

test("a source that nobody stands for is turned away and counted", () => {
  const gate = new SourceGate<string>();
  const leave = gate.add("10.0.0.2", "switch");
  expect([gate.admits("10.0.0.2", 0), gate.admits("10.0.0.3", 0)]).toEqual([true, false]);
  leave();
  expect(gate.admits("10.0.0.2", 0)).toBe(false);
  expect(gate.counters).toEqual({ unknownSource: 2, flooded: 0 });
});

test("a source that floods is turned away until the second is over, and its neighbour is not", () => {
  const gate = new SourceGate<string>();
  gate.add("10.0.0.2", "switch");
  gate.add("10.0.0.3", "projector");
  const admitted = Array.from({ length: DATAGRAMS_PER_SOURCE_S_MAX + 7 }, () =>
    gate.admits("10.0.0.2", 5_000),
  );
  expect(admitted.filter(Boolean)).toHaveLength(DATAGRAMS_PER_SOURCE_S_MAX);
  expect(gate.counters.flooded).toBe(7);
  expect(gate.admits("10.0.0.3", 5_001)).toBe(true);
  expect(gate.admits("10.0.0.2", 6_000)).toBe(true);
});

test("two sessions of one device both stand for it, until each has left", () => {
  const gate = new SourceGate<string>();
  const first = gate.add("10.0.0.2", "old");
  gate.add("10.0.0.2", "new");
  expect(gate.at("10.0.0.2")).toEqual(["old", "new"]);
  first();
  expect([gate.at("10.0.0.2"), gate.admits("10.0.0.2", 0)]).toEqual([["new"], true]);
  expect(gate.all()).toEqual(["new"]);
});
