/**
 * The hub on this machine, as a device that the hub above watches: `local-hub:///run/folder?campus=qiyun-no1`. One device
 * a campus. What it tells and takes goes over the hub's private sockets, in the folder that the address names; what may
 * not leave the hub is stopped here once more (`upwardOf`), whatever the hub answers.
 */
import { join } from "node:path";
import { HEARD, type LocalHubProfile } from "@campus-ops/device-profiles/profiles/local-hub-profile";
import {
  GOOD,
  type MetricName,
  type Reading,
  type SampleValue,
  type Timestamp,
  upwardOf,
} from "@campus-ops/device-profiles/vocabulary";
import {
  cannotBeSet,
  type DeviceSession,
  type DeviceTarget,
  type Driver,
  type DriverEnvironment,
  DriverError,
  type ReadingSink,
} from "./driver.ts";
import {
  type AlarmTelling,
  addCounts,
  alarmEvent,
  BUCKET_MS,
  bucketSamples,
  type CampusCounts,
  type DayTelling,
  dayEvents,
  type HubCursor,
  RUNNING,
  readCursor,
  standingSamples,
  writeCursor,
} from "./local-hub/readings.ts";
import { socketJson, socketRequest } from "./local-hub/socket-request.ts";

/** How long the hub lets us wait for the next alarm. */
export const WAIT_MS = 20_000;
/** Between two attempts to hand over what could not be kept. */
const AGAIN_MS = 1_000;
/** Of buckets older than this it is not remembered what was told: they come up only when they have changed. */
const REMEMBERED_MS = 1_200_000;
/** Between two tellings of an open bucket in which nothing has changed but what always does. */
const RUNNING_MS = 60_000;

export const localHubDriver: Driver<LocalHubProfile> = {
  async open(target, profile, environment, signal) {
    const session = new LocalHubSession(target, profile, environment);
    await session.prove(signal);
    return session;
  },
};

/** Of a bucket, what was told last, and when: an open one comes with each poll, whatever has changed in it. */
interface Told {
  readonly values: Map<MetricName, SampleValue>;
  /** When counts that run with the clock were told last. */
  readonly at: Timestamp;
}

class LocalHubSession implements DeviceSession {
  readonly #rules: string;
  readonly #ingest: string;
  readonly #campus: string;
  readonly #profile: LocalHubProfile;
  readonly #environment: DriverEnvironment;
  #cursor: HubCursor;
  /** The last of what the parent had done that this hub has taken. */
  #heard = "";
  readonly #told = new Map<Timestamp, Told>();

  constructor({ url }: DeviceTarget, profile: LocalHubProfile, environment: DriverEnvironment) {
    const campus = url.searchParams.get("campus") ?? "";
    if (campus === "" || url.pathname === "")
      throw new DriverError("unsupported", "the address must read local-hub:///run/folder?campus=<id>", {
        retry: false,
      });
    const run = decodeURIComponent(url.pathname);
    this.#rules = join(run, "rules.sock");
    this.#ingest = join(run, "ingest.sock");
    this.#campus = encodeURIComponent(campus);
    this.#profile = profile;
    this.#environment = environment;
    this.#cursor = readCursor(environment.cursor);
  }

  async prove(signal: AbortSignal): Promise<void> {
    await this.#counts(signal, []);
  }

