/** A session whose subscription is followed: its test asks for what it hands over, and says what becomes of it. */
import type {
  DeviceEvent,
  MetricName,
  Reading,
  Sample,
  SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import type {
  DeviceSession,
  DeviceTarget,
  Driver,
  DriverEnvironment,
  ReadingSink,
} from "../drivers/driver.ts";
import { valuesOf } from "./driver-outcomes.ts";

const PATIENCE_MS = 5_000;

export const patience = (): AbortSignal => AbortSignal.timeout(PATIENCE_MS);

export const TEST_ENVIRONMENT: DriverEnvironment = {
  now: Date.now,
  pseudonym: (text) => `pseudonym of ${text}`,
};

export class FollowedSession {
  readonly session: DeviceSession;
  /** Every sample that was kept. */
  readonly samples: Sample[] = [];
  /** Every event that was kept. */
  readonly events: DeviceEvent[] = [];
  /** Whether readings are kept, or told to be lost. */
  keep = true;
  /** Those that were not kept. */
  readonly lost: Reading[] = [];
  /** The last one handed over. */
  cursor: string | undefined;
  /** Settles with the subscription: rejects with what lost it. */
  readonly ended: Promise<void>;
  readonly #stop = new AbortController();
  /** What nobody has asked for yet. */
  readonly #samples: Sample[] = [];
  readonly #events: DeviceEvent[] = [];
  #news = Promise.withResolvers<void>();

  constructor(session: DeviceSession) {
    this.session = session;
    const sink: ReadingSink = (reading, settled) => {
      const { keep } = this;
      if (keep) this.#take(reading);
      else this.lost.push(reading);
      settled?.(keep);
    };
    const subscribed = session.subscribe?.(sink, this.#stop.signal);
    this.ended = subscribed ?? Promise.reject(new Error("nothing to subscribe to"));
    this.ended.catch(() => undefined);
  }

  /** Rejects as the driver does. */
  static async open<Profile>(
    driver: Driver<Profile>,
    profile: Profile,
    url: string,
    options: Omit<DeviceTarget, "url"> & { readonly environment?: DriverEnvironment } = {},
  ): Promise<FollowedSession> {
    const { environment = TEST_ENVIRONMENT, ...login } = options;
    const target = { url: new URL(url), ...login };
    return new FollowedSession(await driver.open(target, profile, environment, patience()));
  }

  newest(metric: MetricName): Sample | undefined {
    return this.samples.findLast((sample) => sample.metric === metric);
  }

  latest(metric: MetricName): SampleValue | undefined {
    return this.newest(metric)?.value;
  }

  eventsOf(name: string): readonly DeviceEvent[] {
    return this.events.filter(({ event }) => event === name);
  }

  /** The next sample of a metric that holds a value; what the metric held before is past, and not found again. */
  sample(metric: MetricName, value: unknown): Promise<Sample> {
    const isOfMetric = (each: Sample): boolean => each.metric === metric;
    return this.#next(this.#samples, isOfMetric, (each) => each.value === value);
  }

  /** The next event of this name. */
  event(name: string): Promise<DeviceEvent> {
    return this.#next(this.#events, ({ event }) => event === name);
  }

  /** What a poll tells. */
  async polled(): Promise<Readonly<Record<MetricName, SampleValue>>> {
    return valuesOf(await this.session.poll?.(patience()));
  }

  /** Ends the subscription; the session stays open. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended.catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.session.close();
  }

  #take({ cursor, events, samples }: Reading): void {
    this.samples.push(...samples);
    this.events.push(...events);
    this.#samples.push(...samples);
    this.#events.push(...events);
    this.cursor = cursor ?? this.cursor;
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  async #next<T>(queue: T[], isOfKind: (each: T) => boolean, isWanted = (_: T): boolean => true): Promise<T> {
    for (;;) {
      const found = queue.findIndex((each) => isOfKind(each) && isWanted(each));
      const before = queue.splice(0, found + 1);
      const wanted = before.pop();
      queue.unshift(...before.filter((each) => !isOfKind(each)));
      if (wanted !== undefined) return wanted;
      const ended = this.ended.then(() => Promise.reject(new Error("the subscription ended before")));
      await Promise.race([this.#news.promise, ended]);
    }
  }
}
