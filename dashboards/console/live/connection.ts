import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { PlatformStatus } from "../../api/api.ts";

/** The server speaks at least every 5 s; two of those missed is a loss. */
export const SILENCE_MS_MAX = 10_000;

export interface Heard {
  /** When the page began to listen. */
  readonly began: Timestamp;
  /** When anything last came down the stream; undefined before the first. */
  readonly last?: Timestamp;
  readonly status?: PlatformStatus;
}

/** What the page has to say about its link to the platform, worst first. */
export type Connection =
  | { readonly state: "lost"; readonly since?: Timestamp; readonly silence_ms: number }
  | { readonly state: "connecting" }
  | { readonly state: "impaired"; readonly ingest: boolean; readonly rules: boolean }
  | { readonly state: "live" };

export function judgeConnection(heard: Heard, now: Timestamp): Connection {
  const silence_ms = now - (heard.last ?? heard.began);
  if (silence_ms > SILENCE_MS_MAX) {
    return { state: "lost", silence_ms, ...(heard.last !== undefined && { since: heard.last }) };
  }
  if (heard.status === undefined) return { state: "connecting" };
  const { ingest, rules } = heard.status;
  return ingest && rules ? { state: "live" } : { state: "impaired", ingest, rules };
}
