/** Webhooks of other systems, as the API answers them; see `../api/api.ts` for the rest. */
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DeliveryResult } from "./core/attempts.ts";

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
  /** False: nothing is sent. What happens meanwhile is not kept for it; what waited already goes out when it is enabled again. */
  readonly enabled: boolean;
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

/** One attempt at a message, or a test. */
export interface WebhookDelivery {
  readonly number: number;
  /** Header `webhook-id`: the same for each attempt at one message. */
  readonly message: string;
  /** CloudEvents `type` */
  readonly type: string;
  /** CloudEvents `subject`: where the alarm is. */
  readonly path: AssetPath | "";
  readonly at: Timestamp;
  readonly took_ms: number;
  readonly result: DeliveryResult;
  /** HTTP status; absent where there was no answer. */
  readonly status?: number;
  /** Why it was not taken. */
  readonly problem?: string;
}

/** The newest first. */
export interface WebhookDeliveries {
  readonly deliveries: readonly WebhookDelivery[];
  /** Where older ones go on; absent at the end. */
  readonly before?: number;
}
