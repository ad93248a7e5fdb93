/** So many requests a minute of one address, counted over the running minute. */

const MINUTE_MS = 60_000;
/** Addresses counted at a time; in a minute with more of them the first are forgotten. */
export const ADDRESSES_MAX = 10_000;

interface Count {
  readonly since_ms: number;
  requests: number;
}

export class RateLimit {
  readonly #max: number;
  readonly #counts = new Map<string, Count>();

  constructor(requestsAMinuteMax: number) {
    this.#max = requestsAMinuteMax;
  }

  /** Counts a request; false when it is one too many. */
  allows(address: string, uptime_ms: number): boolean {
    const known = this.#counts.get(address);
    if (known !== undefined && uptime_ms - known.since_ms < MINUTE_MS) {
      known.requests += 1;
      return known.requests <= this.#max;
    }
    this.#counts.delete(address);
    this.#counts.set(address, { since_ms: uptime_ms, requests: 1 });
    if (this.#counts.size > ADDRESSES_MAX) this.#counts.delete(this.#counts.keys().next().value ?? "");
    return this.#max > 0;
  }
}
