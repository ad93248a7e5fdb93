/**
 * Journal and store → roll-ups, as ordinary series of the same store. The journal says which series have points in which
 * five minutes; these are marked, and folded from the store's points some time after the period has ended. What was folded
 * marks the period above it. A late point marks what it touches and nothing else, so that a back-fill ends with the same
 * roll-ups as if nothing had happened. Folding again is harmless.
 */

import type { DecodedEntry } from "@campus-ops/broker/journal";
import {
  type Address,
  addressKey,
  type MetricKind,
  type MetricName,
  metricDefinition,
  type Rollup,
  rollupCountOf,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { DatabaseFile } from "@campus-ops/service/database";
import type { TimedValue } from "../core/figures.ts";
import { CHILD, fiveMinutesOf, PARENT, periodOf, type RollupTier } from "../core/periods.ts";
import { pointValue } from "../core/points.ts";
import type { SchoolTime, ToldSchoolTime } from "../core/school-time.ts";
import type { Point, QueryPoints, Retention, WritePoints } from "../store/store.ts";
import type { Projection } from "./projection.ts";
import { type Refolding, Refolds } from "./refolds.ts";
import { RollupFile } from "./rollup-file.ts";
import { RollupFolder } from "./rollup-folder.ts";
import { type CountsTold, ToldQueue } from "./told.ts";
import { Turns } from "./turns.ts";

/** After the end of a period, and after a late point, by the journal's clock: an engine may show a new series so late. */
export const FOLD_DELAY_MS = 60_000;
/** Between two looks for what is due, by the journal's clock. */
const LOOK_MS = 5_000;
const FOLD_MARKS_MAX = 2_000;
const COMMIT_MS = 1_000;
const COMMIT_ENTRIES_MAX = 8_192;
/** Back from a change of state, that silence is taken for the same state. */
const SILENCE_MS_MAX = 31 * 86_400_000;
/** Marks remembered as made, so that every sample of five minutes does not make its own. */
const REMEMBERED_MAX = 200_000;
const FORGET_MS = 3_600_000;
/** As long as a school year is asked for as terms. */
const TOLD_MS_MAX = 400 * 86_400_000;

export interface RollupOptions {
  readonly file: DatabaseFile;
  readonly store: QueryPoints & WritePoints;
  /** Receive time of the newest entry whose points the store has been given. */
  readonly writtenUntil: () => Timestamp;
  /** Counts of what happened on a campus, its completeness among them. */
  readonly counts: (campus: string, from: Timestamp, to: Timestamp) => Rollup;
  /** Of a device or box: while it is away, nobody knows whether a state still holds. */
  readonly isOnline: (device: string) => boolean;
  readonly retention: Retention;
  readonly isAway: (error: unknown) => boolean;
  /** Milliseconds that never step back: how long a fold has gone on, see {@link Turns}. */
  readonly uptime_ms: () => number;
  /** School days and terms are to be folded anew, or, with none, all of them are about to be. */
  readonly onRefolding?: (waiting: Refolding) => void;
}

/** Of a series: what it is, and the five minutes that were marked last. */
interface SeriesMark {
  readonly kind: Exclude<MetricKind, "attribute"> | undefined;
  from: Timestamp;
  to: Timestamp;
}

export class RollupProjection implements Projection {
  readonly name = "rollups";
  readonly place = "rollups.sqlite";
  readonly #options: RollupOptions;
  readonly #file: RollupFile;
  readonly #folder: RollupFolder;
  readonly #told = new ToldQueue();
  readonly #refolds: Refolds;
  readonly #turns: Turns;
  #school: SchoolTime;
  readonly #remembered = new Set<string>();
  /** By device and metric; the counts of a campus under the campus and no metric. */
  readonly #series = new Map<string, Map<MetricName, SeriesMark>>();
  #seriesCount = 0;
  /** Series whose newest state is not that of number 0, by device. */
  readonly #holding = new Map<string, Set<MetricName>>();
  /** When each box was last heard. */
  readonly #heardAt = new Map<string, Timestamp>();
  #now: Timestamp = 0;
  #seq = 0;
  #committedAt: Timestamp = 0;
  #uncommitted = 0;
  #lookedAt: Timestamp = 0;
  #forgottenAt: Timestamp = 0;
  /** End of the five minutes that the clock is in. */
  #bucketEnd: Timestamp | undefined;

  constructor(options: RollupOptions) {
    this.#options = options;
    this.#file = new RollupFile(options.file);
    this.#school = this.#file.schoolTime();
    this.#turns = new Turns(options.uptime_ms);
    this.#refolds = new Refolds({ ...options, file: this.#file, turns: this.#turns });
    this.#folder = new RollupFolder({
      ...options,
      file: this.#file,
      turns: this.#turns,
      school: () => this.#school,
      now: () => this.#now,
    });
    this.#loadHolding();
  }

  /** Counts that another part of the hub made; resolves when they are kept. Until then they may be told again. */
  tellCounts(counts: CountsTold): Promise<void> {
    return this.#told.add(() => this.#takeCounts(counts));
  }

  /** Which days are school days, and when terms are; what that changes is folded anew. Resolves when it is kept. */
  tellSchoolTime(told: ToldSchoolTime): Promise<void> {
    return this.#told.add(() => this.#takeSchoolTime(told));
  }

  async checkpoint() {
    this.#file.rollback();
    this.#refolds.reload();
    this.#forgetMarks();
    this.#loadHolding();
    this.#uncommitted = 0;
    return this.#file.checkpoint();
  }

  isAway(error: unknown): boolean {
    return this.#options.isAway(error);
  }

  async project(entries: readonly DecodedEntry[]): Promise<void> {
    for (const entry of entries) {
      this.#file.begin();
      this.#now = Math.max(this.#now, entry.receivedAt);
      this.#seq = entry.seq;
      this.#take(entry);
      this.#turnBucket();
      this.#uncommitted += 1;
    }
    if (this.#told.isEmpty === false) this.#takeTold();
    if (this.#now - this.#committedAt >= COMMIT_MS || this.#uncommitted >= COMMIT_ENTRIES_MAX) this.#commit();
    if (this.#now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = this.#now;
    this.#commit();
    this.#file.begin();
    await this.#refolds.spread(this.#now);
    this.#file.commit();
    await this.#foldDue();
    this.#forget();
  }

  /** Series and periods that are to be folded. */
  waiting(): number {
    return this.#file.waiting();
  }

  /** School days and terms of which not every series waits to be folded anew yet. */
  refolding(): number {
    return this.#refolds.waiting;
  }

  close(): void {
    this.#told.close();
    this.#commit();
    this.#file.close();
  }

  /** Between two folds: what is told is kept with all else that was taken, or not at all. */
  #takeTold(): void {
    this.#file.begin();
    this.#told.take(() => this.#commit(true));
  }

  #takeCounts({ campus, family, from, to, counts }: CountsTold): void {
    const now = new Map(counts.map((count) => [`${count.start} ${count.metric}`, count]));
    const before = this.#file.told(campus, family, from, to);
    for (const { start, metric, value } of before) {
      const count = now.get(`${start} ${metric}`) ?? { start, metric, value: 0 };
      now.delete(`${start} ${metric}`);
      if (count.value === value) continue;
      this.#file.keepTold(campus, family, count);
      this.#mark("5m", start, "", campus);
    }
    for (const count of now.values()) {
      this.#file.keepTold(campus, family, count);
      this.#mark("5m", count.start, "", campus);
    }
  }

  #takeSchoolTime(told: ToldSchoolTime): void {
    const before = this.#school;
    const after = before.told(told);
    this.#file.keepSchoolTime(after);
    this.#school = after;
    this.#refolds.add(before, after, this.#now);
  }

  #commit(told = false): void {
    if (this.#uncommitted > 0 || told) this.#file.commit({ seq: this.#seq, receivedAt: this.#now });
    this.#committedAt = this.#now;
    this.#uncommitted = 0;
    if (this.#remembered.size > REMEMBERED_MAX) this.#remembered.clear();
  }

  #take({ address, samples, kind, events }: DecodedEntry): void {
    if (address === undefined) return;
    const device = addressKey(address);
    for (const { metric, value, quality, eventTime } of samples) {
      const series = this.#seriesOf(device, metric);
      const isMarked = eventTime >= series.from && eventTime < series.to && series.to > this.#now;
      if (isMarked || series.kind === undefined || quality.status === "bad") continue;
      const number = pointValue(metric, value);
      if (number === undefined) continue;
      if (series.kind === "state") this.#takeState(device, metric, { time: eventTime, value: number });
      else this.#markOnce(series, eventTime, metric, device);
    }
    this.#hear(address);
    if (kind !== "NDATA" && kind !== "DDATA") return;
    const campus = countedCampus(address, samples);
    const counts = this.#seriesOf(campus, "");
    for (const { eventTime } of samples) this.#markOnce(counts, eventTime, "", campus);
    for (const { eventTime } of events) this.#markOnce(counts, eventTime, "", campus);
  }

  #seriesOf(device: string, metric: MetricName): SeriesMark {
    let metrics = this.#series.get(device);
    const known = metrics?.get(metric);
    if (known !== undefined) return known;
    if (metrics === undefined || this.#seriesCount >= REMEMBERED_MAX) {
      if (this.#seriesCount >= REMEMBERED_MAX) this.#forgetMarks();
      metrics = new Map();
      this.#series.set(device, metrics);
    }
    const kind = metricDefinition(metric)?.kind;
    const series = { kind: kind === "attribute" ? undefined : kind, from: Number.NaN, to: Number.NaN };
    metrics.set(metric, series);
    this.#seriesCount += 1;
    return series;
  }

  #forgetMarks(): void {
    this.#series.clear();
    this.#seriesCount = 0;
    this.#remembered.clear();
  }

  /** Every sample comes here: what is marked already, and goes on, costs two comparisons. */
  #markOnce(series: SeriesMark, time: Timestamp, metric: MetricName, device: string): void {
    if (time >= series.from && time < series.to && series.to > this.#now) return;
    this.#mark("5m", time, metric, device);
    const { from, to } = fiveMinutesOf(time);
    series.from = from;
    series.to = to;
  }

  /** A report that changes nothing says all the same that the state has held until then. */
  #takeState(device: string, metric: MetricName, state: TimedValue): void {
    if (!Number.isInteger(state.value)) return;
    const before = this.#file.stateAt(device, metric, state.time);
    const after = this.#file.stateAfter(device, metric, state.time);
    if (before?.value !== state.value) this.#file.addState(device, metric, state);
    if (after === undefined) this.#hold(device, metric, state.value);
    // A series that rests in state 0 has no figures; all else reaches from the change before to the one after.
    const begins = before === undefined || before.value === 0 ? state.time : before.time;
    const rests = state.value === 0 && (before?.value ?? 0) === 0;
    const from = Math.max(begins, state.time - SILENCE_MS_MAX);
    const to = rests ? state.time : Math.max(after?.time ?? this.#now, state.time);
    for (let period = fiveMinutesOf(from); period.from <= to; period = fiveMinutesOf(period.to))
      this.#mark("5m", period.from, metric, device);
  }

  /** A state that goes on says nothing: what holds when five minutes end has held in them. */
  #turnBucket(): void {
    if (this.#bucketEnd === undefined || this.#now < this.#bucketEnd) {
      this.#bucketEnd ??= fiveMinutesOf(this.#now).to;
      return;
    }
    const ended = this.#bucketEnd - 1;
    this.#bucketEnd = fiveMinutesOf(this.#now).to;
    for (const [device, metrics] of this.#holding) {
      if (!this.#options.isOnline(device)) continue;
      for (const metric of metrics) this.#mark("5m", ended, metric, device);
    }
  }

  /** What a box has not delivered yet counts where it was last heard: to be looked at again when it is back. */
  #hear({ campus, node }: Address): void {
    const key = `${campus}/${node}`;
    const before = this.#heardAt.get(key);
    if (before !== undefined) this.#markOnce(this.#seriesOf(campus, ""), before, "", campus);
    this.#heardAt.set(key, this.#now);
  }

  #loadHolding(): void {
    this.#holding.clear();
    for (const { device, metric, value } of this.#file.newestStates()) this.#hold(device, metric, value);
  }

  #hold(device: string, metric: MetricName, value: number): void {
    const metrics = this.#holding.get(device) ?? new Set();
    if (value === 0) metrics.delete(metric);
    else metrics.add(metric);
    this.#holding.set(device, metrics);
  }

  #mark(tier: RollupTier, time: Timestamp, metric: MetricName, device: string): void {
    if (tier === "schoolDay") this.#file.addDay(this.#school.dayOf(time));
    const period = periodOf(tier, time, this.#school);
    if (period === undefined) return;
    // Nobody can fold what is gone: what was folded of it while it was there stays.
    if (period.from < this.#now - this.#options.retention[CHILD[tier]]) return;
    const key = `${tier} ${period.from} ${metric} ${device}`;
    // What has ended is late: it must be looked at again however often it was. A term is told while it lasts.
    const waits = period.to > this.#now && tier !== "term";
    if (waits && this.#remembered.has(key)) return;
    if (waits) this.#remembered.add(key);
    if (tier === "5m" && metric !== "") this.#file.addSeries(metric, device);
    const due = (waits ? period.to : this.#now) + FOLD_DELAY_MS;
    this.#file.mark({ tier, start: period.from, metric, device, due });
  }

  /** All that is due, some at a time. What comes in while it gives way is taken, and marks what it changes, afterwards. */
  async #foldDue(): Promise<void> {
    for (;;) {
      // The store may be behind: what is due by its own time is what it holds whole.
      const held = Math.min(this.#now, this.#options.writtenUntil());
      const marks = this.#file.dueMarks(held, FOLD_MARKS_MAX);
      if (marks.length === 0) return;
      const points: Point[] = [];
      this.#file.begin();
      try {
        const together = Map.groupBy(marks, ({ tier, metric }) => `${tier} ${metric}`);
        for (const own of together.values()) points.push(...(await this.#folder.fold(own)));
        await this.#options.store.write(points);
      } catch (error) {
        this.#file.rollback();
        throw error;
      }
      for (const mark of marks) {
        this.#file.unmark(mark);
        if (this.#turns.areOver) await this.#turns.give();
      }
      // Only now: a parent may have been among those that were just folded, without this child's new figures.
      for (const mark of marks) {
        const parent = PARENT[mark.tier];
        if (parent !== undefined) this.#mark(parent, mark.start, mark.metric, mark.device);
        if (this.#turns.areOver) await this.#turns.give();
      }
      this.#file.commit();
    }
  }

  #forget(): void {
    if (this.#now - this.#forgottenAt < FORGET_MS) return;
    this.#forgottenAt = this.#now;
    const { retention } = this.#options;
    this.#file.forgetTold(this.#now - TOLD_MS_MAX);
    const before = (tier: RollupTier) => this.#now - retention[tier];
    this.#file.forget({
      "5m": before("5m"),
      hour: before("hour"),
      schoolDay: before("schoolDay"),
      term: before("term"),
    });
  }
}

/** Whose counts an entry changes. A hub below has a device for each of its campuses, which has the campus's name. */
function countedCampus({ campus, device }: Address, samples: DecodedEntry["samples"]): string {
  const isTold = device !== undefined && samples.some(({ metric }) => rollupCountOf(metric) !== undefined);
  return isTold ? device : campus;
}
