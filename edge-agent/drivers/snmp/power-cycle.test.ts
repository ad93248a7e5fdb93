import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CYCLE_INTERVAL_MS_MIN, OFF_ms, type PortLook, PowerCycles, RETURN_MS_MAX } from "./power-cycle.ts";

const ALIVE: PortLook = { enabled: true, alive: true };
const DARK: PortLook = { enabled: false, alive: false };
const STARTING: PortLook = { enabled: true, alive: false };
const NOW = Date.UTC(2026, 8, 1);

/** A cycle that has been asked for and journalled at {@link NOW}. */
function kept(): { cycles: PowerCycles; cursor: string } {
  const cycles = new PowerCycles(undefined);
  expect(cycles.request(3, ALIVE, NOW)).toBeUndefined();
  return { cycles, cursor: cycles.cursor() ?? "" };
}

describe("a power cycle", () => {
  test("sends off only once the on that is owed has been handed over", () => {
    const cycles = new PowerCycles(undefined);
    cycles.request(3, ALIVE, NOW);
    expect(cycles.due(NOW)).toEqual([]);
    expect(cycles.cursor()).toBe(`[[3,${NOW},false]]`);
    expect(cycles.due(NOW)).toEqual([{ port: 3, on: false }]);
  });

  test("gives the power back after its pause, and sees the camera return", () => {
    const { cycles } = kept();
    cycles.switched(3, false, NOW);
    cycles.saw(3, DARK, NOW);
    expect([cycles.state(3), cycles.owed(), cycles.due(NOW + OFF_ms - 1)]).toEqual(["cycling", [3], []]);
    expect(cycles.due(NOW + OFF_ms)).toEqual([{ port: 3, on: true }]);
    cycles.switched(3, true, NOW + OFF_ms);
    cycles.saw(3, STARTING, NOW + OFF_ms + 1);
    expect(cycles.state(3)).toBe("cycling");
    cycles.saw(3, ALIVE, NOW + OFF_ms + 2);
    expect([cycles.state(3), cycles.owed()]).toEqual(["returned", []]);
  });

  test("says so when the camera does not return", () => {
    const { cycles } = kept();
    cycles.switched(3, false, NOW);
    cycles.switched(3, true, NOW);
    cycles.saw(3, STARTING, NOW + RETURN_MS_MAX);
    expect(cycles.state(3)).toBe("cycling");
    cycles.saw(3, STARTING, NOW + RETURN_MS_MAX + 1);
    expect(cycles.state(3)).toBe("missing");
  });

  test("owes its on over a restart of the box, whenever that was", () => {
    const { cycles, cursor } = kept();
    cycles.switched(3, false, NOW);
    const restarted = new PowerCycles(cursor);
    expect(restarted.due(NOW + 1)).toEqual([{ port: 3, on: true }]);
  });

  test("is refused within half an hour of the last, also over a restart, also after the clock was put back", () => {
    const { cycles } = kept();
    cycles.switched(3, false, NOW);
    cycles.switched(3, true, NOW);
    cycles.saw(3, ALIVE, NOW);
    const restarted = new PowerCycles(cycles.cursor());
    expect(restarted.request(3, ALIVE, NOW + CYCLE_INTERVAL_MS_MIN - 1)).toContain("again in 1 min");
    expect(restarted.request(3, ALIVE, NOW - 60_000)).toContain("again in 29 min");
    expect(restarted.request(4, ALIVE, NOW)).toBeUndefined();
    expect(restarted.request(3, ALIVE, NOW + CYCLE_INTERVAL_MS_MIN)).toBeUndefined();
  });

  test("of a port that is off, or that nobody has seen, is refused", () => {
    const cycles = new PowerCycles(undefined);
    expect(cycles.request(3, DARK, NOW)).toContain("switched off");
    expect(cycles.request(3, undefined, NOW)).toContain("not been read");
    expect(cycles.state(3)).toBe("idle");
  });
});

test("the cursor is handed over only when it says something new", () => {
  const { cycles } = kept();
  expect(cycles.cursor()).toBeUndefined();
  cycles.switched(3, false, NOW);
  expect(cycles.cursor()).toBeUndefined();
  cycles.switched(3, true, NOW);
  expect(cycles.cursor()).toBe(`[[3,${NOW},true]]`);
});

test("whatever stands in a cursor, a session begins", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (cursor) => {
      expect(new PowerCycles(cursor).owed().every(Number.isInteger)).toBe(true);
    }),
  );
});
