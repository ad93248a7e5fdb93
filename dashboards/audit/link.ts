/**
 * The audit trail as a chain: each entry names the hash of the one before it, so that none can be changed, left out or put
 * in afterwards without every later one changing. An entry's hash is SHA-256 over the hash before it, a line feed, and its
 * body as it is stored.
 */
import { createHash } from "node:crypto";
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** The hash before the first entry. */
export const CHAIN_BEGIN = "0".repeat(64);

export const RESULTS = ["done", "refused", "failed"] as const;
export type AuditResult = (typeof RESULTS)[number];

/** What is written down of one doing. */
export interface AuditBody {
  readonly n: number;
  readonly at: Timestamp;
  readonly user: string;
  readonly action: string;
  readonly result: AuditResult;
  /** Where in the asset tree; absent for what concerns the whole hub. */
  readonly path?: AssetPath;
  /** Where from. */
  readonly address?: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AuditLink {
  readonly n: number;
  /** JSON of an {@link AuditBody}. */
  readonly body: string;
  readonly hash: string;
}

export function hashOfLink(previous: string, body: string): string {
  return createHash("sha256").update(`${previous}\n${body}`).digest("hex");
}
