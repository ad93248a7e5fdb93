/**
 * Keeps a list that was fetched and the changes that were streamed from contradicting each other.
 *
 * A change that arrives while a fetch is under way may be newer than what the fetch brings. Take a {@link mark} before
 * fetching and lay what was streamed since over the answer: whichever order the two arrive in, the newest stays.
 * Bounded by the number of keys.
 */
export class Overlay<T> {
  readonly #latest = new Map<string, { readonly seq: number; readonly value: T }>();
  #seq = 0;

  mark(): number {
    return this.#seq;
  }

  note(key: string, value: T): void {
    this.#seq += 1;
    this.#latest.set(key, { seq: this.#seq, value });
  }

  /** `fetched` with everything on top that was noted after `mark`. */
  over(mark: number, fetched: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
    const merged = new Map(fetched);
    for (const [key, { seq, value }] of this.#latest) if (seq > mark) merged.set(key, value);
    return merged;
  }
}
