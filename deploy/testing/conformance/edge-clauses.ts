/** What the life of an edge agent must look like on the wire. */
import type { Clause } from "./clauses.ts";
import { HOST_RULES, SEQUENCE } from "./edge-host-clauses.ts";
import { BIRTHS, TEMPLATES } from "./edge-payload-clauses.ts";
import type { EdgeRecording } from "./edge-scenario.ts";
import { SESSION, TOPICS } from "./edge-session-clauses.ts";

export const EDGE_CLAUSES: readonly Clause<EdgeRecording>[] = [
  ...TOPICS,
  ...SESSION,
  ...HOST_RULES,
  ...SEQUENCE,
  ...BIRTHS,
  ...TEMPLATES,
];
