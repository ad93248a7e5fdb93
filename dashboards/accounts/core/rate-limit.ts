/** How often somebody may ask: a bucket a caller, which fills at a steady rate. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

export interface Rate {
  /** Requests at once, after a pause. */
  readonly burst: number;
  readonly perSecond: number;
}

export const CALLERS_MAX = 10_000;

interface Bucket {
  readonly left: number;
  readonly at: Timestamp;
}

export class RateLimit {
  readonly #rate: Rate;
  /** In the order of the last request: the quietest gives way, whose bucket is the fullest. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** True when the caller may go on; false costs nothing. */
  take(caller: string, now: Timestamp): boolean {
    const { burst, perSecond } = this.#rate;
    const { at, left } = this.#buckets.get(caller) ?? { at: now, left: burst };
    const filled = Math.min(burst, left + (Math.max(0, now - at) / 1_000) * perSecond);
    const may = filled >= 1;
    this.#buckets.delete(caller);
    this.#buckets.set(caller, { left: may ? filled - 1 : filled, at: now });
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size <= CALLERS_MAX) break;
      this.#buckets.delete(key);
    }
    return may;
  }
}
