/** What the program of a machine whose power is cut is told, and what it says: each a line of JSON. */
import type { LoadEdgeOptions } from "../../testing/load/load-edge.ts";
import type { LoadPlan } from "../../testing/load/load-plan.ts";

/** First. `plan` says how fast it counts; how far, it is told by {@link Finish}. */
export interface Settings {
  readonly edge: LoadEdgeOptions;
  readonly plan: LoadPlan;
  /** Folder of its journal. */
  readonly journal: string;
}

/** Count no further than this, hand over, and say so. */
export interface Finish {
  readonly finish: LoadPlan;
}

/** How far each source of the outbox had counted, and how many entries the journal has, none of which is missing or twice there. */
export interface Found {
  readonly counts: Readonly<Record<string, number>>;
  readonly journal: number;
}

/** `found` once, when both are open; a number whenever it was said to be durable; `drained` at the end. */
export type Said =
  | { readonly found: Found }
  | { readonly kept: readonly [source: string, count: number] }
  | { readonly appended: number }
  | { readonly drained: true }
  | { readonly wrong: string };
