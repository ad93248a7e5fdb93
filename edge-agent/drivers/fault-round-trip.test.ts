/**
 * Every fault that the simulators can play, through the drivers, one profile a protocol: what cannot work says so in a
 * driver's words and in time, what can work works, no time of another century gets through, and all of it mends.
 * What a single protocol makes of a fault is tested beside its driver.
 */
import type { Profile } from "@campus-ops/device-profiles/profiles";
import { declaredBy } from "@campus-ops/device-profiles/profiles/declared";
import type { SimulatedDevice, SimulatedFault } from "@campus-ops/device-profiles/simulator";
import type { Sample } from "@campus-ops/device-profiles/vocabulary";
import { describe, expect, test } from "vitest";
import { ObservedSession, oneOfEachProtocol, startDevice } from "../testing/observed-session.ts";
import { DriverError } from "./driver.ts";

/** What hangs is given up after it. */
const ATTEMPT_MS_MAX = 2_000;
/** For a device that answers, byte by byte perhaps, on a machine that has other things to do. */
const ANSWER_MS_MAX = 15_000;
const TEST_MS_MAX = 60_000;
/** No device of ours is older. */
const EARLIEST = Date.UTC(2020, 0, 1);
const DAY_MS = 86_400_000;

/** What a fault leaves of a device: nothing, all of it, or it depends on the protocol. */
const LEAVES: Readonly<Record<SimulatedFault, "nothing" | "all" | "either">> = {
  down: "nothing",
  hang: "nothing",
  "half-open": "all",
  garbage: "nothing",
  fragmented: "all",
  "late-replies": "either",
  "clock-1970": "all",
  "clock-ahead": "all",
  "local-time": "all",
  replay: "all",
  "counter-reset": "all",
  stuck: "all",
  sentinel: "all",
  "subscription-lost": "either",
  lockout: "either",
  "stale-nonce": "all",
  "mislabelled-text": "all",
  "word-swapped": "all",
  "reboot-loop": "either",
  storm: "all",
  "not-done": "all",
};

/** An answer that comes byte by byte over a pair of wires has the protocol's 200 ms, which a busy machine may not keep. */
const IN_TIME_OR_NOT: ReadonlySet<string> = new Set(["osdp fragmented"]);

/** Their connection is the device's own: what it said last is still there when a session is opened. */
const CALLS_IN: ReadonlySet<string> = new Set(["gbt26875", "jt808", "webhook"]);

describe.each(oneOfEachProtocol())("$protocol ($id)", async (profile) => {
  const faults = await faultsOf(profile);

  test.concurrent.each(faults)(
    "%s",
    async (fault) => {
      const device = await startDevice(profile);
      try {
        // A session of before, which the fault befalls.
        const before = await ObservedSession.open(profile, device);
        await before.look(true);
        await device.fault(fault);
        await before.close();

        const leaves = IN_TIME_OR_NOT.has(`${profile.protocol} ${fault}`) ? "either" : LEAVES[fault];
        const found = await attempt(profile, device, leaves === "all" ? ANSWER_MS_MAX : ATTEMPT_MS_MAX);
        if (LEAVES[fault] === "nothing" && !CALLS_IN.has(profile.protocol)) {
          expect(saysNothing(found)).toBe(true);
        }
        if (leaves === "all") expect(found).not.toBeInstanceOf(Error);
        if (found instanceof Error) expect(found).toBeInstanceOf(DriverError);
        else expect(timesOf(found).filter(isAbsurd)).toEqual([]);

        await device.fault(null);
        const mended = await ObservedSession.open(profile, device);
        try {
          await mended.until("a good reading", () => [...mended.latest.values()].some(isGood), true);
        } finally {
          await mended.close();
        }
      } finally {
        await device.close();
      }
    },
    TEST_MS_MAX,
  );
});

async function faultsOf(profile: Profile): Promise<readonly SimulatedFault[]> {
  const device = await startDevice(profile);
  await device.close();
  expect(declaredBy(profile).metrics.length).toBeGreaterThan(0);
  return device.faults;
}

/** A session as the supervisor would have it: what came, or why not. */
async function attempt(
  profile: Profile,
  device: SimulatedDevice,
  deadline_ms: number,
): Promise<ObservedSession | Error> {
  let observed: ObservedSession | undefined;
  try {
    observed = await ObservedSession.open(profile, device, deadline_ms);
    await observed.look(true, deadline_ms);
    return observed;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    await observed?.close();
  }
}

/** A line that brings rubbish may be one on which nobody answers, and each value then not read. */
function saysNothing(found: ObservedSession | Error): boolean {
  return (
    found instanceof DriverError ||
    (found instanceof ObservedSession && ![...found.latest.values()].some(isGood))
  );
}

const isGood = ({ quality }: Sample): boolean => quality.status === "good";

const timesOf = ({ events, latest }: ObservedSession): readonly number[] =>
  [...latest.values(), ...events].map(({ eventTime }) => eventTime);

/** Device and driver live faster than the wall clock, by minutes in a test. */
const isAbsurd = (time: number): boolean => time < EARLIEST || time > Date.now() + DAY_MS / 4;
