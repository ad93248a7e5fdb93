/**
 * Which values of which assets a file does not hold yet, and from where in the journal they can be read again.
 *
 * A device reports the same metrics again and again. Kept at each commit, every report would be a row written; kept in
 * turn, the oldest first and a part of them at each commit, a metric is a row once in a while however often it changes. What
 * a crash takes with it is read again: a fold of values over entries that it has seen already ends where it was.
 */
import type { MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** A turn through everything unsaved takes so many commits, unless that would be less than {@link TURN_VALUES_MIN} each. */
export const TURN_COMMITS = 8;
/** Values of one commit that are kept in any case: a small hub has all of them in its file, as of each commit. */
export const TURN_VALUES_MIN = 1_000;

/** An entry of the journal. */
export interface JournalPlace {
  readonly seq: number;
  readonly receivedAt: Timestamp;
}

interface Unsaved {
  readonly names: Set<MetricName>;
  /** The newest entry before the first that changed any of them. */
  readonly after: JournalPlace;
}

export class UnsavedValues {
  /** The oldest first. */
  readonly #assets = new Map<string, Unsaved>();
  #count = 0;
  /** Values of a commit in this turn, and values of the turn that are left. */
  #share = 0;
  #left = 0;

  get count(): number {
    return this.#count;
  }

  /** Changed by entries after that place. */
  add(changed: ReadonlyMap<string, ReadonlySet<MetricName>>, after: JournalPlace): void {
    for (const [asset, names] of changed) {
      let unsaved = this.#assets.get(asset);
      if (unsaved === undefined) {
        unsaved = { names: new Set(), after };
        this.#assets.set(asset, unsaved);
      }
      const before = unsaved.names.size;
      for (const name of names) unsaved.names.add(name);
      this.#count += unsaved.names.size - before;
    }
  }

  /** What one commit keeps, whole assets; it counts as saved from now on. */
  take(): Iterable<readonly [asset: string, names: ReadonlySet<MetricName>]> {
    if (this.#left <= 0) {
      this.#left = this.#count;
      this.#share = Math.max(TURN_VALUES_MIN, Math.ceil(this.#count / TURN_COMMITS));
    }
    return this.#takeOldest(this.#share);
  }

  takeAll(): Iterable<readonly [asset: string, names: ReadonlySet<MetricName>]> {
    return this.#takeOldest(Number.POSITIVE_INFINITY);
  }

  clear(): void {
    this.#assets.clear();
    this.#count = 0;
    this.#left = 0;
  }

  /** Everything that is still unsaved is in entries after this place; `taken` is the newest entry that was taken. */
  savedUntil(taken: JournalPlace): JournalPlace {
    const [oldest] = this.#assets.values();
    return oldest?.after ?? taken;
  }

  #takeOldest(share: number): [string, ReadonlySet<MetricName>][] {
    const taken: [string, ReadonlySet<MetricName>][] = [];
    let values = 0;
    for (const [asset, { names }] of this.#assets) {
      if (values >= share) break;
      taken.push([asset, names]);
      values += names.size;
      this.#assets.delete(asset);
    }
    this.#count -= values;
    this.#left -= values;
    return taken;
  }
}
