/** Who may send to a port that anybody can send to: known sources, and none of them without measure. */

/** Beyond that a source is not listened to any more within the same second. */
export const DATAGRAMS_PER_SOURCE_S_MAX = 50;

export interface GateCounters {
  /** From addresses that no device has. */
  readonly unknownSource: number;
  /** More than a source may send in a second. */
  readonly flooded: number;
}

export class SourceGate<Subscriber> {
  readonly counters: { unknownSource: number; flooded: number } = { unknownSource: 0, flooded: 0 };
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #recent = new Map<string, number>();
  #second = 0;

  /** The function returned lets go. Several may stand for one address. */
  add(address: string, subscriber: Subscriber): () => void {
    const here = this.#subscribers.get(address) ?? new Set();
    this.#subscribers.set(address, here.add(subscriber));
    return () => {
      here.delete(subscriber);
      if (here.size === 0 && this.#subscribers.get(address) === here) this.#subscribers.delete(address);
    };
  }

  at(address: string): readonly Subscriber[] {
    return [...(this.#subscribers.get(address) ?? [])];
  }

  all(): readonly Subscriber[] {
    return [...this.#subscribers.values()].flatMap((each) => [...each]);
  }

  /** Whether a datagram is worth decoding; counts those that are not. `now` in milliseconds. */
  admits(address: string, now: number): boolean {
    if (!this.#subscribers.has(address)) {
      this.counters.unknownSource += 1;
      return false;
    }
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#recent.clear();
    }
    const sent = (this.#recent.get(address) ?? 0) + 1;
    this.#recent.set(address, sent);
    if (sent <= DATAGRAMS_PER_SOURCE_S_MAX) return true;
    this.counters.flooded += 1;
    return false;
  }
}
