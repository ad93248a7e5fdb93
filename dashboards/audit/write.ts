/** The hub's audit trail for other processes of the hub, which only ever add to it. */
import { join } from "node:path";
import { type AuditEntry, type AuditFrom, AuditTrail, KEPT_MONTHS_MIN } from "./trail.ts";

export interface AuditWriter {
  /** As {@link AuditTrail.append}: on the disk when it returns; throws what SQLite says when it cannot be. */
  append(entry: AuditEntry, from?: AuditFrom): void;
  close(): void;
}

export function openAuditWriter(data: string): AuditWriter {
  const trail = new AuditTrail(join(data, "audit.sqlite"), Date.now, KEPT_MONTHS_MIN);
  return { append: (entry, from) => trail.append(entry, from), close: () => trail.close() };
}
