import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Act,
  actsBetween,
  InvalidTimelineError,
  nextDue,
  type Step,
  timeline,
  withDependants,
} from "./timeline.ts";

const act = (value: number): Act => ({ do: "set", device: "d", metric: "Door/Open", value });
const steps = fc.array(fc.record({ at_ms: fc.nat(999), act: fc.nat(1_000_000).map(act) }), {
  minLength: 1,
  maxLength: 20,
});

describe("a timeline", () => {
  test("loses and doubles nothing, however the time is cut", () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat(700), { maxLength: 12 }), (each, cuts) => {
        const line = timeline(1_000, each);
        let at = 0;
        const inPieces: Act[] = [];
        for (const cut of cuts) {
          inPieces.push(...actsBetween(line, at, at + cut));
          at += cut;
        }
        expect(inPieces).toEqual(actsBetween(line, 0, at));
      }),
    );
  });

  test("says when it is next to be asked, and nothing is due before", () => {
    fc.assert(
      fc.property(steps, fc.nat(5_000), (each, from) => {
        const line = timeline(1_000, each);
        const next = nextDue(line, from) ?? Number.NaN;
        expect(next).toBeGreaterThanOrEqual(from);
        expect(actsBetween(line, from, next)).toEqual([]);
        expect(actsBetween(line, next, next + 1)).not.toEqual([]);
      }),
    );
  });

  test("begins again after its length", () => {
    const line = timeline(1_000, [{ at_ms: 10, act: act(1) }]);
    expect(actsBetween(line, 0, 3_000)).toHaveLength(3);
    expect(nextDue(line, 11)).toBe(1_010);
  });

  test("with nothing in it is never due", () => {
    expect(nextDue(timeline(1_000, []), 0)).toBeUndefined();
  });

  test.each([-1, 1_000])("refuses a step at %d ms of a loop of 1000 ms", (at_ms) => {
    const outside: Step = { at_ms, act: act(1) };
    expect(() => timeline(1_000, [outside])).toThrow(InvalidTimelineError);
  });
});

test("a switch takes with it what hangs from it, through other switches too, and nothing else", () => {
  const dependsOn = new Map([
    ["floor", "core"],
    ["camera", "floor"],
    ["other", "elsewhere"],
  ]);
  expect(withDependants("core", dependsOn)).toEqual(["core", "floor", "camera"]);
  expect(withDependants("camera", dependsOn)).toEqual(["camera"]);
});
