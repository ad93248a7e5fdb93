/**
 * Alarms' history as a chain: each link names the hash of the one before it, so that none can be changed, left out or
 * put in afterwards without every later one changing. A link's hash is SHA-256 over the hash before it, a line feed,
 * and its body as it is stored.
 */
import { createHash } from "node:crypto";
import type { TransitionView } from "../api.ts";
import type { TransitionEffect } from "../core/effect.ts";
import type { AlarmRecord } from "../core/view.ts";

/** The hash before the first link. */
export const CHAIN_BEGIN = "0".repeat(64);

export interface Link {
  /** Counts from 1 over all alarms of a hub. */
  readonly n: number;
  readonly previous: string;
  /** JSON of a {@link LinkBody}. */
  readonly body: string;
  readonly hash: string;
}

export interface LinkBody {
  readonly n: number;
  readonly alarm: string;
  /** The journal entry that brought it; people's doings have that of the entry before them. */
  readonly seq: number;
  readonly transition: TransitionView;
  /** The whole alarm, with the readings that decided, the rule's version and the asset: where it began to ring. */
  readonly record?: AlarmRecord;
}

/** Where an alarm begins, or turns out to be something else, all of it is written down. */
const TELLS_ALL: ReadonlySet<string> = new Set(["raise", "suppress", "release", "unknown"]);

export function linkOf(
  previous: { readonly n: number; readonly hash: string },
  effect: TransitionEffect,
): Link {
  const { seq, transition, alarm } = effect;
  const n = previous.n + 1;
  const content: LinkBody = {
    n,
    alarm: alarm.id,
    seq,
    transition,
    ...(TELLS_ALL.has(transition.event) ? { record: alarm } : {}),
  };
  const body = JSON.stringify(content);
  return { n, previous: previous.hash, body, hash: hashOf(previous.hash, body) };
}

export function hashOf(previous: string, body: string): string {
  return createHash("sha256").update(`${previous}\n${body}`).digest("hex");
}
