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
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import {
  FIGURES,
  type Figures,
  figuresOf,
  foldFigures,
  secondsInStates,
  type TimedValue,
} from "../core/figures.ts";
import { CHILD, PARENT, type Period, periodOf, type RollupTier, type Term } from "../core/periods.ts";
import { pointValue } from "../core/points.ts";
import { campusOf, rollupMetric } from "../core/series-name.ts";
import { mergeSketches, quantileOf, sketchOf } from "../core/sketch.ts";
import type { Point, QueryPoints, Retention, WritePoints } from "../store/store.ts";
import type { Projection } from "./projection.ts";
import { type Mark, RollupFile } from "./rollup-file.ts";

/** After the end of a period, and after a late point, by the journal's clock: an engine may show a new series so late. */
export const FOLD_DELAY_MS = 60_000;
/** Between two looks for what is due, by the journal's clock. */
const LOOK_MS = 5_000;
const FOLD_MARKS_MAX = 2_000;
const COMMIT_MS = 1_000;
const COMMIT_ENTRIES_MAX = 8_192;
/** Before a period, that the last value of a counter is looked for. */
const COUNTER_BEFORE_MS = 3_600_000;
/** Back from a change of state, that silence is taken for the same state. */
const SILENCE_MS_MAX = 31 * 86_400_000;
/** Points of one question to the store. */
const POINTS_MAX = 2_000_000;
const DEVICES_MAX = 100;
/** Marks remembered as made, so that every sample of five minutes does not make its own. */
const REMEMBERED_MAX = 200_000;
const FORGET_MS = 3_600_000;
const PERCENTILES = { p50: 0.5, p95: 0.95 } as const;
/** Counts of a campus that add up; those of states (`devices.…`) do not. */
const COUNTED = /^(access|screening|samples)\./;

