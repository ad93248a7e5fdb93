/**
 * One feed of everything that changes, for every open page: read once from each part, kept in a bounded ring, handed
 * to any number of pages. A page that was cut off resumes where it was; one that was away for longer than the ring
 * reaches is told to load afresh (`reset`), so that it never shows a gap as if it were the truth.
 */
import type { AssetPath } from "@campus-ops/device-profiles/vocabulary";
import type { SocketClient } from "@campus-ops/service/socket-client";
import type { ServerSentEvent } from "./event-stream.ts";
import { follow } from "./follow.ts";

/** Events kept for pages that resume: several minutes of a busy city. */
const RING_EVENTS_MAX = 20_000;
/** Of those events; two bytes each where there is Chinese in it, and the ring is cut when it holds twice as much. */
export const RING_CHARACTERS_MAX = 16_000_000;

export interface FeedEvent {
  readonly seq: number;
  readonly event: string;
  readonly data: string;
  /** Where in the asset tree it belongs; undefined concerns everybody. */
  readonly path: AssetPath | undefined;
}

export interface FeedSource {
  readonly part: SocketClient;
  /** Path of the part's stream, for example `/stream`. */
  readonly path: string;
  /** Where an event belongs. Throws when it is not what the part promised. */
  readonly place: (event: ServerSentEvent) => AssetPath | undefined;
  /** What an event is the newest word on, where a page that has just come must hear that word too. */
  readonly standing?: (event: ServerSentEvent) => string | undefined;
}

/** The deepest place that holds all of them; undefined when there is none. */
export function commonPlace(places: readonly AssetPath[]): AssetPath | undefined {
  const [first = "", ...others] = places;
  const segments = first.split("/");
  const differs = (index: number): boolean =>
    others.some((each) => each.split("/")[index] !== segments[index]);
  const end = segments.findIndex((_, index) => differs(index));
  const common = segments.slice(0, end < 0 ? segments.length : end).join("/");
  return common === "" ? undefined : common;
}

export class LiveFeed {
  readonly #ring: FeedEvent[] = [];
  readonly #listeners = new Set<(event: FeedEvent) => void>();
  readonly #standing = new Map<string, FeedEvent>();
  readonly #stop = new AbortController();
  readonly #onFault: (error: unknown) => void;
  #seq = 0;
  #characters = 0;

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** The number of the newest event. */
  get seq(): number {
    return this.#seq;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** How things stand, for a page that has just come. */
  standing(): Iterable<FeedEvent> {
    return this.#standing.values();
  }

  /** Adds an event for every page. `standing`: see {@link FeedSource.standing}. */
  publish(event: string, data: string, path?: AssetPath, standing?: string): void {
    this.#seq += 1;
    const entry: FeedEvent = { seq: this.#seq, event, data, path };
    if (standing !== undefined) this.#standing.set(`${event} ${standing}`, entry);
    this.#ring.push(entry);
    this.#characters += data.length;
    if (this.#ring.length > RING_EVENTS_MAX * 2 || this.#characters > RING_CHARACTERS_MAX * 2) this.#cut();
    for (const listener of this.#listeners) listener(entry);
  }

  /** Seldom, and then by half: the front of a long array is not taken away with every event. */
  #cut(): void {
    let from = 0;
    while (this.#ring.length - from > RING_EVENTS_MAX || this.#characters > RING_CHARACTERS_MAX) {
      this.#characters -= this.#ring[from]?.data.length ?? 0;
      from += 1;
    }
    this.#ring.splice(0, from);
  }

  /** What came after `seq`, or undefined when the ring does not reach back that far. */
  since(seq: number): readonly FeedEvent[] | undefined {
    if (seq > this.#seq) return undefined;
    const oldest = this.#ring[0]?.seq ?? this.#seq + 1;
    return seq + 1 < oldest ? undefined : this.#ring.slice(seq + 1 - oldest);
  }

  listen(listener: (event: FeedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows a part for ever, through its restarts, from where it was. */
  follow({ part, path, place, standing }: FeedSource): Promise<void> {
    const onEvent = (event: ServerSentEvent): void =>
      this.publish(event.event, event.data, place(event), standing?.(event));
    return follow({ part, path, onEvent, onFault: this.#onFault }, this.#stop.signal);
  }

  stop(): void {
    this.#stop.abort();
  }
}
