import { genericHexController } from "@campus-ops/device-profiles/profiles/classroom-controller/generic-hex";
import { describe, expect, test } from "vitest";
import { INTERLOCK_MS_MAX, Interlocks } from "./interlocks.ts";

const CUT = ["Controller/Mains", false] as const;
const power = (state: string) => new Map([["Projector/Power", state]]);
const PROJECTOR_OFF = { metric: "Projector/Power", value: "off" };
const MAINS_OFF = { metric: "Controller/Mains", value: false };

function interlocks(): Interlocks {
  return new Interlocks(genericHexController.interlocks ?? []);
}

describe("the mains of a projector", () => {
  test("is cut at once when the projector is off", () => {
    expect(interlocks().before(...CUT, power("off"), 0)).toBeUndefined();
  });

  test.each(["on", "warming", "cooling"])(
    "waits while it is %s: it is switched off first, and cools",
    (state) => {
      const waiting = interlocks();
      expect(waiting.before(...CUT, power(state), 0)).toEqual(PROJECTOR_OFF);
      expect(waiting.due(power("cooling"), 1_000)).toEqual([]);
      expect(waiting.due(power("off"), 90_000)).toEqual([MAINS_OFF]);
      expect(waiting.due(power("off"), 90_001)).toEqual([]);
    },
  );

  test("is not cut while nobody knows how the projector is", () => {
    const waiting = interlocks();
    expect(waiting.before(...CUT, new Map(), 0)).toEqual(PROJECTOR_OFF);
    expect(waiting.due(new Map(), 1_000)).toEqual([]);
  });

  test("is not cut any more after five minutes", () => {
    const waiting = interlocks();
    waiting.before(...CUT, power("on"), 0);
    expect(waiting.due(power("off"), INTERLOCK_MS_MAX + 1)).toEqual([]);
    expect(waiting.due(power("off"), 0)).toEqual([]);
  });

  test.each([
    ["Controller/Mains", true],
    ["Projector/Power", "on"],
  ] as const)("is not cut any more when somebody sets %s to %s meanwhile", (metric, value) => {
    const waiting = interlocks();
    waiting.before(...CUT, power("cooling"), 0);
    expect(waiting.before(metric, value, power("cooling"), 1_000)).toBeUndefined();
    expect(waiting.due(power("off"), 2_000)).toEqual([]);
  });
});
