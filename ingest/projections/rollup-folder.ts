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
import { PointWindow } from "./point-window.ts";
import type { Mark, RollupFile } from "./rollup-file.ts";
import type { Turns } from "./turns.ts";

/** Before a period, that the last value of a counter is looked for. */
const COUNTER_BEFORE_MS = 3_600_000;
/** Devices that are folded together; a campus is never parted. */
const DEVICES_TOGETHER = 100;
/** Neighbouring periods that are folded together, of so many devices; of fewer periods where there are more devices. */
const PERIODS_TOGETHER = 12;
const FIGURES_TOGETHER = PERIODS_TOGETHER * DEVICES_TOGETHER;
const PERCENTILES = { p50: 0.5, p95: 0.95 } as const;
/** Counts of a campus that add up; those of states (`devices.…`) do not. */
const COUNTED = /^(access|screening|samples)\./;
/** Figures that add: nothing of them is 0. */
const ADDS = /^(count|sum|increase|seconds-\d+)$/;

export interface FolderParts {
  readonly file: RollupFile;
  readonly store: QueryPoints;
  readonly turns: Turns;
  readonly school: () => SchoolTime;
  /** By the journal's clock. */
  readonly now: () => Timestamp;
  /** Counts of what happened on a campus, its completeness among them. */
  readonly counts: (campus: string, from: Timestamp, to: Timestamp) => Rollup;
}

/** A period to be folded, of one metric of some devices; no period where there is none any more. */
interface Folded {
  readonly tier: RollupTier;
  readonly start: Timestamp;
  readonly period: Period | undefined;
  readonly devices: readonly string[];
}

export class RollupFolder {
  readonly #parts: FolderParts;

  constructor(parts: FolderParts) {
    this.#parts = parts;
  }

