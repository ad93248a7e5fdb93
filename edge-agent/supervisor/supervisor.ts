/**
 * One loop a device: opens a session, looks at the device on its schedule, takes in what it sends by itself, carries
 * out commands, and after a failure tries again with back-off. Every call into a driver has a deadline and is abandoned
 * when it does not keep it, so that a driver that hangs, throws or floods delays nobody but its own device.
 */
import type { PictureRefusalReason } from "@campus-ops/broker/sparkplug";
import type {
  DeviceId,
  MetricName,
  Reading,
  Sample,
  SampleValue,
  Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { GOOD } from "@campus-ops/device-profiles/vocabulary";
import type { Random } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import { COMMANDS_WAITING_MAX, refusal } from "../core/command.ts";
import type { DeviceModel, Report } from "../core/device.ts";
import type { Loss } from "../core/outbox-policy.ts";
import { firstPollDelay_ms, nextPollAt } from "../core/polling.ts";
import type { Failure } from "../core/reachability.ts";
import { type DeviceSession, DriverError, failureKind, type ReadingSink } from "../drivers/driver.ts";
import { type CommandOutcome, carryOut } from "./carry-out.ts";
import { pause, withDeadline } from "./deadline.ts";
import { Intake } from "./intake.ts";

export const OPEN_MS_MAX = 10_000;
export const POLL_MS_MAX = 10_000;
export const CLOSE_MS_MAX = 2_000;
export const SNAPSHOT_MS_MAX = 10_000;

export interface SupervisorOptions {
  readonly model: DeviceModel;
  readonly pollInterval_ms: number;
  /** Opens a session through the device's driver. */
  readonly open: (signal: AbortSignal) => Promise<DeviceSession>;
  /** Makes reports durable; resolves when they are. */
  readonly keep: (reports: readonly Report[], cursor: string | undefined) => Promise<void>;
  readonly lose: (loss: Loss) => void;
  /** Told of each failure, for the log and the counters. */
  readonly onFailure: (error: unknown, wait_ms: number) => void;
  /** Told when the device answers after it did not: what hangs from it may be there again too. */
  readonly onReturn: () => void;
  readonly clock: Clock;
  readonly random: Random;
}

/** Something to be done with the session between two polls. Neither of the two ever throws. */
interface Errand {
  readonly run: (session: DeviceSession, signal: AbortSignal) => Promise<void>;
  /** There is no session to do it with. */
  readonly refuse: () => void;
}

/** A picture, or why there is none. `recorder`: which had it, where it did not come from the camera itself. */
export type PictureTaken =
  | { readonly data: Uint8Array; readonly takenAt: Timestamp; readonly recorder?: DeviceId }
  | { readonly reason: PictureRefusalReason; readonly detail: string };

export class DeviceSupervisor {
  readonly #options: SupervisorOptions;
  readonly #intake = new Intake();
  readonly #errands: Errand[] = [];
  #inSession = false;
  #wake = Promise.withResolvers<void>();
  /** Resolved when there is a reason to try again before the back-off is over. */
  #hope = Promise.withResolvers<void>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Runs until `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, model, random, onFailure, pollInterval_ms } = this.#options;
    await pause(firstPollDelay_ms(pollInterval_ms, random), signal);
    while (!signal.aborted) {
      try {
        await this.#session(signal);
      } catch (error) {
        if (signal.aborted) break;
        const failure: Failure = error instanceof DriverError ? error : { retry: true };
        const { reports, wait_ms } = model.fail(clock.instant(), failure, random);
        onFailure(error, wait_ms);
        this.#refuseErrands();
        if (reports.length > 0) await this.#keep(reports, undefined);
        this.#hope = Promise.withResolvers();
        await pause(wait_ms, signal, failure.retry ? this.#hope.promise : undefined);
      }
    }
    this.#refuseErrands();
  }

  /**
   * What this device hangs from is back: it is tried at once, and not only after a back-off of up to two minutes. A
   * refused login waits all the same: an account that is locked out does not open because a switch returned.
   */
  tryNow(): void {
    this.#hope.resolve();
  }

  /** Never rejects: what cannot be tried is refused, and says why. */
  async command(metric: MetricName, value: SampleValue): Promise<CommandOutcome> {
    const why = refusal(metric, value, this.#options.model.knows(metric));
    if (why !== undefined) return { state: "refused", detail: why };
    const away: CommandOutcome = { state: "refused", detail: "the device cannot be reached" };
    if (!this.#inSession) return away;
    if (this.#errands.length >= COMMANDS_WAITING_MAX) {
      return {
        state: "refused",
        detail: `${COMMANDS_WAITING_MAX} commands are waiting for this device already`,
      };
    }
    return await new Promise((settle) => {
      this.#queue({
        run: async (session, signal) => settle(await this.#carryOut(session, metric, value, signal)),
        refuse: () => settle(away),
      });
    });
  }

  /** The camera's picture of now. Never rejects. */
  async snapshot(): Promise<PictureTaken> {
    const away: PictureTaken = { reason: "unreachable", detail: "the camera does not answer" };
    if (!this.#inSession) return away;
    if (this.#errands.length >= COMMANDS_WAITING_MAX) {
      return {
        reason: "failed",
        detail: `${COMMANDS_WAITING_MAX} errands are waiting for this camera already`,
      };
    }
    return await new Promise((settle) => {
      this.#queue({
        run: async (session, signal) => settle(await this.#takePicture(session, signal)),
        refuse: () => settle(away),
      });
    });
  }

  #queue(errand: Errand): void {
    this.#errands.push(errand);
    this.#wake.resolve();
  }

  /** One session, from opening to its failure. Rejects with what ended it, or returns when `signal` aborts. */
  async #session(signal: AbortSignal): Promise<void> {
    const { open } = this.#options;
    const abandon = (late: DeviceSession): void => void closeQuietly(late);
    const session = await withDeadline("opening", OPEN_MS_MAX, signal, open, abandon);
    const ending = new AbortController();
    try {
      const subscription = this.#subscribe(session, AbortSignal.any([signal, ending.signal]));
      // Whoever awaits it below sees the rejection; until then it must not count as unhandled.
      subscription?.catch(() => undefined);
      await this.#serve(session, subscription, await this.#identity(session, signal), signal);
    } finally {
      this.#inSession = false;
      ending.abort();
      await closeQuietly(session);
    }
  }

  async #serve(
    session: DeviceSession,
    subscription: Promise<void> | undefined,
    identity: readonly Sample[],
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, pollInterval_ms } = this.#options;
    const lost = subscription?.then(
      () => Promise.reject(new DriverError("unreachable", "the subscription ended", { retry: true })),
      // A device that has nothing to subscribe to is polled all the same.
      (error: unknown) =>
        isUnsupported(error) ? new Promise<never>(() => undefined) : Promise.reject(error),
    );
    lost?.catch(() => undefined);
    let facts = identity;
    let due = clock.instant().uptime_ms;
    this.#inSession = true;
    while (!signal.aborted) {
      const errand = this.#errands.shift();
      if (errand !== undefined) {
        await errand.run(session, signal);
        continue;
      }
      const now = clock.instant().uptime_ms;
      if (session.poll !== undefined && now >= due) {
        await this.#poll(session, facts, signal);
        facts = [];
        due = nextPollAt(due, clock.instant().uptime_ms, pollInterval_ms);
        continue;
      }
      this.#wake = Promise.withResolvers();
      const wait_ms = session.poll === undefined ? pollInterval_ms : due - now;
      const waiting = pause(wait_ms, signal, this.#wake.promise);
      await (lost === undefined ? waiting : Promise.race([waiting, lost]));
    }
  }

  async #poll(session: DeviceSession, facts: readonly Sample[], signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const began = clock.instant();
    const reading = await withDeadline(
      "polling",
      POLL_MS_MAX,
      signal,
      async (inner) => (await session.poll?.(inner)) ?? { samples: [], events: [] },
    );
    const ended = clock.instant();
    const roundTrip: Sample = {
      metric: "Connectivity/RoundTrip",
      value: ended.uptime_ms - began.uptime_ms,
      quality: GOOD,
      eventTime: ended.wall,
    };
    await this.#take({ ...reading, samples: [...facts, ...reading.samples, roundTrip] });
  }

  async #identity(session: DeviceSession, signal: AbortSignal): Promise<readonly Sample[]> {
    if (session.identify === undefined) return [];
    const reading = await withDeadline("identifying", OPEN_MS_MAX, signal, async (inner) =>
      session.identify?.(inner),
    );
    return reading?.samples ?? [];
  }

  #subscribe(session: DeviceSession, signal: AbortSignal): Promise<void> | undefined {
    if (session.subscribe === undefined) return undefined;
    const sink: ReadingSink = (reading, settled) => {
      if (signal.aborted) settled?.(false);
      else void this.#take(reading).then(settled);
    };
    return (async () => await session.subscribe?.(sink, signal))();
  }

  /** Whether it is durable; see {@link ReadingSink}. */
  async #take(reading: Reading): Promise<boolean> {
    const { clock, lose, model } = this.#options;
    const at = clock.instant();
    const loss = this.#intake.refuse(reading, at);
    if (loss !== undefined) {
      lose(loss);
      return false;
    }
    const wasOnline = model.online;
    try {
      const reports = model.accept(reading, at);
      if (!wasOnline && model.online) this.#options.onReturn();
      const kept = await this.#keep(reports, reading.cursor);
      if (!kept) model.forget(reading.events);
      return kept;
    } finally {
      this.#intake.done();
    }
  }

  /** A record that had to give way has been counted as lost; the device is not to blame and goes on. */
  async #keep(reports: readonly Report[], cursor: string | undefined): Promise<boolean> {
    if (reports.length === 0 && cursor === undefined) return true;
    return await this.#options.keep(reports, cursor).then(
      () => true,
      () => false,
    );
  }

  async #carryOut(
    session: DeviceSession,
    metric: MetricName,
    value: SampleValue,
    signal: AbortSignal,
  ): Promise<CommandOutcome> {
    const readBack = async (): Promise<SampleValue> => {
      await this.#poll(session, [], signal);
      return this.#options.model.latest(metric)?.value ?? null;
    };
    return await carryOut({ session, metric, value, readBack, clock: this.#options.clock }, signal);
  }

  /** A camera that gives no picture goes on being watched: only its polls say whether it is there. */
  async #takePicture(session: DeviceSession, signal: AbortSignal): Promise<PictureTaken> {
    if (session.snapshot === undefined)
      return { reason: "unsupported", detail: "this device takes no pictures" };
    try {
      const data = await withDeadline("taking a picture", SNAPSHOT_MS_MAX, signal, async (inner) =>
        session.snapshot?.(inner),
      );
      if (data === undefined) return { reason: "unsupported", detail: "this device takes no pictures" };
      return { data, takenAt: this.#options.clock.instant().wall };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      if (isUnsupported(error)) return { reason: "unsupported", detail };
      return { reason: failureKind(error) === "unreachable" ? "unreachable" : "failed", detail };
    }
  }

  #refuseErrands(): void {
    for (const { refuse } of this.#errands.splice(0)) refuse();
  }
}

function isUnsupported(error: unknown): boolean {
  return error instanceof DriverError && error.kind === "unsupported";
}

async function closeQuietly(session: DeviceSession): Promise<void> {
  const never = new AbortController().signal;
  await withDeadline("closing", CLOSE_MS_MAX, never, () => session.close()).catch(() => undefined);
}
