/** 8,000 rules in a process of their own: what they take, and how fast it still is. */
import { CONDITIONS, compiled, DEVICES, engineOf, round, ruleOf, SERIES_EACH } from "./rules-load.ts";

export interface ManyRules {
  readonly rss_MiB: number;
  readonly heap_MiB: number;
  readonly loaded_ms: number;
  readonly samplesPerSecond: number;
}

const MANY_RULES = 8_000;
/** A rule watches one of so many places, a fortieth of which have devices: a pack for a county on one campus. */
const PLACES = 4_000;
const ROUNDS = 10;
const MEGABYTE = 1_048_576;

const since = performance.now();
const engine = engineOf(
  compiled(
    Array.from({ length: MANY_RULES }, (_, index) =>
      ruleOf(`rule-${index}`, index % PLACES, CONDITIONS[index % CONDITIONS.length] ?? { unreachable: {} }),
    ),
  ),
);
const loaded_ms = Math.round(performance.now() - since);
globalThis.gc?.();
const { rss, heapUsed } = process.memoryUsage();
let used = 0;
for (let index = 0; index < ROUNDS; index += 1) {
  const inputs = round(index);
  const before = process.cpuUsage();
  for (const input of inputs) engine.step(input);
  const { user, system } = process.cpuUsage(before);
  used += user + system;
}
const result: ManyRules = {
  rss_MiB: Math.round(rss / MEGABYTE),
  heap_MiB: Math.round(heapUsed / MEGABYTE),
  loaded_ms,
  samplesPerSecond: Math.round(((ROUNDS * DEVICES * SERIES_EACH) / used) * 1e6),
};
console.log(JSON.stringify(result));