  /** Of marks of one tier and metric. After days offline there are many periods: neighbours are read together. */
  async fold(marks: readonly Mark[]): Promise<Point[]> {
    const [{ tier, metric } = { tier: "5m" as const, metric: "" }] = marks;
    const points: Point[] = [];
    for (const together of wholeCampuses(marks)) {
      for (const run of this.#runsOf(tier, metric, together)) {
        const window = this.#windowOf(tier, metric, run);
        for (const folded of run) {
          points.push(...(await this.#foldPeriod(metric, folded, window)));
          if (this.#parts.turns.areOver) await this.#parts.turns.give();
        }
      }
    }
    return points;
  }

  /** Neighbouring periods, as many as may be read together. What is no period any more stands by itself. */
  #runsOf(tier: RollupTier, metric: MetricName, marks: readonly Mark[]): Folded[][] {
    const devices = new Set(marks.map(({ device }) => device));
    // Percentiles are of all devices of a campus, whichever were marked.
    if (hasSketchOf(metric) && CHILD[tier] === "raw")
      for (const campus of new Set([...devices].map(campusOf)))
        for (const device of this.#parts.file.devicesOf(metric, campus)) devices.add(device);
    const length = Math.min(PERIODS_TOGETHER, Math.max(1, Math.floor(FIGURES_TOGETHER / devices.size)));
    const runs: Folded[][] = [];
    for (const [start, own] of [...Map.groupBy(marks, (mark) => mark.start)].sort(([a], [b]) => a - b)) {
      const found = periodOf(tier, start, this.#parts.school());
      const period = found?.from === start ? found : undefined;
      const folded = { tier, start, period, devices: own.map(({ device }) => device) };
      const run = runs.at(-1);
      const follows = period !== undefined && run?.at(-1)?.period?.to === start;
      if (run !== undefined && follows && run.length < length) run.push(folded);
      else runs.push([folded]);
    }
    return runs;
  }

  #windowOf(tier: RollupTier, metric: MetricName, run: readonly Folded[]): PointWindow {
    const [first, last] = [run[0]?.start ?? 0, run.at(-1)];
    const isCounter = CHILD[tier] === "raw" && metricDefinition(metric)?.kind === "counter";
    const to = last?.period?.to ?? first + 1;
    return new PointWindow(this.#parts.store, isCounter ? first - COUNTER_BEFORE_MS : first, to);
  }

  async #foldPeriod(metric: MetricName, folded: Folded, window: PointWindow): Promise<Point[]> {
    const { period, devices } = folded;
    if (period === undefined) return this.#clear(metric, folded, window);
    if (metric === "") return this.#each(devices, (campus) => this.#countsOf(campus, period));
    const kind = metricDefinition(metric)?.kind;
    if (kind === undefined || kind === "attribute") return [];
    const figures = await this.#figuresOf(kind, metric, devices, period, window);
    const points = [...figures].flatMap(([device, own]) => pointsOf(metric, device, period, own));
    if (!hasSketchOf(metric)) return points;
    for (const campus of new Set(devices.map(campusOf))) {
      points.push(...(await this.#percentilesOf(metric, campus, period, window)));
      if (this.#parts.turns.areOver) await this.#parts.turns.give();
    }
    return points;
  }

  /** Of one campus or device after the other; between two of them everything else may have its turn. */
  async #each<T>(these: readonly string[], fold: (one: string) => readonly T[]): Promise<T[]> {
    const found: T[] = [];
    for (const one of these) {
      found.push(...fold(one));
      if (this.#parts.turns.areOver) await this.#parts.turns.give();
    }
    return found;
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
  async #clear(metric: MetricName, { tier, start, devices }: Folded, window: PointWindow): Promise<Point[]> {
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
        const series = rollupMetric(each, tier, name);
        points.push(...cleared(series, await window.points(series, devices, start, start + 1)));
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
    period: Period,
    window: PointWindow,
  ): Promise<ReadonlyMap<string, Figures>> {
    const { tier, from, to } = period;
    if (CHILD[tier] !== "raw") {
      const names = kind === "state" ? this.#statesOf(metric) : FIGURES[kind];
      return this.#childrenOf(names, metric, devices, period, window);
    }
    if (kind === "state") {
      // A state that was folded into it before, and has gone, is told as none.
      const none = Object.fromEntries(this.#statesOf(metric).map((name) => [name, 0]));
      const until = Math.min(to, this.#parts.now());
      const figures = await this.#each(devices, (device): [string, Figures][] => {
        const states = this.#parts.file.states(device, metric, from, to);
        return [[device, { ...none, ...secondsInStates(states, from, until) }]];
      });
      return new Map(figures);
    }
    const before_ms = kind === "counter" ? COUNTER_BEFORE_MS : 0;
    const found = await window.points(metric, devices, from - before_ms, to);
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
    window: PointWindow,
  ): Promise<ReadonlyMap<string, Figures>> {
    const child = CHILD[tier] as RollupTier;
    const figures = new Map<string, Figures>();
    for (const name of names) {
      const found = await window.points(rollupMetric(metric, child, name), devices, from, to);
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

  /** What begins at another midnight is of a zone of before, and empty. */
  #isSchoolDay(time: Timestamp): boolean {
    const school = this.#parts.school();
    const day = school.dayOf(time);
    return school.isSchoolDay(day) && school.midnight(day) === time;
  }

  /** Over all devices of the campus, of which only some may have been marked. */
  async #percentilesOf(
    metric: MetricName,
    campus: string,
    period: Period,
    window: PointWindow,
  ): Promise<Point[]> {
    const { tier, from, to } = period;
    const child = CHILD[tier];
    const sketch =
      child === "raw"
        ? await this.#sketchOf(metric, campus, period, window)
        : mergeSketches(this.#parts.file.sketches(child, metric, campus, from, to));
    this.#parts.file.keepSketch(tier, metric, campus, from, sketch);
    const figures = Object.entries(PERCENTILES).flatMap(([name, quantile]) => {
      const value = quantileOf(sketch, quantile);
      return value === undefined ? [] : [[name, value] as const];
    });
    return pointsOf(metric, campus, period, Object.fromEntries(figures));
  }

  async #sketchOf(metric: MetricName, campus: string, { from, to }: Period, window: PointWindow) {
    const found = await window.points(metric, this.#parts.file.devicesOf(metric, campus), from, to);
    return sketchOf([...found.values()].flatMap((points) => points.map(({ value }) => value)));
  }
}

const hasSketchOf = (metric: MetricName): boolean => metricDefinition(metric)?.kind === "gauge";

/** Marks of some campuses: enough devices to make a question worth while, and all of each campus. */
function* wholeCampuses(marks: readonly Mark[]): Generator<readonly Mark[]> {
  let together: Mark[] = [];
  const devices = new Set<string>();
  for (const own of Map.groupBy(marks, ({ device }) => campusOf(device)).values()) {
    together.push(...own);
    for (const { device } of own) devices.add(device);
    if (devices.size < DEVICES_TOGETHER) continue;
    yield together;
    together = [];
    devices.clear();
  }
  if (together.length > 0) yield together;
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
