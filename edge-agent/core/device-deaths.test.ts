import { DeviceId } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEATH_HOLD_MS_MAX, DEATH_HOLD_MS_MIN, DeviceDeaths, type DevicePresence } from "./device-deaths.ts";

const gate = DeviceId("gate");
const GONE: DevicePresence = { id: gate, isGone: true, isBorn: true, isWaiting: false };
const NOTHING = { births: [], deaths: [] };
const DEATH = { births: [], deaths: [gate] };

describe("a device that stopped answering", () => {
  test("dies once everything it said is acknowledged, and not before", () => {
    const deaths = new DeviceDeaths();
    expect(deaths.look([{ ...GONE, isWaiting: true }], 0)).toEqual(NOTHING);
    expect(deaths.look([GONE], 0)).toEqual(DEATH);
  });

  test("dies once", () => {
    expect(new DeviceDeaths().look([{ ...GONE, isBorn: false }], 0)).toEqual(NOTHING);
  });

  test("is born again when something of it waits all the same", () => {
    const late = { ...GONE, isBorn: false, isWaiting: true };
    expect(new DeviceDeaths().look([late], 0)).toEqual({ births: [gate], deaths: [] });
  });
});

test("a device that answers, or was not tried yet, lives", () => {
  expect(new DeviceDeaths().look([{ ...GONE, isGone: false }], 0)).toEqual(NOTHING);
});

describe("a device that comes and goes", () => {
  test("stays born for a while after its return", () => {
    const deaths = new DeviceDeaths();
    deaths.returned(gate, 1_000);
    expect(deaths.look([GONE], 1_000 + DEATH_HOLD_MS_MIN - 1)).toEqual(NOTHING);
    expect(deaths.look([GONE], 1_000 + DEATH_HOLD_MS_MIN)).toEqual(DEATH);
  });

  test("holds back nobody else's death", () => {
    const deaths = new DeviceDeaths();
    deaths.returned(DeviceId("door"), 0);
    expect(deaths.look([GONE], 0)).toEqual(DEATH);
  });

  test("is forgiven after a long calm, and when it is configured anew", () => {
    const deaths = new DeviceDeaths();
    for (let at = 0; at < 5; at += 1) deaths.returned(gate, at);
    const calm = 2 * DEATH_HOLD_MS_MAX + 10;
    deaths.returned(gate, calm);
    expect(deaths.look([GONE], calm + DEATH_HOLD_MS_MIN)).toEqual(DEATH);
    deaths.forget(gate);
    expect(deaths.look([GONE], calm)).toEqual(DEATH);
  });

  test("is born again a bounded number of times, however it flaps", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 120_000 }), { minLength: 200, maxLength: 400 }),
        (waits) => {
          const deaths = new DeviceDeaths();
          const births: number[] = [];
          let isBorn = true;
          let now = 0;
          for (const [turn, wait] of waits.entries()) {
            now += wait;
            const answers = turn % 2 === 1;
            if (answers && !isBorn) {
              deaths.returned(gate, now);
              births.push(now);
              isBorn = true;
            }
            if (!answers && deaths.look([{ ...GONE, isBorn }], now).deaths.length > 0) isBorn = false;
          }
          // The holds double up to the longest; after that there is one birth in each of them.
          const doubling = Math.ceil(Math.log2(DEATH_HOLD_MS_MAX / DEATH_HOLD_MS_MIN)) + 1;
          expect(births.length).toBeLessThanOrEqual(doubling + Math.ceil(now / DEATH_HOLD_MS_MAX));
        },
      ),
      { numRuns: 100 },
    );
  });
});