  async poll(signal: AbortSignal): Promise<Reading> {
    const after = this.#cursor.counts === undefined ? "" : `?after=${this.#cursor.counts}`;
    const seen = await socketJson<CampusCounts & { readonly cursor: number }>(
      this.#ingest,
      `/telling/${this.#campus}${after}`,
      signal,
    );
    const now = this.#environment.now();
    const rung = await this.#counts(
      signal,
      seen.buckets.map(({ start }) => start),
    );
    const counts = addCounts(seen, rung);
    const told = counts.buckets.flatMap(({ start, counts: each }) =>
      this.#news(start, bucketSamples(start, each), now),
    );
    for (const start of this.#told.keys()) if (start < now - REMEMBERED_MS) this.#told.delete(start);
    this.#cursor = { ...this.#cursor, counts: seen.cursor };
    const heard = { metric: HEARD, value: this.#heard, quality: GOOD, eventTime: now };
    return this.#upward({ samples: [...standingSamples(counts, now), ...told, heard], events: [] });
  }

  /** Alarms as they come, and between them what has changed of the campus's days. */
  async subscribe(sink: ReadingSink, signal: AbortSignal): Promise<void> {
    let isMore = false;
    while (!signal.aborted) {
      const wait_ms = isMore ? 0 : WAIT_MS;
      const path = `/telling/${this.#campus}?after=${this.#cursor.alarms}&wait_ms=${wait_ms}`;
      const { alarms, cursor } = await socketJson<AlarmTelling>(this.#rules, path, signal);
      const told = await this.#tell(sink, alarms.map(alarmEvent), { alarms: cursor });
      if (told) isMore = await this.#tellDays(sink, signal);
    }
  }

  /** Whether there are more. */
  async #tellDays(sink: ReadingSink, signal: AbortSignal): Promise<boolean> {
    const path = `/telling/${this.#campus}/days?after=${this.#cursor.days ?? 0}`;
    const telling = await socketJson<DayTelling>(this.#rules, path, signal);
    const told = await this.#tell(sink, dayEvents(telling), { days: telling.cursor });
    return told && telling.isMore;
  }

  /** False where it could not be kept: then it is told again from where it was. */
  async #tell(
    sink: ReadingSink,
    events: Reading["events"],
    upTo: Partial<Pick<HubCursor, "alarms" | "days">>,
  ): Promise<boolean> {
    const { alarms, days } = this.#cursor;
    this.#cursor = { ...this.#cursor, ...upTo };
    if (events.length === 0 || (await kept(sink, this.#upward({ samples: [], events })))) return true;
    const { days: _, ...others } = this.#cursor;
    this.#cursor = { ...others, alarms, ...(days === undefined ? {} : { days }) };
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    return false;
  }

  async write(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void> {
    if (metric !== HEARD || typeof value !== "string") throw cannotBeSet(this.#profile, metric, value);
    const { status, text } = await socketRequest(this.#rules, "/facts", signal, { facts: value });
    if (status !== 204)
      throw new DriverError("device-exception", `the hub does not take it (${status}): ${text}`, {
        retry: false,
      });
    this.#heard = value;
  }

  /** Each request has its own connection. */
  async close(): Promise<void> {}

  async #counts(signal: AbortSignal, starts: readonly Timestamp[]): Promise<CampusCounts> {
    const path = `/telling/${this.#campus}/counts?buckets=${starts.join(",")}`;
    return await socketJson<CampusCounts>(this.#rules, path, signal);
  }

  /**
   * Of a bucket that was not told before all counts, so that one that is 0 now takes another's place; of others what has
   * changed. Counts that run with the clock wait in an open bucket, whatever else happens in it: a city hears them of 1,200
   * campuses, in the morning every few seconds.
   */
  #news(start: Timestamp, samples: Reading["samples"], now: Timestamp): Reading["samples"] {
    const told = this.#told.get(start);
    const isOpen = now < start + BUCKET_MS;
    const waits = isOpen && told !== undefined && now < told.at + RUNNING_MS;
    const news = samples.filter(
      ({ metric, value }) => told?.values.get(metric) !== value && !(waits && RUNNING.has(metric)),
    );
    if (news.length === 0) return [];
    const values = told?.values ?? new Map<MetricName, SampleValue>();
    for (const { metric, value } of news) values.set(metric, value);
    this.#told.set(start, { values, at: waits ? told.at : now });
    return news;
  }

  #upward(reading: Reading): Reading {
    return { ...upwardOf(reading).reading, cursor: writeCursor(this.#cursor) };
  }
}

const kept = (sink: ReadingSink, reading: Reading): Promise<boolean> =>
  new Promise((resolve) => sink(reading, resolve));
