/**
 * A load edge in a process of its own, to be killed: `load-process.ts '{"edge": LoadEdgeOptions, "plan": LoadPlan}'`.
 * Says `reported` when its sources are done, `drained` when the hub has acknowledged everything, and stays until SIGTERM.
 */
import { writeSync } from "node:fs";
import { LoadEdge, type LoadEdgeOptions } from "./load-edge.ts";
import { carryOut, type LoadPlan } from "./load-plan.ts";

const LOOK_MS = 50;

const { edge: options, plan } = JSON.parse(process.argv[2] ?? "") as {
  readonly edge: LoadEdgeOptions;
  readonly plan: LoadPlan;
};
const edge = new LoadEdge(options);
const ended = new AbortController();
process.once("SIGTERM", () => ended.abort());
edge.connect();
writeSync(1, "started\n");
await carryOut(edge, plan, ended.signal);
writeSync(1, "reported\n");
while (!edge.isEmpty && !ended.signal.aborted) {
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
if (edge.isEmpty) writeSync(1, "drained\n");
if (!ended.signal.aborted) await new Promise((resolve) => ended.signal.addEventListener("abort", resolve));
await edge.stop();
