/**
 * The rules core: samples a second through 300 rules over 20,000 series, what a flood does to it, and 8,000 rules. The
 * same threshold and window rules run in Node-RED's own runtime, in the same run, one process after the other.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "hdr-histogram-js";
import { figure } from "./figure.ts";
import { nodeRedRate } from "./node-red.ts";
import type { Report, Result } from "./result.ts";
import type { Flood } from "./rules-flood.ts";
import { DEVICES, engineOf, round, rules300, SERIES_EACH } from "./rules-load.ts";
import type { ManyRules } from "./rules-many.ts";

const RUNS = 5;
const ROUNDS = 60;
const RATE_TARGET = 1_000_000;
const NODE_RED_TARGET = 20;
const RSS_TARGET_MIB = 300;

export async function rules(report: Report): Promise<void> {
  const inputs = Array.from({ length: ROUNDS }, (_, index) => round(index)).flat();
  const samples = ROUNDS * DEVICES * SERIES_EACH;
  const rates: number[] = [];
  const latency = build({ numberOfSignificantValueDigits: 3, lowestDiscernibleValue: 1 });
  let alarms = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const engine = engineOf(rules300());
    const begin = process.cpuUsage();
    for (const input of inputs)
      for (const effect of engine.step(input)) if (effect.kind === "transition") alarms += 1;
    const used = process.cpuUsage(begin);
    rates.push((samples / (used.user + used.system)) * 1e6);
    if (run === 0) {
      for (const input of round(ROUNDS)) {
        const since = process.hrtime.bigint();
        engine.step(input);
        latency.recordValue(Math.max(1, Number(process.hrtime.bigint() - since) / 1_000));
      }
    }
  }
  report({
    ...figure("300 rules over 20,000 series, three to a series", "samples/s of a core", rates, {
      target: RATE_TARGET,
      better: "higher",
    }),
    alarms: Math.round(alarms / RUNS),
  });
  report({
    case: "an entry of 50 samples, until its alarms are known",
    unit: "µs",
    p50: latency.getValueAtPercentile(50),
    p99: latency.getValueAtPercentile(99),
    max: latency.maxValue,
  });
  report(await flood());
  report(await manyRules());
  const nodeRed = await nodeRedRate();
  const ours = median(rates);
  report({
    case: "the same threshold and window in Node-RED",
    unit: "samples/s",
    median: Math.round(nodeRed),
    oursToThis: Math.round((ours / nodeRed) * 10) / 10,
    target: NODE_RED_TARGET,
    met: ours / nodeRed >= NODE_RED_TARGET,
  });
}

/** In a process of its own, so that what it takes is its own. */
async function alone<T>(file: string): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--expose-gc",
    join(import.meta.dirname, file),
  ]);
  return JSON.parse(stdout) as T;
}

async function flood(): Promise<Result> {
  const { cpu_ms, heaps_MiB, raised } = await alone<Flood>("rules-flood.ts");
  return {
    ...figure("a flood of 10,000 alarms in a minute, four times", "MiB of heap", heaps_MiB),
    alarms: raised,
    cpu_ms,
    grew_MiB: Math.round((heaps_MiB.at(-1) ?? 0) - (heaps_MiB[0] ?? 0)),
  };
}

async function manyRules(): Promise<Result> {
  const { rss_MiB, ...more } = await alone<ManyRules>("rules-many.ts");
  return {
    ...figure("8,000 rules over 20,000 series: RSS of the process", "MiB", [rss_MiB], {
      target: RSS_TARGET_MIB,
      better: "lower",
    }),
    ...more,
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
