/**
 * Ten thousand alarms in a minute, ended and raised again four times, in a process of its own: what it takes after the
 * first may not grow. Started with `--expose-gc`: what has not been collected yet is nobody's.
 */
import { BEGIN, engineOf, key, names, rules300, SERIES_EACH, sample } from "./rules-load.ts";

export interface Flood {
  /** After each turn. */
  readonly heaps_MiB: readonly number[];
  readonly raised: number;
  readonly cpu_ms: number;
}

const FLOOD_ALARMS = 10_000;
const TURNS = 4;
/** Of the three rules of a series, those that a high reading makes ring. */
const RULES_RINGING = 2;
const MEGABYTE = 1_048_576;

function flood(): Flood {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("start it with --expose-gc");
  const engine = engineOf(rules300());
  let at = BEGIN;
  let seq = 1_000_000;
  let raised = 0;
  const minute = (value: number): void => {
    for (let device = 0; device < FLOOD_ALARMS / SERIES_EACH / RULES_RINGING; device += 1) {
      at += 600;
      seq += 1;
      const samples = names.map((name) => sample(name, value, at));
      const input = {
        kind: "data",
        seq,
        receivedAt: at,
        address: key(device),
        samples,
        events: [],
      } as const;
      for (const effect of engine.step(input))
        if (effect.kind === "transition" && effect.transition.to === "unacknowledged") raised += 1;
    }
  };
  const heaps_MiB: number[] = [];
  const began = process.cpuUsage();
  for (let turn = 0; turn < TURNS; turn += 1) {
    minute(255);
    minute(230);
    engine.takeChanges();
    gc();
    heaps_MiB.push(process.memoryUsage().heapUsed / MEGABYTE);
  }
  const { user, system } = process.cpuUsage(began);
  return { heaps_MiB, raised, cpu_ms: Math.round((user + system) / 1_000) };
}

if (import.meta.main) console.log(JSON.stringify(flood()));
