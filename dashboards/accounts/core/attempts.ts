/**
 * How long somebody waits after failed attempts to sign in. Attempts are counted by account and by address, each in a
 * bucket of its own, and an account's attempts from a device where its owner has signed in before are counted apart: a
 * stranger who tries the duty desk's name all night makes strangers wait, and not the desk.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** Typing errors cost nothing. */
export const FREE_FAILURES = 5;
const FIRST_WAIT_MS = 1_000;
/** Nobody is locked out for good, and nobody gets more than a hundred tries a day. */
export const WAIT_MS_MAX = 15 * 60_000;
/** Failures are forgotten after this much quiet. */
const FORGET_MS = 24 * 3_600_000;
export const BUCKETS_MAX = 10_000;

interface Bucket {
  readonly failures: number;
  readonly at: Timestamp;
}

export class Attempts {
  /** In the order of the last failure: the oldest gives way. */
  readonly #buckets = new Map<string, Bucket>();

  get size(): number {
    return this.#buckets.size;
  }

  /** Milliseconds until an attempt that falls into these buckets is looked at; 0 when it is now. */
  wait(keys: readonly string[], now: Timestamp): number {
    return Math.max(0, ...keys.map((key) => this.#until(key, now) - now));
  }

  failed(keys: readonly string[], now: Timestamp): void {
    for (const key of keys) {
      const failures = (this.#live(key, now)?.failures ?? 0) + 1;
      this.#buckets.delete(key);
      this.#buckets.set(key, { failures, at: now });
    }
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size <= BUCKETS_MAX) break;
      this.#buckets.delete(key);
    }
  }

  /** Takes back one {@link failed}: attempts are counted before they are looked at, so that many at once count too. */
  forgive(keys: readonly string[]): void {
    for (const key of keys) {
      const bucket = this.#buckets.get(key);
      if (bucket === undefined) continue;
      if (bucket.failures <= 1) this.#buckets.delete(key);
      else this.#buckets.set(key, { ...bucket, failures: bucket.failures - 1 });
    }
  }

  succeeded(keys: readonly string[]): void {
    for (const key of keys) this.#buckets.delete(key);
  }

  #until(key: string, now: Timestamp): Timestamp {
    const bucket = this.#live(key, now);
    if (bucket === undefined || bucket.failures < FREE_FAILURES) return now;
    const wait = Math.min(WAIT_MS_MAX, FIRST_WAIT_MS * 2 ** Math.min(bucket.failures - FREE_FAILURES, 30));
    return bucket.at + wait;
  }

  #live(key: string, now: Timestamp): Bucket | undefined {
    const bucket = this.#buckets.get(key);
    return bucket === undefined || now - bucket.at > FORGET_MS ? undefined : bucket;
  }
}
