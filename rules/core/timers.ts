/**
 * When whose time comes, ordered by (due, ordinal): a heap rebuilt from stored state hands everything out in the same order
 * as the one that was lost.
 *
 * Moving a due time later costs nothing: the entry that is already in the heap is put back when it surfaces. A monitor
 * that is fed a thousand times a second therefore holds one place, not a thousand.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type Due, DueHeap } from "./due-heap.ts";

export interface Timed {
  readonly ordinal: number;
  /** When it wants to be looked at; Infinity for never. */
  due: Timestamp;
  /** The due time of its valid entry in the heap; Infinity when it has none. Only {@link Timers} writes it. */
  scheduled: Timestamp;
}

interface Entry<T> extends Due {
  readonly item: T;
}

export class Timers<T extends Timed> {
  readonly #heap = new DueHeap<Entry<T>>();

  /** Call after `item.due` changed. */
  update(item: T): void {
    if (item.due < item.scheduled) this.#push(item);
  }

  /** Takes the next item whose due time is not after `now`; undefined when there is none. */
  take(now: Timestamp): T | undefined {
    for (;;) {
      const { first } = this.#heap;
      if (first === undefined || first.due > now) return undefined;
      this.#heap.pop();
      const { item } = first;
      if (item.scheduled !== first.due) continue;
      item.scheduled = Number.POSITIVE_INFINITY;
      if (item.due <= first.due) return item;
      if (item.due !== Number.POSITIVE_INFINITY) this.#push(item);
    }
  }

  /** Nothing is due before this; Infinity when nothing ever is. May be too early, never too late. */
  get earliest(): Timestamp {
    return this.#heap.first?.due ?? Number.POSITIVE_INFINITY;
  }

  #push(item: T): void {
    item.scheduled = item.due;
    this.#heap.push({ due: item.due, order: item.ordinal, item });
  }
}
