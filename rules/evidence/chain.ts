/**
 * Alarms' history as a chain: each link names the hash of the one before it, so that none can be changed, left out or
 * put in afterwards without every later one changing. A link's hash is SHA-256 over the hash before it, a line feed,
 * and its body as it is stored.
 */
import { createHash } from "node:crypto";
import type { AlarmPictureView, TransitionView } from "../api.ts";
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
  /** What happened to the alarm; absent in the link of a picture. */
  readonly transition?: TransitionView;
  /** What came of the wish for a picture: its hash, or why there is none. It may come long after the alarm. */
  readonly picture?: AlarmPictureView;
  /**
   * The whole alarm, with the readings that decided, the rule's version and the asset: where it began to ring. Temperatures
   * of persons are sealed in it: `sealed:` and a hash (`store/drawer.ts`).
   */
  readonly record?: AlarmRecord;
}

/** Where an alarm begins, or turns out to be something else, all of it is written down. */
const TELLS_ALL: ReadonlySet<string> = new Set(["raise", "suppress", "release", "unknown"]);

/** The newest link so far. */
export type Head = Pick<Link, "n" | "hash">;

/** `text` makes JSON of a body; what is of a person's body is sealed in it. */
export function linkOf(
  head: Head,
  { alarm, seq, transition }: TransitionEffect,
  text: (body: LinkBody) => string = JSON.stringify,
): Link {
  const record = TELLS_ALL.has(transition.event) ? { record: alarm } : {};
  return linked(head, { n: head.n + 1, alarm: alarm.id, seq, transition, ...record }, text);
}

export function pictureLinkOf(head: Head, alarm: string, seq: number, picture: AlarmPictureView): Link {
  return linked(head, { n: head.n + 1, alarm, seq, picture }, JSON.stringify);
}

function linked(head: Head, content: LinkBody, text: (body: LinkBody) => string): Link {
  const body = text(content);
  return { n: content.n, previous: head.hash, body, hash: hashOf(head.hash, body) };
}

/** A history as its links tell it. */
export function toldBy(links: readonly Link[]): {
  readonly transitions: readonly TransitionView[];
  /** As they turned out in the end. */
  readonly pictures: readonly AlarmPictureView[];
} {
  const bodies = links.map(({ body }) => JSON.parse(body) as LinkBody);
  const pictures = new Map(
    bodies.flatMap(({ picture }) => (picture === undefined ? [] : [[picture.id, picture]])),
  );
  return {
    transitions: bodies.flatMap(({ transition }) => transition ?? []),
    pictures: [...pictures.values()],
  };
}

export function hashOf(previous: string, body: string): string {
  return createHash("sha256").update(`${previous}\n${body}`).digest("hex");
}
