import { EXIT_AGAIN, EXIT_CONFIGURATION } from "@campus-ops/service";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decideRestart,
  type Ending,
  RESTART_DELAY_FIRST_MS,
  RESTART_DELAY_MAX_MS,
  STABLE_MS,
} from "./restart-policy.ts";

const crash: Ending = { code: 1, signal: null, ranFor_ms: 100 };

describe("the restart policy", () => {
  test("gives up on a configuration that a person must mend, however often it was tried", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(1_000_000), (failures, ranFor_ms) => {
        const ending = { code: EXIT_CONFIGURATION, signal: null, ranFor_ms };
        expect(decideRestart(failures, ending, 0.5)).toEqual({ kind: "give-up" });
      }),
    );
  });

  test("starts at once what asked for it, which is no failure", () => {
    const ending = { code: EXIT_AGAIN, signal: null, ranFor_ms: 100 };
    expect(decideRestart(3, ending, 0.5)).toEqual({ kind: "restart", after_ms: 0, failures: 0 });
  });

  test.each([
    { failures: 0, after_ms: RESTART_DELAY_FIRST_MS },
    { failures: 1, after_ms: RESTART_DELAY_FIRST_MS * 2 },
    { failures: 3, after_ms: RESTART_DELAY_FIRST_MS * 8 },
    { failures: 20, after_ms: RESTART_DELAY_MAX_MS },
    { failures: 5_000, after_ms: RESTART_DELAY_MAX_MS },
  ])("waits at most $after_ms ms after $failures failures in a row", ({ failures, after_ms }) => {
    expect(decideRestart(failures, crash, 1)).toEqual({ kind: "restart", after_ms, failures: failures + 1 });
    expect(decideRestart(failures, crash, 0)).toEqual({
      kind: "restart",
      after_ms: after_ms / 2,
      failures: failures + 1,
    });
  });

  test("counts from one again after a process has held for long enough", () => {
    const atLast = decideRestart(9, { ...crash, ranFor_ms: STABLE_MS }, 1);
    expect(atLast).toEqual({ kind: "restart", after_ms: RESTART_DELAY_FIRST_MS, failures: 1 });
    const tooSoon = decideRestart(9, { ...crash, ranFor_ms: STABLE_MS - 1 }, 1);
    expect(tooSoon).toMatchObject({ failures: 10 });
  });

  test("a process that was killed comes back, and so does one that ended without an error", () => {
    expect(decideRestart(0, { code: null, signal: "SIGKILL", ranFor_ms: 5 }, 0).kind).toBe("restart");
    expect(decideRestart(0, { code: 0, signal: null, ranFor_ms: 5 }, 0).kind).toBe("restart");
  });
});
