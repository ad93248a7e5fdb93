/**
 * Counts of campuses as ingest last told them, by range of time. What is asked again is answered with the campuses that have
 * changed since, and one question answers all pages that wait for it: a city's page costs what has changed, not what there is.
 */
import type { Rollup, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { CampusRollup } from "@campus-ops/ingest/api";
import type { SocketClient } from "@campus-ops/service/socket-client";
import type { Range } from "./region.ts";
import { mergeCampusCounts } from "./region.ts";
import { getChanged } from "./upstream.ts";

/** As ingest widens a range: pages that ask milliseconds apart ask for the same. */
const BUCKET_MS = 300_000;
/** The one that was asked for longest ago goes first. */
export const RANGES_MAX = 8;

/** What ingest counted of each campus, and since when the hubs that are cut off are. */
export interface RegionCounts {
  readonly counts: ReadonlyMap<string, Rollup>;
  readonly lastKnown: ReadonlyMap<string, Timestamp>;
}

class KnownRange {
  readonly counts = new Map<string, Rollup>();
  readonly lastKnown = new Map<string, Timestamp>();
  #tag: string | undefined;
  readonly #ingest: SocketClient;
  readonly #path: string;
  #asking: Promise<RegionCounts> | undefined;
  #next: Promise<RegionCounts> | undefined;

  constructor(ingest: SocketClient, path: string) {
    this.#ingest = ingest;
    this.#path = path;
  }

  /** As of now or later: a question that is under way was asked before, so who comes meanwhile shares the one after it. */
  ask(): Promise<RegionCounts> {
    if (this.#asking === undefined) return this.#begin();
    this.#next ??= this.#asking
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#begin();
      });
    return this.#next;
  }

  #begin(): Promise<RegionCounts> {
    const asking = this.#read().finally(() => {
      if (this.#asking === asking) this.#asking = undefined;
    });
    this.#asking = asking;
    return asking;
  }

  async #read(): Promise<RegionCounts> {
    const { isDelta, tag, value } = await getChanged<readonly CampusRollup[]>(this.#ingest, this.#path, {
      tag: this.#tag,
      manipulation: "changed-campuses",
    });
    if (!isDelta) {
      this.counts.clear();
      this.lastKnown.clear();
    }
    this.#tag = tag;
    for (const { campus } of value) this.lastKnown.delete(campus);
    for (const [campus, counts] of mergeCampusCounts(value)) this.counts.set(campus, counts);
    for (const { campus, lastKnown } of value)
      if (lastKnown !== undefined) this.lastKnown.set(campus, lastKnown);
    return this;
  }
}

export class RegionFigures {
  readonly #ingest: SocketClient;
  /** In order of the last question. */
  readonly #ranges = new Map<string, KnownRange>();

  constructor(ingest: SocketClient) {
    this.#ingest = ingest;
  }

  /** Rejects as {@link getChanged} does. The answer is the newest there is when it is read, and to be read at once. */
  of({ from, to }: Range): Promise<RegionCounts> {
    const begin = Math.floor(from / BUCKET_MS) * BUCKET_MS;
    const path = `/rollups?from=${begin}&to=${Math.ceil(to / BUCKET_MS) * BUCKET_MS}`;
    const range = this.#ranges.get(path) ?? new KnownRange(this.#ingest, path);
    this.#ranges.delete(path);
    this.#ranges.set(path, range);
    const [oldest] = this.#ranges.keys();
    if (this.#ranges.size > RANGES_MAX && oldest !== undefined) this.#ranges.delete(oldest);
    return range.ask();
  }
}
