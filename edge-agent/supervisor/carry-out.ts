/** Carries one command out: write, then read back until the device shows it or the time is up. */
import type { MetricName, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import type { Clock } from "../core/clock.ts";
import {
  COMMAND_MS_MAX,
  type CommandInput,
  type CommandState,
  isSettled,
  READ_BACK_INTERVAL_MS,
  readBackConfirms,
  stepCommand,
} from "../core/command.ts";
import { type DeviceSession, DriverError } from "../drivers/driver.ts";
import { pause, withDeadline } from "./deadline.ts";

export interface CommandOutcome {
  readonly state: "confirmed" | "unknown" | "refused";
  /** For the operator; empty when there is nothing to add. */
  readonly detail: string;
}

export interface CommandWork {
  readonly session: DeviceSession;
  readonly metric: MetricName;
  readonly value: SampleValue;
  readonly readBack: () => Promise<SampleValue>;
  readonly clock: Clock;
}

const DETAIL: Record<CommandOutcome["state"], string> = {
  confirmed: "",
  unknown: "the device did not show the change in time; go and look",
  refused: "the device refused",
};

/** Never rejects. */
export async function carryOut(work: CommandWork, signal: AbortSignal): Promise<CommandOutcome> {
  const { session, metric, value, clock } = work;
  const deadline = clock.instant().uptime_ms + COMMAND_MS_MAX;
  const left_ms = (): number => Math.max(1, deadline - clock.instant().uptime_ms);
  if (session.write === undefined) return { state: "refused", detail: "this device takes no commands" };

  let detail: string | undefined;
  let state: CommandState = "writing";
  const written = await attempt(() =>
    withDeadline("writing", left_ms(), signal, async (inner) => session.write?.(metric, value, inner)),
  );
  if (written instanceof Error) detail = written.message;
  state = stepCommand(state, writeInput(written));

  while (!isSettled(state)) {
    if (signal.aborted || clock.instant().uptime_ms >= deadline) {
      state = stepCommand(state, "deadline");
      break;
    }
    const found = await attempt(() => withDeadline("reading back", left_ms(), signal, () => work.readBack()));
    const matches = !(found instanceof Error) && readBackConfirms(metric, value, found.result);
    state = stepCommand(state, matches ? "read-back-matches" : "read-back-differs");
    if (!isSettled(state)) await pause(Math.min(READ_BACK_INTERVAL_MS, left_ms()), signal);
  }
  if (!isSettled(state)) throw new Error("a command ended without an outcome");
  return { state, detail: state === "confirmed" ? "" : (detail ?? DETAIL[state]) };
}

async function attempt<T>(work: () => Promise<T>): Promise<{ result: T } | Error> {
  try {
    return { result: await work() };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Only an answer that says no proves that nothing was done. */
function writeInput(written: { result: unknown } | Error): CommandInput {
  if (!(written instanceof Error)) return "write-accepted";
  const saidNo: readonly string[] = ["device-exception", "unsupported", "login-refused"];
  return written instanceof DriverError && saidNo.includes(written.kind)
    ? "write-refused"
    : "write-uncertain";
}
