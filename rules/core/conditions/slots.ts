/**
 * A window of event time in a fixed number of slots, so that its memory has a bound whatever the rate of readings. Its
 * edges are therefore as exact as one slot, a {@link WINDOW_SLOTS}th of the window.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Memory } from "./condition.ts";

/** Slots of one window. */
export const WINDOW_SLOTS = 32;

/** What one slot holds of readings: extremes, the sum (of value × ms where it was held, else of values) and its weight. */
interface Slot {
  readonly index: number;
  min: number;
  max: number;
  sum: number;
  weight: number;
  /** Readings taken in it. */
  count: number;
}

export interface WindowFigures {
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly weight: number;
  readonly count: number;
}

export const EMPTY_WINDOW: WindowFigures = {
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  sum: 0,
  weight: 0,
  count: 0,
};

export class Slots {
  readonly #width_ms: number;
  readonly #slots: Slot[];
  #settled: WindowFigures = EMPTY_WINDOW;
  /** The slot for which `#settled` holds; none while a slot that is not the newest has changed. */
  #settledAt = Number.NaN;

  constructor(window_ms: number, saved: Memory | undefined) {
    this.#width_ms = Math.max(1, window_ms / WINDOW_SLOTS);
    this.#slots = Array.isArray(saved) ? (saved as unknown as Slot[]).map((slot) => ({ ...slot })) : [];
  }

  /** One reading of `weight`. What has already left the window is not taken. */
  add(at: Timestamp, value: number, weight = 1): void {
    const slot = this.#slot(at);
    if (slot === undefined) return;
    if (value < slot.min) slot.min = value;
    if (value > slot.max) slot.max = value;
    slot.sum += value * weight;
    slot.weight += weight;
    slot.count += 1;
  }

  /** `value` held from `from` to `to`: it weighs as many milliseconds as it lasted, in each slot it touches. */
  hold(from: Timestamp, to: Timestamp, value: number): void {
    const last = this.#index(to);
    if (this.#index(from) === last) {
      this.add(from, value, to - from);
      return;
    }
    for (let index = Math.max(this.#index(from), last - WINDOW_SLOTS); index <= last; index += 1) {
      const begin = Math.max(from, index * this.#width_ms);
      const lasted = Math.max(0, Math.min(to, (index + 1) * this.#width_ms) - begin);
      this.add(begin, value, lasted);
    }
  }

  figures(at: Timestamp): WindowFigures {
    const index = this.#index(at);
    if (index !== this.#settledAt) this.#settle(index);
    const newest = this.#slots.at(-1);
    const settled = this.#settled;
    if (newest === undefined || newest.index > index || newest.index <= index - WINDOW_SLOTS) return settled;
    return {
      min: newest.min < settled.min ? newest.min : settled.min,
      max: newest.max > settled.max ? newest.max : settled.max,
      sum: settled.sum + newest.sum,
      weight: settled.weight + newest.weight,
      count: settled.count + newest.count,
    };
  }

  /** Of the readings in the window; -Infinity when there are none. */
  max(at: Timestamp): number {
    const index = this.#index(at);
    if (index !== this.#settledAt) this.#settle(index);
    const newest = this.#slots.at(-1);
    const inside = newest !== undefined && newest.index <= index && newest.index > index - WINDOW_SLOTS;
    return inside && newest.max > this.#settled.max ? newest.max : this.#settled.max;
  }

  /** Of the readings in the window; Infinity when there are none. */
  min(at: Timestamp): number {
    const index = this.#index(at);
    if (index !== this.#settledAt) this.#settle(index);
    const newest = this.#slots.at(-1);
    const inside = newest !== undefined && newest.index <= index && newest.index > index - WINDOW_SLOTS;
    return inside && newest.min < this.#settled.min ? newest.min : this.#settled.min;
  }

  /** All slots of the window but the newest, which alone goes on changing. */
  #settle(index: number): void {
    const oldest = index - WINDOW_SLOTS;
    let { min, max, sum, weight, count } = EMPTY_WINDOW;
    for (let place = 0; place < this.#slots.length - 1; place += 1) {
      const slot = this.#slots[place];
      if (slot === undefined || slot.index <= oldest || slot.index > index) continue;
      min = Math.min(min, slot.min);
      max = Math.max(max, slot.max);
      sum += slot.sum;
      weight += slot.weight;
      count += slot.count;
    }
    this.#settled = { min, max, sum, weight, count };
    this.#settledAt = index;
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
    return this.#slots as unknown as Memory;
  }

  #index(at: Timestamp): number {
    return Math.floor(at / this.#width_ms);
  }

  #slot(at: Timestamp): Slot | undefined {
    const index = this.#index(at);
    const last = this.#slots.at(-1);
    if (last?.index === index) return last;
    const newest = last?.index ?? index;
    if (index <= newest - WINDOW_SLOTS) return undefined;
    this.#settledAt = Number.NaN;
    let place = this.#slots.length;
    while (place > 0 && (this.#slots[place - 1]?.index ?? 0) > index) place -= 1;
    const known = this.#slots[place - 1];
    if (known?.index === index) return known;
    const slot: Slot = { index, min: EMPTY_WINDOW.min, max: EMPTY_WINDOW.max, sum: 0, weight: 0, count: 0 };
    this.#slots.splice(place, 0, slot);
    while ((this.#slots[0]?.index ?? index) <= Math.max(newest, index) - WINDOW_SLOTS) this.#slots.shift();
    return slot;
  }
}
