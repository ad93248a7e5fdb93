/** A session whose subscription is followed, and whose test says what becomes of its readings. */
import type {
  DeviceEvent,
  MetricName,
  Reading,
  Sample,
  SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import type { DeviceSession, DeviceTarget, Driver, DriverEnvironment } from "../drivers/driver.ts";

const PATIENCE_MS = 5_000;

export const patience = (): AbortSignal => AbortSignal.timeout(PATIENCE_MS);

export const TEST_ENVIRONMENT: DriverEnvironment = {
  now: Date.now,
  pseudonym: (text) => `pseudonym of ${text}`,
};

export class FollowedSession {
  readonly session: DeviceSession;
  readonly samples: Sample[] = [];
  readonly events: DeviceEvent[] = [];
  /** Whether readings are kept, or told to be lost. */
  keep = true;
  /** Those that were not kept. */
  readonly lost: Reading[] = [];
  /** What ended the subscription. */
  readonly ended: Promise<unknown>;
  readonly #ending = new AbortController();

  private constructor(session: DeviceSession) {
    this.session = session;
    const sink = (reading: Reading, settled?: (kept: boolean) => void): void => {
      const { keep } = this;
      if (keep) {
        this.samples.push(...reading.samples);
        this.events.push(...reading.events);
      } else this.lost.push(reading);
      settled?.(keep);
    };
    this.ended = Promise.resolve(session.subscribe?.(sink, this.#ending.signal)).catch(
      (error: unknown) => error,
    );
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

  /** What a poll tells. */
  async polled(): Promise<Readonly<Record<MetricName, SampleValue>>> {
    const reading = await this.session.poll?.(patience());
    return Object.fromEntries((reading?.samples ?? []).map(({ metric, value }) => [metric, value]));
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.session.close();
  }
}
