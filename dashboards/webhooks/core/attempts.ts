/** When a message that was not taken is tried again, and when it is given up. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

const FIRST_MS = 5_000;
const LONGEST_MS = 3_600_000;
/** A system that was away over a weekend still gets everything. */
export const KEPT_MS = 4 * 24 * 3_600_000;
/** Statuses after which the same request may succeed later. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** What became of an attempt; after `again` there is another one. */
export const DELIVERY_RESULTS = ["delivered", "again", "given-up"] as const;
export type DeliveryResult = (typeof DELIVERY_RESULTS)[number];

export type Verdict = "delivered" | "again" | "never";

/** `status` undefined: there was no answer. A redirect is none: the signature would go with it. */
export function verdictOf(status: number | undefined): Verdict {
  if (status === undefined || status >= 500 || PASSING.has(status)) return "again";
  return status >= 200 && status < 300 ? "delivered" : "never";
}

/** `attempts`: how many have failed. Undefined once it is too old to be of use. */
export function nextAttempt(createdAt: Timestamp, attempts: number, now: Timestamp): Timestamp | undefined {
  if (now - createdAt >= KEPT_MS) return undefined;
  return now + Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 20));
}
