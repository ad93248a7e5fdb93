import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BEHIND_MS_MAX, BoxClock, type ClockChange, type ClockReading } from "./box-clock.ts";

const DAY = 86_400_000;
const BUILT = 1_780_000_000_000;
const TODAY = 1_795_000_000_000;

/** A clock whose machine the test moves. */
function box(wall: number, synchronised?: boolean, earliest = BUILT) {
  const machine = { wall, uptime_ms: 0, synchronised: synchronised as boolean | undefined };
  const changes: ClockChange[] = [];
  const clock = new BoxClock(
    (): ClockReading => ({ ...machine }),
    earliest,
    (change) => changes.push(change),
  );
  return {
    changes,
    clock,
    machine,
    passes: (ms: number) => {
      machine.wall += ms;
      machine.uptime_ms += ms;
    },
    kinds: () => changes.map(({ kind }) => kind),
  };
}

describe("a box whose wall clock is credible", () => {
  test("follows it, and its steps of a day in both directions", () => {
    const { changes, clock, machine, passes } = box(TODAY);
    passes(1_000);
    expect(clock.instant()).toEqual({ wall: TODAY + 1_000, uptime_ms: 1_000 });
    machine.wall += DAY;
    expect(clock.instant()).toEqual({ wall: TODAY + DAY + 1_000, uptime_ms: 1_000 });
    machine.wall -= 2 * DAY;
    expect(clock.instant()).toEqual({ wall: TODAY - DAY + 1_000, uptime_ms: 1_000 });
    expect(changes).toEqual([
      { kind: "stepped", by_ms: DAY },
      { kind: "stepped", by_ms: -2 * DAY },
    ]);
  });

  test("is steered without a word", () => {
    const { clock, kinds, machine } = box(TODAY);
    for (let turn = 0; turn < 10; turn += 1) {
      machine.wall += 900;
      clock.instant();
    }
    expect([clock.instant().wall, kinds()]).toEqual([TODAY + 9_000, []]);
  });

  test("keeps its own time when the wall clock is set to 1970 while it runs", () => {
    const { clock, kinds, machine, passes } = box(TODAY);
    machine.wall = 0;
    clock.instant();
    passes(5_000);
    expect(clock.instant()).toEqual({ wall: TODAY + 5_000, uptime_ms: 5_000 });
    expect(kinds()).toEqual(["ignored"]);
  });

  test("hears no host", () => {
    const { clock, kinds } = box(TODAY);
    clock.hear(TODAY + DAY);
    expect([clock.instant().wall, kinds()]).toEqual([TODAY, []]);
  });
});

describe("a box without a battery", () => {
  test("begins at the latest time it has reason to believe in, and says that it is a guess", () => {
    const { clock, kinds, passes } = box(0);
    clock.notBefore(BUILT + DAY);
    passes(1_000);
    expect(clock.instant()).toEqual({ wall: BUILT + DAY + 1_000, uptime_ms: 1_000, untrusted: true });
    expect(kinds()).toEqual(["untrusted"]);
  });

  test.each([
    ["the time server's answer", "system"],
    ["somebody who sets the clock", "setting"],
    ["its host", "host"],
  ] as const)("learns the time from %s, and by how much it was wrong", (_, by) => {
    const { changes, clock, machine, passes } = box(0, by === "setting" ? undefined : false);
    passes(60_000);
    clock.instant();
    if (by === "host") clock.hear(TODAY);
    else machine.wall = TODAY;
    if (by === "system") machine.synchronised = true;
    expect(clock.instant()).toEqual({ wall: TODAY, uptime_ms: 60_000 });
    const era = { from: BUILT, to: BUILT + 60_000, by_ms: TODAY - BUILT - 60_000 };
    expect(changes.at(-1)).toMatchObject({ kind: "trusted", era });
  });

  test("believes neither a host nor a setting from before it was built", () => {
    const { clock, machine } = box(0);
    clock.hear(BUILT - BEHIND_MS_MAX - 1);
    machine.wall = BUILT - BEHIND_MS_MAX - 1;
    expect(clock.instant().untrusted).toBe(true);
  });

  test("whose clock the system has restored and not yet compared with a server is not trusted either", () => {
    const { clock, machine, passes } = box(TODAY, false);
    expect(clock.instant()).toMatchObject({ wall: TODAY, untrusted: true });
    machine.synchronised = true;
    passes(10);
    expect(clock.instant()).toEqual({ wall: TODAY + 10, uptime_ms: 10 });
  });
});

test("whatever the wall clock does, uptime rules the order until the time is known,", () => {
  const moves = fc.array(
    fc.record({ step: fc.integer({ min: -TODAY, max: 1_000_000 }), passed: fc.nat(1e6) }),
  );
  fc.assert(
    fc.property(moves, (steps) => {
      const { clock, machine } = box(0);
      let before = clock.instant();
      for (const { passed, step } of steps) {
        machine.uptime_ms += passed;
        machine.wall = Math.min(BUILT - BEHIND_MS_MAX - 1, Math.max(0, machine.wall + passed + step));
        const now = clock.instant();
        expect(now.untrusted).toBe(true);
        // A step of less than a second is steering.
        expect(now.wall).toBeGreaterThan(before.wall - 1_000);
        before = now;
      }
    }),
  );
});
