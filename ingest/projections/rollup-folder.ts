/** How one period of one metric is folded: from the points below it, from states, from counts; and what becomes of it when it is none any more. */
import {
  type MetricKind,
  type MetricName,
  metricDefinition,
  ROLLUP_COUNTS,
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
import { CHILD, type Period, periodOf, piecesOf, type RollupTier } from "../core/periods.ts";
import type { SchoolTime } from "../core/school-time.ts";
import { campusOf, rollupMetric } from "../core/series-name.ts";
import { mergeSketches, quantileOf, sketchOf } from "../core/sketch.ts";
import type { Point, QueryPoints } from "../store/store.ts";
import type { Mark, RollupFile } from "./rollup-file.ts";

/** Before a period, that the last value of a counter is looked for. */
const COUNTER_BEFORE_MS = 3_600_000;
/** Points of one question to the store. */
const POINTS_MAX = 2_000_000;
const DEVICES_MAX = 100;
const PERCENTILES = { p50: 0.5, p95: 0.95 } as const;
/** Counts of a campus that add up; those of states (`devices.…`) do not. */
const COUNTED = /^(access|screening|samples)\./;
/** Figures that add: nothing of them is 0. */
const ADDS = /^(count|sum|increase|seconds-\d+)$/;

export interface FolderParts {
  readonly file: RollupFile;
  readonly store: QueryPoints;
  readonly school: () => SchoolTime;
  /** By the journal's clock. */
  readonly now: () => Timestamp;
  /** Counts of what happened on a campus, its completeness among them. */
  readonly counts: (campus: string, from: Timestamp, to: Timestamp) => Rollup;
}

export class RollupFolder {
  readonly #parts: FolderParts;

  constructor(parts: FolderParts) {
    this.#parts = parts;
  }

  /** Of marks of one tier, period and metric. */
  async fold(marks: readonly Mark[]): Promise<Point[]> {
    const [{ tier, start, metric } = { tier: "5m" as const, start: 0, metric: "" }] = marks;
    const devices = marks.map(({ device }) => device);
    const period = periodOf(tier, start, this.#parts.school());
    if (period === undefined || period.from !== start) return this.#clear(tier, start, metric, devices);
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
    const sums = new Map<string, number>();
    const add = (name: string, value: number) => sums.set(name, (sums.get(name) ?? 0) + value);
    for (const { from, to } of piecesOf(period, this.#parts.school())) {
      for (const [name, value] of Object.entries(this.#parts.counts(campus, from, to)))
        if (COUNTED.test(name)) add(`Counts/${camelCase(name)}`, value);
      for (const { metric, sum } of this.#parts.file.toldSums(campus, from, to)) add(metric, sum);
    }
    return [...sums].flatMap(([metric, sum]) => pointsOf(metric, campus, period, { sum }));
  }

  /** It is no school day any more, or no term begins there: what adds becomes nothing. */
  async #clear(
    tier: RollupTier,
    start: Timestamp,
    metric: MetricName,
    devices: readonly string[],
  ): Promise<Point[]> {
    const kind = metricDefinition(metric)?.kind;
    const names =
      kind === undefined || kind === "attribute"
        ? ["sum"]
        : kind === "state"
          ? this.#statesOf(metric)
          : FIGURES[kind];
    const metrics = metric === "" ? this.#countsEver(devices) : [metric];
    const points: Point[] = [];
    for (const each of metrics) {
      for (const campus of new Set(devices.map(campusOf)))
        this.#parts.file.dropSketch(tier, each, campus, start);
      for (const name of names.filter((one) => ADDS.test(one))) {
        const found = await this.#pointsOf(rollupMetric(each, tier, name), devices, start, start + 1);
        points.push(...cleared(rollupMetric(each, tier, name), found));
      }
    }
    return points;
  }

  #countsEver(campuses: readonly string[]): string[] {
    const told = campuses.flatMap((campus) => this.#parts.file.toldSums(campus, 0, this.#parts.now()));
    const own = Object.keys(ROLLUP_COUNTS).filter((name) => COUNTED.test(name));
    const names = [...own.map((name) => `Counts/${camelCase(name)}`), ...told.map(({ metric }) => metric)];
    return [...new Set(names)];
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
          const states = this.#parts.file.states(device, metric, from, to);
          return [device, { ...none, ...secondsInStates(states, from, Math.min(to, this.#parts.now())) }];
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
    return this.#parts.file
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
      for (const [device, points] of found) {
        const own = points.filter(({ time }) => child !== "schoolDay" || this.#isSchoolDay(time));
        figures.set(device, {
          ...figures.get(device),
          ...foldFigures(own.map(({ value }) => ({ [name]: value }))),
        });
      }
    }
    return figures;
  }

  #isSchoolDay(time: Timestamp): boolean {
    return this.#parts.school().isSchoolDay(this.#parts.school().dayOf(time));
  }

  /** Over all devices of the campus, of which only some may have been marked. */
  async #percentilesOf(metric: MetricName, campus: string, period: Period): Promise<Point[]> {
    const { tier, from, to } = period;
    const child = CHILD[tier];
    let sketch = mergeSketches([]);
    if (child === "raw") {
      const devices = this.#parts.file.devicesOf(metric, campus);
      for (let at = 0; at < devices.length; at += DEVICES_MAX) {
        const found = await this.#pointsOf(metric, devices.slice(at, at + DEVICES_MAX), from, to);
        const values = [...found.values()].flatMap((points) => points.map(({ value }) => value));
        sketch = mergeSketches([sketch, sketchOf(values)]);
      }
    } else {
      sketch = mergeSketches(this.#parts.file.sketches(child, metric, campus, from, to));
    }
    this.#parts.file.keepSketch(tier, metric, campus, from, sketch);
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
    const { series, truncated } = await this.#parts.store.query({
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

/** Zeros in place of what stands there. */
function cleared(metric: MetricName, found: ReadonlyMap<string, readonly TimedValue[]>): Point[] {
  return [...found].flatMap(([device, points]) =>
    points.flatMap(({ time, value }) => (value === 0 ? [] : [{ device, metric, time, value: 0 }])),
  );
}