export interface RollupOptions {
  readonly file: string;
  readonly store: QueryPoints & WritePoints;
  readonly terms: readonly Term[];
  /** Receive time of the newest entry whose points the store has been given. */
  readonly writtenUntil: () => Timestamp;
  /** Counts of what happened on a campus, its completeness among them. */
  readonly counts: (campus: string, from: Timestamp, to: Timestamp) => Rollup;
  /** Of a device or box: while it is away, nobody knows whether a state still holds. */
  readonly isOnline: (device: string) => boolean;
  readonly retention: Retention;
  readonly isAway: (error: unknown) => boolean;
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
    this.#loadHolding();
  }

  async checkpoint() {
    this.#file.rollback();
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
    if (this.#now - this.#committedAt >= COMMIT_MS || this.#uncommitted >= COMMIT_ENTRIES_MAX) this.#commit();
    if (this.#now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = this.#now;
    this.#commit();
    await this.#foldDue();
    this.#forget();
  }

  /** Series and periods that are to be folded. */
  waiting(): number {
    return this.#file.waiting();
  }

  close(): void {
    this.#commit();
    this.#file.close();
  }

  #commit(): void {
    if (this.#uncommitted > 0) this.#file.commit({ seq: this.#seq, receivedAt: this.#now });
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
    const campus = this.#seriesOf(address.campus, "");
    for (const { eventTime } of samples) this.#markOnce(campus, eventTime, "", address.campus);
    for (const { eventTime } of events) this.#markOnce(campus, eventTime, "", address.campus);
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
    const period = periodOf("5m", time, []);
    series.from = period?.from ?? Number.NaN;
    series.to = period?.to ?? Number.NaN;
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
    for (let period = periodOf("5m", from, []); period !== undefined && period.from <= to; ) {
      this.#mark("5m", period.from, metric, device);
      period = periodOf("5m", period.to, []);
    }
  }

  /** A state that goes on says nothing: what holds when five minutes end has held in them. */
  #turnBucket(): void {
    if (this.#bucketEnd === undefined || this.#now < this.#bucketEnd) {
      this.#bucketEnd ??= periodOf("5m", this.#now, [])?.to;
      return;
    }
    const ended = this.#bucketEnd - 1;
    this.#bucketEnd = periodOf("5m", this.#now, [])?.to;
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
    const period = periodOf(tier, time, this.#options.terms);
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

  /** All that is due, some at a time. */
  async #foldDue(): Promise<void> {
    for (;;) {
      // The store may be behind: what is due by its own time is what it holds whole.
      const held = Math.min(this.#now, this.#options.writtenUntil());
      const marks = this.#file.dueMarks(held, FOLD_MARKS_MAX);
      if (marks.length === 0) return;
      const points: Point[] = [];
      this.#file.begin();
      try {
        const together = Map.groupBy(marks, ({ tier, start, metric }) => `${tier} ${start} ${metric}`);
        for (const own of together.values()) points.push(...(await this.#fold(own)));
        await this.#options.store.write(points);
      } catch (error) {
        this.#file.rollback();
        throw error;
      }
      for (const mark of marks) this.#file.unmark(mark);
      // Only now: a parent may have been among those that were just folded, without this child's new figures.
      for (const mark of marks) {
        const parent = PARENT[mark.tier];
        if (parent !== undefined) this.#mark(parent, mark.start, mark.metric, mark.device);
      }
      this.#file.commit();
    }
  }

  /** Of marks of one tier, period and metric. */
  async #fold(marks: readonly Mark[]): Promise<Point[]> {
    const [{ tier, start, metric } = { tier: "5m" as const, start: 0, metric: "" }] = marks;
    const period = periodOf(tier, start, this.#options.terms);
    if (period === undefined) return [];
    const devices = marks.map(({ device }) => device);
    if (metric === "") return devices.flatMap((campus) => this.#countsOf(campus, period));
    const kind = metricDefinition(metric)?.kind;
    if (kind === undefined || kind === "attribute") return [];
    const points: Point[] = [];
    for (let at = 0; at < devices.length; at += DEVICES_MAX) {
      const some = devices.slice(at, at + DEVICES_MAX);
      const figures = await this.#figuresOf(kind, metric, some, period);
      for (const [device, own] of figures) points.push(...pointsOf(metric, device, period, own));
    }
    if (kind !== "gauge") return points;
    for (const campus of new Set(devices.map(campusOf)))
      points.push(...(await this.#percentilesOf(metric, campus, period)));
    return points;
  }

  #countsOf(campus: string, period: Period): Point[] {
    const counts = Object.entries(this.#options.counts(campus, period.from, period.to));
    return counts.flatMap(([name, value]) =>
      COUNTED.test(name) ? pointsOf(`Counts/${camelCase(name)}`, campus, period, { sum: value }) : [],
    );
  }

  async #figuresOf(
    kind: Exclude<MetricKind, "attribute">,
    metric: MetricName,
    devices: readonly string[],
    { tier, from, to }: Period,
  ): Promise<ReadonlyMap<string, Figures>> {
    const child = CHILD[tier];
    if (child !== "raw")
      return this.#childrenOf(kind === "state" ? this.#statesOf(metric) : FIGURES[kind], metric, devices, {
        tier,
        from,
        to,
      });
    if (kind === "state") {
      // A state that was folded into it before, and has gone, is told as none.
      const none = Object.fromEntries(this.#statesOf(metric).map((name) => [name, 0]));
      return new Map(
        devices.map((device) => {
          const states = this.#file.states(device, metric, from, to);
          return [device, { ...none, ...secondsInStates(states, from, Math.min(to, this.#now)) }];
        }),
      );
    }
    const before_ms = kind === "counter" ? COUNTER_BEFORE_MS : 0;
    const found = await this.#pointsOf(metric, devices, from - before_ms, to);
    return new Map(
      [...found].map(([device, points]) => {
        const own = points.filter(({ time }) => time >= from);
        return [
          device,
          figuresOf(
            kind,
            own,
            points.findLast(({ time }) => time < from),
          ),
        ];
      }),
    );
  }

  #statesOf(metric: MetricName): string[] {
    return this.#file
      .stateNumbers(metric)
      .filter((state) => state !== 0)
      .map((state) => `seconds-${state}`);
  }

  async #childrenOf(
    names: readonly string[],
    metric: MetricName,
    devices: readonly string[],
    { tier, from, to }: Period,
  ): Promise<ReadonlyMap<string, Figures>> {
    const child = CHILD[tier] as RollupTier;
    const figures = new Map<string, Figures>();
    for (const name of names) {
      const found = await this.#pointsOf(rollupMetric(metric, child, name), devices, from, to);
      for (const [device, points] of found)
        figures.set(device, {
          ...figures.get(device),
          ...foldFigures(points.map(({ value }) => ({ [name]: value }))),
        });
    }
    return figures;
  }

  /** Over all devices of the campus, of which only some may have been marked. */
  async #percentilesOf(metric: MetricName, campus: string, period: Period): Promise<Point[]> {
    const { tier, from, to } = period;
    const child = CHILD[tier];
    let sketch = mergeSketches([]);
    if (child === "raw") {
      const devices = this.#file.devicesOf(metric, campus);
      for (let at = 0; at < devices.length; at += DEVICES_MAX) {
        const found = await this.#pointsOf(metric, devices.slice(at, at + DEVICES_MAX), from, to);
        const values = [...found.values()].flatMap((points) => points.map(({ value }) => value));
        sketch = mergeSketches([sketch, sketchOf(values)]);
      }
    } else {
      sketch = mergeSketches(this.#file.sketches(child, metric, campus, from, to));
    }
    this.#file.keepSketch(tier, metric, campus, from, sketch);
    const figures = Object.entries(PERCENTILES).flatMap(([name, quantile]) => {
      const value = quantileOf(sketch, quantile);
      return value === undefined ? [] : [[name, value] as const];
    });
    return pointsOf(metric, campus, period, Object.fromEntries(figures));
  }

  async #pointsOf(
    metric: MetricName,
    devices: readonly string[],
    from: Timestamp,
    to: Timestamp,
  ): Promise<Map<string, TimedValue[]>> {
    const groups = new Map(devices.map((device) => [device, device]));
    const { series, truncated } = await this.#options.store.query({
      metric,
      groups,
      from,
      to,
      limit: POINTS_MAX,
    });
    if (truncated)
      throw new Error(
        `more than ${POINTS_MAX} points of ${metric} in one period of ${devices.length} devices`,
      );
    return new Map(series.map(({ key, points }) => [key, points.map(([time, value]) => ({ time, value }))]));
  }

  #forget(): void {
    if (this.#now - this.#forgottenAt < FORGET_MS) return;
    this.#forgottenAt = this.#now;
    const { retention } = this.#options;
    const before = (tier: RollupTier) => this.#now - retention[tier];
    this.#file.forget({
      "5m": before("5m"),
      hour: before("hour"),
      schoolDay: before("schoolDay"),
      term: before("term"),
    });
  }
}

function pointsOf(metric: MetricName, device: string, { tier, from }: Period, figures: Figures): Point[] {
  const { sum, count } = figures;
  // What people ask for; `sum` stays, because means do not add.
  const mean = sum !== undefined && count !== undefined && count > 0 ? { mean: sum / count } : {};
  return Object.entries({ ...figures, ...mean }).map(([name, value]) => ({
    device,
    metric: rollupMetric(metric, tier, name),
    time: from,
    value,
  }));
}

/** `samples.expected` → `samplesExpected`: a name that needs no quotes anywhere. */
function camelCase(name: string): string {
  return name.replaceAll(/\.(.)/g, (_, letter: string) => letter.toUpperCase());
}
