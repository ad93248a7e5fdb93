/**
 * What enrolment records (by boxes, by the command) becomes part of the hub's audit trail, which is chained
 * and exported. The record here comes first and is complete without it: the command works while the hub is down, and what
 * it did follows at the next start.
 */
import { isIP } from "node:net";
import type { AuditWriter } from "@campus-ops/dashboards/audit/write";
import { parseIdentityUri } from "@campus-ops/device-profiles/vocabulary";
import type { EnrolmentStore } from "./enrolment-store.ts";

/** Brought over at a time; what is left follows at the next turn. */
export const ROWS_A_TURN_MAX = 500;

/** What somebody did in the console is in the trail already, with their address and what the box was before. */
const BY_CONSOLE = "console:";

/**
 * Brings over what has not been yet; how many rows were. A crash in the middle repeats the last row: `record` says which
 * it is. What a stranger asked for under no box's name stays here, where it is counted and bounded.
 */
export function chainAudit(store: EnrolmentStore, trail: AuditWriter): number {
  const rows = store.unchained(ROWS_A_TURN_MAX);
  for (const { n, row } of rows) {
    const identity = parseIdentityUri(row.subject);
    if (identity?.role === "edge" && !row.who.startsWith(BY_CONSOLE)) {
      const byBox = isIP(row.who) !== 0;
      trail.append(
        {
          user: byBox ? "box" : row.who,
          action: `box.${row.action}`,
          result: row.outcome === "done" ? "done" : "refused",
          box: `${identity.campus}/${identity.node}`,
          outcome: row.outcome,
          record: n,
        },
        byBox ? { address: row.who } : {},
      );
    }
    store.markChained(n);
  }
  return rows.length;
}
