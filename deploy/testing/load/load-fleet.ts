/**
 * Several load edges in one process, which return at once: `load-fleet.ts '{"edges": [LoadEdgeOptions], "plan": LoadPlan}'`.
 * Fills their outboxes and says `reported`. On `go` all connect; each then reports live beside its backlog and has one
 * card refused, until the hub holds everything. Says `drained` with a {@link FleetReport} as JSON, and ends.
 */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { LoadEdge, type LoadEdgeOptions } from "./load-edge.ts";
import { carryOut, type LoadPlan } from "./load-plan.ts";

/** The last source of each edge reports live; the plan fills the others. */
export const LIVE_MS = 500;
const LOOK_MS = 50;

/** What one edge saw of its own return. */
export interface ReturnReport {
  readonly node: string;
  /** Live records acknowledged while backlog still waited, and how long the slowest of all took, in milliseconds. */
  readonly liveBeside: number;
  readonly liveMax_ms: number;
  /** From the refused card to its acknowledgement. */
  readonly refusal_ms: number;
  /** Numbers of its live source. */
  readonly live: number;
  /** From `go` until the backlog was acknowledged. */
  readonly drained_ms: number;
  /** Records that were sent again because no acknowledgement came in time. */
  readonly overdue: number;
}

export type FleetReport = readonly ReturnReport[];

export async function returnOf(edge: LoadEdge, options: LoadEdgeOptions): Promise<ReturnReport> {
  const began = performance.now();
  const backlog = edge.outbox.stats().samples;
  let waiting = edge.outbox.stats().records;
  const sent = new Map<number, number>();
  let liveBeside = 0;
  let liveMax_ms = 0;
  let drained_ms = 0;
  const acknowledged = Promise.withResolvers<void>();
  const refused = Promise.withResolvers<number>();
  let refusal: { readonly first: number; readonly at: number } | undefined;
  edge.whenAcknowledged(({ first }) => {
    const now = performance.now();
    const at = sent.get(first);
    if (first === refusal?.first) refused.resolve(now - refusal.at);
    else if (at !== undefined) {
      sent.delete(first);
      liveMax_ms = Math.max(liveMax_ms, now - at);
      if (waiting > 0) liveBeside += 1;
    } else if (first <= backlog) {
      waiting -= 1;
      if (waiting > 0) return;
      drained_ms = now - began;
      acknowledged.resolve();
    }
  });
  edge.connect();
  const isBorn = async (): Promise<void> => {
    while (!edge.node.born) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  };
  await isBorn();
  refusal = { at: performance.now(), first: await edge.refuse() };
  const reporting = setInterval(() => {
    const at = performance.now();
    void edge.report(`source-${options.sources}`).then((first) => sent.set(first, at));
  }, LIVE_MS);
  const refusal_ms = await refused.promise;
  await acknowledged.promise;
  clearInterval(reporting);
  while (!edge.isEmpty) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  const live = edge.count(`source-${options.sources}`);
  const { overdue } = edge.sender.stats();
  return { node: options.node, liveBeside, liveMax_ms, refusal_ms, live, drained_ms, overdue };
}

if (import.meta.main) {
  const { edges: all, plan } = JSON.parse(process.argv[2] ?? "") as {
    readonly edges: readonly LoadEdgeOptions[];
    readonly plan: LoadPlan;
  };
  const edges = all.map((options) => ({ options, edge: new LoadEdge(options) }));
  for (const { edge } of edges) await carryOut(edge, plan);
  writeSync(1, "reported\n");
  await once(process.stdin, "data");
  const report = await Promise.all(edges.map(({ edge, options }) => returnOf(edge, options)));
  writeSync(1, `drained ${JSON.stringify(report)}\n`);
  await Promise.all(edges.map(({ edge }) => edge.stop()));
  process.exit();
}
