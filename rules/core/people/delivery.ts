/**
 * When a message is tried, tried again and given up, and what happens when there are more of them than a channel
 * takes: the urgent ones first, and the others together in one.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Priority } from "../../api.ts";

/** A message that could not be delivered for this long is given up, and counted. */
export const GIVE_UP_MS = 24 * 3_600_000;
const RETRY_MS_FIRST = 5_000;
const RETRY_MS_MAX = 5 * 60_000;
/** From this many on, what is not urgent goes out as one message. */
export const DIGEST_MIN = 5;
/** Priorities from here on may share a message; red and orange never do. */
const DIGEST_PRIORITY: Priority = 3;
/** More than this in one message is read by nobody. */
export const DIGEST_MAX = 50;

export interface WaitingDelivery {
  readonly id: number;
  readonly priority: Priority;
  readonly createdAt: Timestamp;
  readonly attempts: number;
  readonly nextAt: Timestamp;
}

/** The pause after the `attempts`-th failure; `random` in [0, 1) spreads what failed together. */
export function retryAfter_ms(attempts: number, random: number): number {
  const full = Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** Math.min(attempts - 1, 16));
  return Math.round(full * (0.5 + random / 2));
}

/** Red before blue; of one colour, the oldest first. */
function byUrgency(a: WaitingDelivery, b: WaitingDelivery): number {
  return a.priority - b.priority || a.createdAt - b.createdAt || a.id - b.id;
}

/** What goes into the channel's next message: one delivery, or the many that share one. Empty when nothing is due. */
export function nextMessage(waiting: readonly WaitingDelivery[], now: Timestamp): readonly WaitingDelivery[] {
  const due = waiting.filter(({ nextAt }) => nextAt <= now).sort(byUrgency);
  const [first] = due;
  if (first === undefined) return [];
  const patient = due.filter(({ priority }) => priority >= DIGEST_PRIORITY);
  if (first.priority < DIGEST_PRIORITY || patient.length < DIGEST_MIN) return [first];
  return patient.slice(0, DIGEST_MAX);
}

/** A token bucket: at most `perMinute` messages in any minute, on average. */
export interface Allowance {
  readonly tokens: number;
  readonly at: Timestamp;
}

export function refill({ tokens, at }: Allowance, perMinute: number, now: Timestamp): Allowance {
  const grown = tokens + (Math.max(0, now - at) * perMinute) / 60_000;
  return { tokens: Math.min(perMinute, grown), at: now };
}

/** When the next message may go, given what is left now. */
export function allowedAt({ tokens, at }: Allowance, perMinute: number): Timestamp {
  return tokens >= 1 ? at : at + Math.ceil(((1 - tokens) * 60_000) / perMinute);
}
