/** Remembers the newest ids, so that what arrives twice is taken once. */
export class RecentIds {
  readonly #max: number;
  readonly #ids = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** True the first time it is asked of an id, as far back as it remembers. */
  isNew(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    for (const oldest of this.#ids) {
      if (this.#ids.size <= this.#max) break;
      this.#ids.delete(oldest);
    }
    return true;
  }

  /** It did not count after all: the next time is the first again. */
  forget(id: string): void {
    this.#ids.delete(id);
  }
}
