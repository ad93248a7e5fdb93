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

  constructor(window_ms: number, saved: Memory | undefined) {
    this.#width_ms = Math.max(1, window_ms / WINDOW_SLOTS);
    this.#slots = Array.isArray(saved) ? (saved as unknown as Slot[]).map((slot) => ({ ...slot })) : [];
  }

  /** One reading of `weight`. What has already left the window is not taken. */
  add(at: Timestamp, value: number, weight = 1): void {
    const slot = this.#slot(at);
    if (slot === undefined) return;
    slot.min = Math.min(slot.min, value);
    slot.max = Math.max(slot.max, value);
    slot.sum += value * weight;
    slot.weight += weight;
    slot.count += 1;
  }

  /** `value` held from `from` to `to`: it weighs as many milliseconds as it lasted, in each slot it touches. */
  hold(from: Timestamp, to: Timestamp, value: number): void {
    const first = Math.max(this.#index(from), this.#index(to) - WINDOW_SLOTS);
    for (let index = first; index <= this.#index(to); index += 1) {
      const begin = Math.max(from, index * this.#width_ms);
      const lasted = Math.max(0, Math.min(to, (index + 1) * this.#width_ms) - begin);
      this.add(begin, value, lasted);
    }
  }

  figures(at: Timestamp): WindowFigures {
    const oldest = this.#index(at) - WINDOW_SLOTS;
    let { min, max, sum, weight, count } = EMPTY_WINDOW;
    for (const slot of this.#slots) {
      if (slot.index <= oldest || slot.index > oldest + WINDOW_SLOTS) continue;
      min = Math.min(min, slot.min);
      max = Math.max(max, slot.max);
      sum += slot.sum;
      weight += slot.weight;
      count += slot.count;
    }
    return { min, max, sum, weight, count };
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
    const newest = this.#slots.at(-1)?.index ?? index;
    if (index <= newest - WINDOW_SLOTS) return undefined;
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
