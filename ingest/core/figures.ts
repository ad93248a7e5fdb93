/**
 * What a roll-up says of one series in one period, and how those of shorter periods make that of a longer one. Folding is
 * adding, least and greatest: in whatever order the children come, the parent is the same.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { secondsOn, type Transition } from "./rollup.ts";

/**
 * gauge: `count`, `sum`, `min`, `max` · counter: `count`, `increase` · state: `seconds-<number of the state>`,
 * see `points.ts` for the numbers. A figure that is not there is that of a period without points.
 */
export type Figures = Readonly<Record<string, number>>;

/** Those that every series of a kind has; a state's depend on the states it was in. */
export const FIGURES = { gauge: ["count", "sum", "min", "max"], counter: ["count", "increase"] } as const;

export interface TimedValue {
  readonly time: Timestamp;
  readonly value: number;
}

/** `points` of the period, in order of time; `before` is the newest point before them, where one is known. */
export function figuresOf(
  kind: "gauge" | "counter",
  points: readonly TimedValue[],
  before: TimedValue | undefined,
): Figures {
  if (points.length === 0) return {};
  if (kind === "counter") return { count: points.length, increase: increaseOf(points, before) };
  const values = points.map(({ value }) => value);
  return {
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    min: values.reduce((least, value) => Math.min(least, value)),
    max: values.reduce((most, value) => Math.max(most, value)),
  };
}

/**
 * How much a counter has counted. One that goes down has started again at 0: it has counted at least what it shows. What
 * it counted since the last point of the period before belongs to this one.
 */
export function increaseOf(points: readonly TimedValue[], before: TimedValue | undefined): number {
  let increase = 0;
  let last = before;
  for (const point of points) {
    if (last !== undefined) increase += point.value >= last.value ? point.value - last.value : point.value;
    last = point;
  }
  return increase;
}

/** Seconds in each state but that of number 0, which is the rest; `transitions` in order of time, the one that holds at the beginning of the period first. */
export function secondsInStates(transitions: readonly TimedValue[], from: Timestamp, to: Timestamp): Figures {
  const states = new Set(transitions.map(({ value }) => value).filter((value) => value !== 0));
  const figures: Record<string, number> = {};
  for (const state of states) {
    const of = transitions.map(({ time, value }): Transition => ({ time, on: value === state }));
    const seconds = secondsOn(of, from, to);
    if (seconds > 0) figures[`seconds-${state}`] = seconds;
  }
  return figures;
}

export function foldFigures(children: Iterable<Figures>): Figures {
  const parent: Record<string, number> = {};
  for (const child of children) {
    for (const [name, value] of Object.entries(child)) {
      const known = parent[name];
      parent[name] = known === undefined ? value : combine(name, known, value);
    }
  }
  return parent;
}

function combine(name: string, a: number, b: number): number {
  if (name === "min") return Math.min(a, b);
  return name === "max" ? Math.max(a, b) : a + b;
}
