/**
 * A window of event time in a fixed number of slots, so that its memory has a bound whatever the rate of readings. Its
 * edges are therefore as exact as one slot, a {@link WINDOW_SLOTS}th of the window.
 *
 * The slots lie in one array of numbers, {@link FIELDS} each: twenty thousand windows that take a reading a second cost
 * what it costs to fetch them from memory, and objects of numbers would lie all over it.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Memory } from "./condition.ts";

/** Slots of one window. */
export const WINDOW_SLOTS = 32;

/** Of a slot: which it is by time; extremes, the sum (of value × ms where it was held, else of values) and its weight; readings. */
const [INDEX, MIN, MAX, SUM, WEIGHT, COUNT, FIELDS] = [0, 1, 2, 3, 4, 5, 6] as const;

export interface WindowFigures {
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly weight: number;
  readonly count: number;
}

export class Slots {
  readonly #width_ms: number;
  /** The oldest first; never empty slots. */
  readonly #slots: number[];
  /** All slots of the window but the newest, which alone goes on changing, as one slot; its index is where that holds. */
  readonly #settled = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];

  constructor(window_ms: number, saved: Memory | undefined) {
    this.#width_ms = Math.max(1, window_ms / WINDOW_SLOTS);
    this.#slots = Array.isArray(saved) ? (saved as readonly (number | SlotAsStored)[]).flatMap(fieldsOf) : [];
  }

  /** One reading of `weight`. What has already left the window is not taken. */
  add(at: Timestamp, value: number, weight = 1): void {
    this.#add(this.#index(at), value, weight);
  }

  /** `value` held from `from` to `to`: it weighs as many milliseconds as it lasted, in each slot it touches. */
  hold(from: Timestamp, to: Timestamp, value: number): void {
    const first = this.#index(from);
    const last = this.#index(to);
    if (first === last) {
      this.#add(first, value, to - from);
      return;
    }
    for (let index = Math.max(first, last - WINDOW_SLOTS); index <= last; index += 1) {
      const begin = Math.max(from, index * this.#width_ms);
      const lasted = Math.max(0, Math.min(to, (index + 1) * this.#width_ms) - begin);
      this.#add(index, value, lasted);
    }
  }

  figures(at: Timestamp): WindowFigures {
    const newest = this.#newestInside(at);
    const of = (field: number): number => this.#settled[field] ?? 0;
    const [min, max, sum, weight, count] = [of(MIN), of(MAX), of(SUM), of(WEIGHT), of(COUNT)];
    if (newest < 0) return { min, max, sum, weight, count };
    const also = (field: number): number => this.#slots[newest + field] ?? 0;
    return {
      min: Math.min(min, also(MIN)),
      max: Math.max(max, also(MAX)),
      sum: sum + also(SUM),
      weight: weight + also(WEIGHT),
      count: count + also(COUNT),
    };
  }

  /** Of the readings in the window; -Infinity when there are none. */
  max(at: Timestamp): number {
    const newest = this.#newestInside(at);
    const settled = this.#settled[MAX] ?? Number.NEGATIVE_INFINITY;
    return newest < 0 ? settled : Math.max(settled, this.#slots[newest + MAX] ?? settled);
  }

  /** Of the readings in the window; Infinity when there are none. */
  min(at: Timestamp): number {
    const newest = this.#newestInside(at);
    const settled = this.#settled[MIN] ?? Number.POSITIVE_INFINITY;
    return newest < 0 ? settled : Math.min(settled, this.#slots[newest + MIN] ?? settled);
  }

  /** The window that ends at `at` begins here. */
  begin(at: Timestamp): Timestamp {
    return (this.#index(at) - WINDOW_SLOTS + 1) * this.#width_ms;
  }

  /** When the window next lets go of a slot. */
  nextEdge(at: Timestamp): Timestamp {
    return Math.ceil((this.#index(at) + 1) * this.#width_ms);
  }

  save(): Memory {
    return this.#slots;
  }

  #index(at: Timestamp): number {
    return Math.floor(at / this.#width_ms);
  }

  /** Where the newest slot lies, if it is in the window that ends at `at`; else -1. What is before it is settled then. */
  #newestInside(at: Timestamp): number {
    const index = this.#index(at);
    if (index !== this.#settled[INDEX]) this.#settle(index);
    const newest = this.#slots.length - FIELDS;
    const of = this.#slots[newest];
    return of !== undefined && of <= index && of > index - WINDOW_SLOTS ? newest : -1;
  }

  #settle(index: number): void {
    const [slots, settled] = [this.#slots, this.#settled];
    const of = (place: number, field: number): number => slots[place + field] ?? 0;
    let [min, max, sum, weight, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
    for (let place = 0; place < slots.length - FIELDS; place += FIELDS) {
      if (of(place, INDEX) <= index - WINDOW_SLOTS || of(place, INDEX) > index) continue;
      min = Math.min(min, of(place, MIN));
      max = Math.max(max, of(place, MAX));
      sum += of(place, SUM);
      weight += of(place, WEIGHT);
      count += of(place, COUNT);
    }
    settled[INDEX] = index;
    settled[MIN] = min;
    settled[MAX] = max;
    settled[SUM] = sum;
    settled[WEIGHT] = weight;
    settled[COUNT] = count;
  }

  #add(index: number, value: number, weight: number): void {
    const slots = this.#slots;
    const place = slots[slots.length - FIELDS] === index ? slots.length - FIELDS : this.#place(index);
    if (place < 0) return;
    if (value < (slots[place + MIN] ?? value)) slots[place + MIN] = value;
    if (value > (slots[place + MAX] ?? value)) slots[place + MAX] = value;
    slots[place + SUM] = (slots[place + SUM] ?? 0) + value * weight;
    slots[place + WEIGHT] = (slots[place + WEIGHT] ?? 0) + weight;
    slots[place + COUNT] = (slots[place + COUNT] ?? 0) + 1;
  }

  /** Finds or makes the slot; -1 for one that has left the window. */
  #place(index: number): number {
    const slots = this.#slots;
    const newest = Math.max(index, slots[slots.length - FIELDS] ?? index);
    if (index <= newest - WINDOW_SLOTS) return -1;
    this.#settled[INDEX] = Number.NaN;
    while ((slots[0] ?? newest) <= newest - WINDOW_SLOTS) slots.splice(0, FIELDS);
    let place = slots.length;
    while (place > 0 && (slots[place - FIELDS] ?? 0) > index) place -= FIELDS;
    if (slots[place - FIELDS] === index) return place - FIELDS;
    slots.splice(place, 0, index, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0);
    return place;
  }
}

/** As versions before 2026-11-22 stored a slot. */
interface SlotAsStored extends WindowFigures {
  readonly index: number;
}

function fieldsOf(stored: number | SlotAsStored): number[] {
  if (typeof stored === "number") return [stored];
  const { index, min, max, sum, weight, count } = stored;
  return [index, min, max, sum, weight, count];
}
