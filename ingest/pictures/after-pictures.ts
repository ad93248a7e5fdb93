/**
 * A journal whose entries wait for the parts of pictures that came with them: what is in the journal is acknowledged, and the
 * box that sent it deletes it. Entries stay in their order; those of other messages do not wait longer than that takes.
 */
import type { JournalWriter } from "@campus-ops/broker/journal";
import type { PictureShelf } from "./shelf.ts";

export class AfterPictures implements JournalWriter {
  readonly #journal: JournalWriter;
  readonly #shelf: Pick<PictureShelf, "partsTaken">;
  readonly #settled: () => Promise<void>;
  #seen: number;
  #before: Promise<void> = Promise.resolve();

  constructor(journal: JournalWriter, shelf: Pick<PictureShelf, "partsTaken">, settled: () => Promise<void>) {
    this.#journal = journal;
    this.#shelf = shelf;
    this.#settled = settled;
    this.#seen = shelf.partsTaken;
  }

  get received(): JournalWriter["received"] {
    return this.#journal.received;
  }

  get last(): number {
    return this.#journal.last;
  }

  get lastReceivedAt(): number {
    return this.#journal.lastReceivedAt;
  }

  append(entries: Parameters<JournalWriter["append"]>[0]): ReturnType<JournalWriter["append"]> {
    const { partsTaken } = this.#shelf;
    if (partsTaken !== this.#seen) this.#before = this.#before.then(this.#settled);
    this.#seen = partsTaken;
    return this.#before.then(() => this.#journal.append(entries));
  }

  close(): Promise<void> | void {
    return this.#journal.close();
  }
}
