/**
 * Whether a device can be reached, and when to try again: a circuit breaker whose state is what operators see as
 * `Connectivity/Online`.
 *
 * A device is online only after it really answered. One lost answer does not take it offline: three in a row, or
 * failures that have lasted {@link OFFLINE_AFTER_MS}, a failure that only a person can mend, or one that is conclusive by
 * itself, do. While it is offline there is one attempt each back-off.
 */
import { backoff_ms, LOGIN_REFUSED_WAIT_MS, type Random } from "./backoff.ts";

export const OFFLINE_AFTER_FAILURES = 3;
export const OFFLINE_AFTER_MS = 15_000;

export interface Reachability {
  /** undefined until the first verdict. */
  readonly online: boolean | undefined;
  /** In a row. */
  readonly failures: number;
  /** Uptime of the first failure of the row. */
  readonly failingSince_ms?: number;
}

export const UNTRIED: Reachability = { online: undefined, failures: 0 };

export interface ReachabilityStep {
  readonly state: Reachability;
  /** Set when `Connectivity/Online` changed by this step. */
  readonly became?: "online" | "offline";
}

export interface FailureStep extends ReachabilityStep {
  readonly wait_ms: number;
}

export function answered(state: Reachability): ReachabilityStep {
  const next: Reachability = { online: true, failures: 0 };
  return state.online === true ? { state: next } : { state: next, became: "online" };
}

/** What a failure says of itself; see DriverError. */
export interface Failure {
  /** False: trying again will not help until a person acts. */
  readonly retry: boolean;
  /** True: there is no doubt that the device is not there. */
  readonly conclusive?: boolean;
}

export function failed(
  state: Reachability,
  uptime_ms: number,
  { conclusive = false, retry }: Failure,
  random: Random,
): FailureStep {
  const failures = state.failures + 1;
  const failingSince_ms = state.failingSince_ms ?? uptime_ms;
  const lost =
    !retry ||
    conclusive ||
    failures >= OFFLINE_AFTER_FAILURES ||
    uptime_ms - failingSince_ms >= OFFLINE_AFTER_MS;
  const online = lost ? false : state.online;
  const wait_ms = retry ? backoff_ms(failures, random) : LOGIN_REFUSED_WAIT_MS;
  const next: Reachability = { online, failures, failingSince_ms };
  return lost && state.online !== false
    ? { state: next, wait_ms, became: "offline" }
    : { state: next, wait_ms };
}
