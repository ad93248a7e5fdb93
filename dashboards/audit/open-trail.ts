/** The hub's own audit trail, in its data folder, as the API writes and reads it. */
import { createHash, createPublicKey } from "node:crypto";
import { join } from "node:path";
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { ReadableTrail } from "../api/routes/audit.ts";
import { auditKey, csvLines, jsonLines } from "./export.ts";
import { type AuditEntry, type AuditFrom, AuditTrail } from "./trail.ts";

export interface OpenTrail extends ReadableTrail {
  append(entry: AuditEntry, from?: AuditFrom): void;
  prune(): number;
  close(): void;
}

export function openTrail(data: string, months: number, hub: LocalText, now: () => Timestamp): OpenTrail {
  const trail = new AuditTrail(join(data, "audit.sqlite"), now, months);
  const key = auditKey(join(data, "audit.key"));
  const publicKey = createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
  return {
    append: (entry, from) => trail.append(entry, from),
    prune: () => trail.prune(),
    close: () => trail.close(),
    search: (query, places) => trail.search(query, places),
    links: (from, to) => trail.links(from, to),
    get head() {
      return trail.head;
    },
    fingerprint: createHash("sha256").update(publicKey).digest("hex"),
    signed: (from, to, exportedBy) => {
      const { links, previous } = trail.links(from, to);
      return jsonLines({ hub, exportedAt: now(), exportedBy, from, to, previous }, links, key);
    },
    table: (from, to) => csvLines(trail.links(from, to).links),
  };
}
