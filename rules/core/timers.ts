/**
 * When whose time comes: a binary heap ordered by (due, ordinal), a total order, so that a heap rebuilt from stored
 * state hands everything out in the same order as the one that was lost.
 *
 * Moving a due time later costs nothing: the entry that is already in the heap is put back when it surfaces. A monitor
 * that is fed a thousand times a second therefore holds one place, not a thousand.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

export interface Timed {
  readonly ordinal: number;
  /** When it wants to be looked at; Infinity for never. */
  due: Timestamp;
  /** The due time of its valid entry in the heap; Infinity when it has none. Only {@link Timers} writes it. */
  scheduled: Timestamp;
}

interface Entry<T> {
  readonly due: Timestamp;
  readonly item: T;
}

export class Timers<T extends Timed> {
  readonly #heap: Entry<T>[] = [];

  /** Call after `item.due` changed. */
  update(item: T): void {
    if (item.due < item.scheduled) this.#push(item);
  }

  /** Takes the next item whose due time is not after `now`; undefined when there is none. */
  take(now: Timestamp): T | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.due > now) return undefined;
      this.#pop();
      const { item } = first;
      if (item.scheduled !== first.due) continue;
      item.scheduled = Number.POSITIVE_INFINITY;
      if (item.due <= first.due) return item;
      if (item.due !== Number.POSITIVE_INFINITY) this.#push(item);
    }
  }

  /** Nothing is due before this; Infinity when nothing ever is. May be too early, never too late. */
  get earliest(): Timestamp {
    return this.#heap[0]?.due ?? Number.POSITIVE_INFINITY;
  }

  #push(item: T): void {
    item.scheduled = item.due;
    const heap = this.#heap;
    let index = heap.length;
    const entry = { due: item.due, item };
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let least = heap[child];
      if (least === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && before(right, least)) {
        child += 1;
        least = right;
      }
      if (!before(least, last)) break;
      heap[index] = least;
      index = child;
    }
    heap[index] = last;
  }
}

function before<T extends Timed>(a: Entry<T>, b: Entry<T>): boolean {
  return a.due < b.due || (a.due === b.due && a.item.ordinal < b.item.ordinal);
}
