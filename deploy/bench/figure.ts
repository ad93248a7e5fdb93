/** One figure, measured a few times. */
import type { Result } from "./result.ts";

export interface Target {
  readonly target: number;
  readonly better: "higher" | "lower";
}

/** Median, lowest and highest of the runs, and whether the median meets the target. */
export function figure(name: string, unit: string, runs: readonly number[], target?: Target): Result {
  const sorted = runs.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return {
    case: name,
    unit,
    median: rounded(median),
    min: rounded(sorted[0] ?? Number.NaN),
    max: rounded(sorted.at(-1) ?? Number.NaN),
    runs: runs.length,
    ...(target === undefined
      ? {}
      : {
          target: target.target,
          met: target.better === "higher" ? median >= target.target : median <= target.target,
        }),
  };
}

/** Three significant digits: more is noise. */
const rounded = (value: number): number => Number(value.toPrecision(3));
