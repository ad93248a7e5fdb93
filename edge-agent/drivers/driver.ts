/**
 * The port between the agent and the protocols. A driver is thin: it opens a session with one device and answers a few
 * questions about it. When to ask, how long to wait, when to give up and when to try again is the agent's business, in
 * one place for all protocols.
 *
 * Every promise here may hang or reject and the agent copes: deadlines come as abort signals, and a session that does
 * not obey one is abandoned.
 */
import type { MetricName, Reading, SampleValue, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { CallCounts } from "./listener/call-tally.ts";

export interface DeviceTarget {
  /** For example `modbus://127.0.0.1:1502?unit=1`, `snmp://10.0.0.2`, `http://10.0.0.3/onvif/device_service`, `pjlink://10.0.0.4`. */
  readonly url: URL;
  readonly username?: string;
  /** A password, an SNMP community: never logged. */
  readonly secret?: string;
}

/** See core/offset-ledger.ts. */
export interface ClockMeasurement {
  /** The device's clock minus ours. */
  readonly offset_ms: number;
  readonly uncertainty_ms: number;
}

export interface DriverEnvironment {
  /** Wall clock, milliseconds since the Unix epoch. */
  readonly now: () => Timestamp;
  /** HMAC-SHA-256 under the box's own key, shortened to 16 hex digits: turns a card number into a credential. */
  readonly pseudonym: (text: string) => string;
  /**
   * The offset to correct the device's times by, given a measurement of it: for a driver whose device tells its clock
   * in one exchange and its events in another. One that reads both at once takes what it has measured.
   */
  readonly clockOffset?: (measured: ClockMeasurement) => number;
  /** The cursor of this device's last reading that was kept; absent when there is none. See `Reading.cursor`. */
  readonly cursor?: string;
  /**
   * Says that the device has called in by itself while no session with it is open: a session is then opened at once,
   * and not only when the back-off is over. For drivers whose devices call us.
   */
  readonly onCall?: () => void;
}

/**
 * Takes a reading in. `settled` is told what became of it, once: true when it is on the disk, false when it had to be
 * given up and was counted as lost. A driver whose device waits for an acknowledgement gives it after true only, and
 * may hand the same events over again after false; others need not ask.
 */
export type ReadingSink = (reading: Reading, settled?: (kept: boolean) => void) => void;

/** A live session with one device. */
export interface DeviceSession {
  /** Facts for the birth: serial number, firmware … as `Properties/…` samples. Asked once, after opening. */
  identify?(signal: AbortSignal): Promise<Reading>;
  /** Looks at everything once. Reports all values; leaving out what did not change is the agent's work. */
  poll?(signal: AbortSignal): Promise<Reading>;
  /** Hands over what the device sends by itself until `signal` aborts; rejects when the subscription is lost. */
  subscribe?(sink: ReadingSink, signal: AbortSignal): Promise<void>;
  /** Writes one metric. Resolving means *requested*; the agent confirms by reading back. */
  write?(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void>;
  /** The current picture as a JPEG. */
  snapshot?(signal: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface Driver<Profile> {
  /** Of a driver that is called: how many calls came to nothing, whoever they were for. It grows. */
  readonly calls?: CallCounts;
  open(
    target: DeviceTarget,
    profile: Profile,
    environment: DriverEnvironment,
    signal: AbortSignal,
  ): Promise<DeviceSession>;
}

/**
 * Why a device could not be asked. `retry` false means that trying again will not help until a person acts
 * (wrong password, wrong profile): the agent then waits much longer, so that no account is locked out.
 */
export class DriverError extends Error {
  override readonly name = "DriverError";
  readonly kind: DriverErrorKind;
  readonly retry: boolean;
  /**
   * True where the device has been silent for as long as it may be: it is offline by that, and need not fail again. Who
   * cannot be asked would fail the next time after as long a silence.
   */
  readonly conclusive: boolean;
  constructor(
    kind: DriverErrorKind,
    message: string,
    options: { retry: boolean; conclusive?: boolean; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.retry = options.retry;
    this.conclusive = options.conclusive ?? false;
  }
}

/** For a command that the device's profile does not know, or a value that the metric cannot take. */
export function cannotBeSet(
  profile: { readonly id: string },
  metric: MetricName,
  value: SampleValue,
): DriverError {
  const message = `${profile.id}: ${metric} cannot be set to ${String(value)}`;
  return new DriverError("unsupported", message, { retry: false });
}

/** What each kind means to an operator; `docs/reference/errors.md` is made from it. */
export const DRIVER_ERRORS = {
  unreachable: {
    meaning: "nothing answers at the device's address",
    action: "check its power and cable, then the address in the configuration",
  },
  timeout: {
    meaning: "something accepts the connection, or the network, and does not answer in time",
    action:
      "restart the device; with SNMP v2c also check the community, which is answered with silence when it is wrong",
  },
  "login-refused": {
    meaning:
      "the device refuses user or password; the agent waits half an hour so that no account is locked out",
    action: "correct `username` and `secretFile`, then restart the agent",
  },
  "device-exception": {
    meaning: "the device answers, and says no",
    action: "read its answer in the log; often the profile does not fit the model or its firmware",
  },
  garbage: {
    meaning: "what the device sends makes no sense in its protocol",
    action: "check that the profile and the port fit the device; if they do, keep the log and report it",
  },
  unsupported: {
    meaning: "the device does not offer what was asked",
    action: "choose a profile that asks less",
  },
} as const satisfies Record<string, { meaning: string; action: string }>;

export type DriverErrorKind = keyof typeof DRIVER_ERRORS;

/** What a failure is counted under: the kind of a {@link DriverError}, the name of any other error. */
export function failureKind(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "kind" in error && typeof error.kind === "string" ? error.kind : error.name;
}
