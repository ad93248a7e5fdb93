/** The counts of campuses, of those that are watched here and of those that a hub below tells, made when they are asked for. */
import {
  type AssetPath,
  foldRollups as addUp,
  isStanding,
  type Rollup,
  type RollupCount,
  rollupCountOf,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { CampusRollup, CampusTelling, DeviceHealth } from "../api.ts";
import { completenessOf, outstanding } from "../core/completeness.ts";
import { type AnsweredRange, type Figures, KnownRanges } from "../core/known-ranges.ts";
import type { CampusAssets, DeviceAsset, DeviceRegistry, NodeAsset } from "../core/registry.ts";
import { BUCKET_MS, bucketOf } from "../core/rollup.ts";
import type { RegistryFile } from "./registry-file.ts";
import type { Turns } from "./turns.ts";

/** Buckets of one telling; the rest is asked for next. */
const TELLING_BUCKETS_MAX = 200;
const OPEN_BUCKETS = 3;
/** How far back a parent is told that has never been told anything. */
const FIRST_TELLING_MS = 8 * 24 * 3_600_000;

export interface CampusRollupParts {
  readonly registry: DeviceRegistry;
  readonly file: RegistryFile;
  readonly campusPath: (campus: string) => AssetPath;
  /** The newest entry that counts. */
  readonly last: () => number;
  /** By the journal's clock. */
  readonly now: () => Timestamp;
  readonly newId: () => string;
}

/** Whole buckets. */
interface Range {
  readonly from: Timestamp;
  readonly to: Timestamp;
}

export class CampusRollups {
  readonly #parts: CampusRollupParts;
  readonly #known: KnownRanges;

  constructor(parts: CampusRollupParts) {
    this.#parts = parts;
    this.#known = new KnownRanges(parts.newId);
  }

  /** As of the newest entry. Ranges are widened to whole buckets. */
  all(from: Timestamp, to: Timestamp): CampusRollup[] {
    const range = widened(from, to);
    const sums = this.#parts.file.spans.between(range.from, range.to);
    return [...this.#figures(range, (campus) => sums.of(campus))].map(({ make }) => make());
  }

  /** As {@link all}, or what of it has changed since the answer that `tag` names. Long reading gives way. */
  async changed(
    from: Timestamp,
    to: Timestamp,
    tag: string | undefined,
    turns: Turns,
  ): Promise<AnsweredRange> {
    await this.prepare(from, to, turns);
    const range = widened(from, to);
    const sums = this.#parts.file.spans.between(range.from, range.to);
    return this.#known.answer(
      range,
      sums,
      this.#figures(range, (campus) => sums.of(campus)),
      tag,
    );
  }

  /** Reads what {@link changed} would have to read, so that whoever asks first does not wait for it; until it is called off. */
  async prepare(from: Timestamp, to: Timestamp, turns: Turns, signal?: AbortSignal): Promise<void> {
    const range = widened(from, to);
    for (const _ of this.#parts.file.spans.prepare(range.from, range.to)) {
      if (turns.areOver) await turns.give();
      if (signal?.aborted === true) return;
    }
  }

  /** What was answered is not as it stands there any more: all of it is made anew. */
  forget(): void {
    this.#known.clear();
  }

  /** What a parent is told of a campus: how it stands, and of the buckets that changed after an entry what happened. */
  telling(campus: string, after: number | undefined, now: Timestamp): CampusTelling {
    const since = bucketOf(now - FIRST_TELLING_MS);
    const changed = this.#parts.file.changedBuckets(campus, after ?? 0, TELLING_BUCKETS_MAX);
    // Those that are still being filled are told in any case: alarms are counted elsewhere, and leave no mark here.
    const open = Array.from({ length: OPEN_BUCKETS }, (_, index) => bucketOf(now) - index * BUCKET_MS);
    const old = changed.buckets.filter((bucket) => after !== undefined || bucket >= since);
    const starts = [...new Set([...old, ...open])].sort((a, b) => a - b);
    const part = (of: readonly CampusRollup[], standing: boolean): Rollup => {
      const counts = Object.entries(addUp(of.map((each) => each.counts))) as [RollupCount, number][];
      return Object.fromEntries(counts.filter(([count]) => isStanding(count) === standing));
    };
    const standing = this.#of(campus, widened(now, now + 1));
    const lastKnown = standing.find((each) => each.lastKnown !== undefined)?.lastKnown;
    return {
      cursor: changed.upTo ?? this.#parts.last(),
      standing: part(standing, true),
      ...(lastKnown === undefined ? {} : { lastKnown }),
      buckets: starts.map((start) => ({
        start,
        counts: part(this.#of(campus, { from: start, to: start + BUCKET_MS }), false),
      })),
    };
  }

  /** What happened on one campus, and how complete that is. Ranges are widened to whole buckets. */
  happenings(campus: string, from: Timestamp, to: Timestamp): Rollup {
    const range = widened(from, to);
    const seen = this.#parts.file.rollupOf(campus, range.from, range.to);
    for (const teller of this.#parts.registry.tellersOf(campus))
      return this.#told(campus, teller, seen, range).counts;
    return completed(seen, boxesOf(this.#parts.registry.campuses.get(campus)), range);
  }

  #of(campus: string, range: Range): CampusRollup[] {
    const seen = withoutZeros(this.#parts.file.rollupOf(campus, range.from, range.to));
    const figures = [...this.#figures(range, () => seen, campus)];
    return figures.map(({ make }) => make());
  }

  /** Of all campuses, or of one; what happened there, as `seen` says. */
  *#figures(range: Range, seen: (campus: string) => Rollup, only?: string): Generator<Figures> {
    const { registry } = this.#parts;
    const watched = only === undefined ? registry.campuses : [[only, registry.campuses.get(only)] as const];
    for (const [campus, assets] of watched) {
      const boxes = boxesOf(assets);
      if (assets === undefined || boxes.length === 0) continue;
      // What it owes, and what a projector that is on adds, goes on with the clock.
      const make = () => this.#watched(campus, assets, boxes, seen(campus), range);
      yield { key: campus, campus, make };
    }
    const tellers =
      only === undefined
        ? registry.tellers
        : [...registry.tellersOf(only)].map((teller) => [teller, only] as const);
    for (const [teller, campus] of tellers) {
      const make = () => this.#told(campus, teller, seen(campus), range);
      yield { key: teller.key, campus, changed: teller.changed, make };
    }
  }

  #watched(
    campus: string,
    { devices }: CampusAssets,
    boxes: readonly NodeAsset[],
    seen: Rollup,
    range: Range,
  ): CampusRollup {
    const own = [...devices].filter(({ class: it }) => it !== undefined && it !== "hub");
    const byHealth = Map.groupBy(own, ({ health }) => health);
    const withHealth = (health: DeviceHealth): number => byHealth.get(health)?.length ?? 0;
    const counts: Rollup = {
      ...completed(seen, boxes, range),
      "devices.registered": own.length - withHealth("retired"),
      "devices.working": withHealth("working"),
      "devices.faulty": withHealth("faulty"),
      "devices.unreachable": withHealth("unreachable") + withHealth("stale"),
      "nodes.registered": boxes.length,
      "nodes.online": boxes.filter(({ online }) => online).length,
      "projector.onSeconds": this.#projectorSeconds(own, range),
    };
    return { campus, path: this.#parts.campusPath(campus), ...range, counts };
  }

  /** How things stood when the hub that watches it last told, and what it said has happened. */
  #told(
    campus: string,
    { health, metrics, path, since }: DeviceAsset,
    seen: Rollup,
    { from, to }: Range,
  ): CampusRollup {
    const counts: Partial<Record<RollupCount, number>> = { ...seen };
    let lastKnown = health === "working" ? undefined : since;
    for (const [metric, { eventTime, quality, value }] of metrics) {
      const count = rollupCountOf(metric);
      if (count === undefined || !isStanding(count) || typeof value !== "number") continue;
      counts[count] = value;
      // The hub that tells it has not heard of the campus itself.
      if (quality.status !== "good") lastKnown = Math.min(lastKnown ?? eventTime, eventTime);
    }
    const until = Math.min(to, this.#parts.now());
    const missing = lastKnown === undefined ? 0 : this.#parts.file.expectedSince(campus, from, until);
    if (missing > 0) counts["samples.expected"] = (counts["samples.expected"] ?? 0) + missing;
    return { campus, path, from, to, counts, ...(lastKnown === undefined ? {} : { lastKnown }) };
  }

  #projectorSeconds(devices: readonly DeviceAsset[], { from, to }: Range): number {
    let seconds = 0;
    for (const { key, class: deviceClass, address, retiredAt } of devices) {
      if (deviceClass !== "projector") continue;
      const node = this.#parts.registry.nodes.get(`${address.campus}/${address.node}`);
      // While the box is away nobody knows: nothing is counted after it was last heard.
      const known = retiredAt ?? (node?.online === false ? node.since : this.#parts.now());
      seconds += this.#parts.file.projectorSeconds(key, from, Math.min(to, known));
    }
    return Math.round(seconds);
  }
}

/** The agent of a hub below: what it tells is told by its devices, and it is no box of a school. */
export const isHub = ({ metrics }: NodeAsset): boolean => metrics.get("Properties/Class")?.value === "hub";

const boxesOf = (assets: CampusAssets | undefined): readonly NodeAsset[] =>
  [...(assets?.nodes ?? [])].filter((node) => !isHub(node));

/** With what was expected: what is still on its way has no time of its own, it counts where its box was last heard. */
function completed(seen: Rollup, nodes: readonly NodeAsset[], { from, to }: Range): Rollup {
  const missing = nodes
    .filter(({ heardAt }) => heardAt >= from && heardAt < to)
    .reduce(
      // What is gone without a loss record has no other place either.
      (sum, { epochs, plain, lost }) =>
        sum + outstanding({ ...completenessOf(epochs.values(), plain, lost), lost }),
      0,
    );
  const expected = (seen["samples.received"] ?? 0) + (seen["samples.lost"] ?? 0) + missing;
  return { ...seen, "samples.expected": expected };
}

const widened = (from: Timestamp, to: Timestamp): Range => ({
  from: bucketOf(from),
  to: bucketOf(to + BUCKET_MS - 1),
});

const withoutZeros = (counts: Rollup): Rollup =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
