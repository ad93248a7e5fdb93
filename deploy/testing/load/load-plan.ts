/** How much a load edge says, and how fast. */
import { GATE, type LoadEdge, sourceIds } from "./load-edge.ts";

export interface LoadPlan {
  readonly sources: number;
  /** How far each source counts. */
  readonly numbers: number;
  /** How many cards are refused at the gate. */
  readonly refusals: number;
  /** Of all sources together. */
  readonly recordsPerS: number;
  readonly refusalsPerS: number;
}

const TICK_MS = 20;
/** A disk that does not keep up slows the source down instead of filling memory. */
const BATCH_RECORDS_MAX = 2_000;

/** Goes on from where the edge's outbox says that it was; resolves when everything is durable there. */
export async function carryOut(edge: LoadEdge, plan: LoadPlan, signal?: AbortSignal): Promise<void> {
  const ids = sourceIds(plan.sources);
  const startedAt = performance.now();
  const done = { records: 0, refusals: 0 };
  while (signal?.aborted !== true) {
    const elapsed_s = (performance.now() - startedAt) / 1000;
    const behind = ids.filter((id) => edge.count(id) < plan.numbers);
    const refusalsLeft = plan.refusals - edge.count(GATE);
    if (behind.length === 0 && refusalsLeft <= 0) return;
    const records = behind.length === 0 ? 0 : due(elapsed_s * plan.recordsPerS - done.records);
    const refusals = Math.min(refusalsLeft, due(elapsed_s * plan.refusalsPerS - done.refusals));
    const kept: Promise<unknown>[] = [];
    for (let each = 0; each < records; each += 1) {
      const source = ids[(done.records + each) % ids.length] ?? "";
      if (edge.count(source) < plan.numbers) kept.push(edge.report(source));
    }
    for (let each = 0; each < refusals; each += 1) kept.push(edge.refuse());
    done.records += records;
    done.refusals += refusals;
    await Promise.all(kept);
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
}

const due = (count: number): number => Math.min(BATCH_RECORDS_MAX, Math.floor(count));
