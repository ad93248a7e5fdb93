/** Webhooks of other systems, as the API answers them; see `../api/api.ts` for the rest. */
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";

/**
 * Each transition of an alarm at `path` or below it is POSTed to `url` as a CloudEvent (1.0, structured JSON) whose data is
 * an `AlarmView`; signed as Standard Webhooks 1.0 says; in order; again until it is taken, with the same id.
 */
export interface WebhookView {
  readonly id: number;
  readonly name: string;
  readonly url: string;
  readonly path: AssetPath | "";
  readonly createdBy: string;
  readonly createdAt: Timestamp;
  /** Messages that were not taken yet. */
  readonly waiting: number;
  /** Messages that were given up: refused for good, too old, or too many. */
  readonly lost: number;
  readonly deliveredAt?: Timestamp;
  /** Why the last attempt failed; absent after one that did not. */
  readonly problem?: string;
}

export interface NewWebhook {
  readonly name: string;
  readonly url: string;
  readonly path: AssetPath | "";
}

export interface WebhookMade extends WebhookView {
  /** Told once: what messages are signed with. */
  readonly secret: string;
}
