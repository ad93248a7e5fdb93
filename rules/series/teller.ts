/**
 * Tells ingest what the rules count, by campus and five minutes: alarms, the use of rooms, the availability of devices. There
 * it becomes series of the store, rolled up like all else. What became known late is counted and told again from where it
 * touches; a range is told as a whole, so that telling it twice, after a kill for example, changes nothing.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Log } from "@campus-ops/service";
import type { SocketClient } from "@campus-ops/service/socket-client";
import { bucketOf, type Count } from "../core/series/counts.ts";
import type { SeriesStore, Told } from "./series-store.ts";

/** After the end of five minutes: what is on its way arrives. */
const SETTLE_MS = 60_000;
/** What is told at once. */
const RANGE_MS_MAX = 86_400_000;
/** As long as roll-ups of five minutes are kept at least. */
const BEFORE_MS_MAX = 184 * 86_400_000;
/** Told together: ingest keeps in one transaction what waits for it, and so does this hub. Well below what may wait there. */
const CAMPUSES_AT_ONCE = 32;
const RETRY_MS = 30_000;
const ANSWER_MS_MAX = 30_000;

/** One kind of counts. */
export interface Family {
  readonly name: string;
  /** Before what was told last, what still changes. */
  readonly changes_ms: number;
  /** By campus, since when what is known has changed. */
  changed(): ReadonlyMap<string, Timestamp>;
  /** Of a campus in `[from, to)`; what is nothing may be left out. */
  count(campus: string, from: Timestamp, to: Timestamp): Promise<readonly Count[]>;
  /** All that {@link changed} told was counted and told. */
  settle(): void;
}

export interface TellerOptions {
  readonly families: readonly Family[];
  readonly campuses: readonly string[];
  readonly store: SeriesStore;
  readonly ingest: Pick<SocketClient, "fetch">;
  readonly log: Log;
  /** What was counted of a campus from then on has changed. */
  readonly onChanged?: (campus: string, since: Timestamp) => void;
}

export class Teller {
  readonly #options: TellerOptions;
  #working: Promise<void> | undefined;
  #toldUntil: Timestamp = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  /** The journal has been read up to this time. Returns at once. */
  reached(now: Timestamp): void {
    const until = bucketOf(now - SETTLE_MS);
    const again = performance.now() - this.#failedAt >= RETRY_MS;
    if (this.#stopped || this.#working !== undefined || until <= this.#toldUntil || !again) return;
    this.#working = this.tell(until)
      .then(() => {
        this.#toldUntil = until;
      })
      .catch((error: unknown) => {
        this.#failedAt = performance.now();
        this.#options.log.warn(
          { err: error },
          "alarms, use and availability could not be told to the store; nothing is lost; trying again",
        );
      })
      .finally(() => {
        this.#working = undefined;
      });
  }

  /** All that is to be told up to `until`, the end of five minutes. Rejects when something was not taken; the rest is told. */
  async tell(until: Timestamp): Promise<void> {
    const failures: unknown[] = [];
    for (const family of this.#options.families)
      await this.#tellFamily(family, until).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  async #tellFamily(family: Family, until: Timestamp): Promise<void> {
    const changed = family.changed();
    for (const [campus, since] of changed) this.#options.onChanged?.(campus, since);
    const { campuses, store } = this.#options;
    for (let at = 0; at < campuses.length && !this.#stopped; at += CAMPUSES_AT_ONCE) {
      const told: Told[] = [];
      const all = await Promise.allSettled(
        campuses
          .slice(at, at + CAMPUSES_AT_ONCE)
          .map(async (campus) =>
            told.push(...(await this.#tellOne(family, campus, until, changed.get(campus)))),
          ),
      );
      if (told.length > 0) store.told(family.name, told);
      for (const each of all) if (each.status === "rejected") throw each.reason;
    }
    if (!this.#stopped) family.settle();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }

  /** Up to where the campus is told now, unless that is kept already. */
  async #tellOne(
    family: Family,
    campus: string,
    until: Timestamp,
    changed: Timestamp | undefined,
  ): Promise<readonly Told[]> {
    const { store } = this.#options;
    const before = store.until(family.name, campus);
    const since = Math.min(changed ?? until, before ?? until) - family.changes_ms;
    let from = Math.max(bucketOf(since), until - BEFORE_MS_MAX);
    while (from < until && !this.#stopped) {
      const to = Math.min(until, bucketOf(from + RANGE_MS_MAX));
      await this.#put(campus, family.name, { from, to, counts: await family.count(campus, from, to) });
      // Only as far as it was told without a gap.
      if (to > (before ?? 0)) {
        if (to === until) return [{ campus, until }];
        store.told(family.name, [{ campus, until: to }]);
      }
      from = to;
    }
    return [];
  }

  async #put(campus: string, family: string, body: object): Promise<void> {
    const answer = await this.#options.ingest.fetch(`/counts/${campus}/${family}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`ingest answered ${answer.status}: ${text.slice(0, 500)}`);
  }
}
