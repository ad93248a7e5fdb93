/** The rows of the stream that count for good: until then nobody is told of them, as another worker might have to make them again. */
import type { Kept } from "@campus-ops/service/workers";
import type { RulesStore, StreamRow } from "../store/rules-store.ts";

export class KeptRows {
  readonly #store: Pick<RulesStore, "stream" | "newestRow">;
  readonly #kept: Kept | undefined;
  #newest: number;

  /** What is in the store already counts. Without `kept` everything does as soon as it is committed. */
  constructor(store: Pick<RulesStore, "stream" | "newestRow">, kept: Kept | undefined) {
    this.#store = store;
    this.#kept = kept;
    this.#newest = store.newestRow();
  }

  newestRow(): number {
    return this.#kept === undefined ? this.#store.newestRow() : this.#newest;
  }

  stream(cursor: number, limit: number): readonly StreamRow[] {
    const newest = this.newestRow();
    return this.#store.stream(cursor, limit).filter(({ id }) => id <= newest);
  }

  /** Rows that have been committed: tells them when they count, in order. */
  committed(rows: readonly StreamRow[], tell: (rows: readonly StreamRow[]) => void): void {
    if (this.#kept === undefined) {
      tell(rows);
      return;
    }
    void this.#kept.settled().then(() => {
      this.#newest = rows.at(-1)?.id ?? this.#newest;
      tell(rows);
    });
  }
}
