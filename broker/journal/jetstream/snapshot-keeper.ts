/** Takes a snapshot now and then while the journal is written, and deletes what is past its retention. */
import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { JournalRetention } from "../journal.ts";
import type { ReceivedRanges } from "../received-ranges.ts";
import {
  birthsAt,
  deleteSnapshotsBefore,
  listSnapshots,
  readSnapshotEnd,
  type SnapshotEnd,
  writeSnapshot,
} from "./snapshot.ts";
import { type Streams, streamInfo } from "./streams.ts";

const DAY_MS = 86_400_000;

export interface SnapshotOptions {
  /** A snapshot is taken after so many bytes, or so many entries; retention deletes such parts, as a whole. */
  readonly snapshotBytes?: number;
  readonly snapshotEntries?: number;
  readonly retention?: JournalRetention;
  /** A snapshot or a deletion failed: nothing is lost, and it is tried again with the next one. */
  readonly onProblem?: (error: unknown) => void;
  /** Told of the numbers that retention deleted: everything before `first`. */
  readonly onRetired?: (first: number) => void;
}

export class SnapshotKeeper {
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #streams: Streams;
  readonly #options: SnapshotOptions;
  readonly #bytesMax: number;
  readonly #entriesMax: number;
  #entries = 0;
  #bytes = 0;
  #newest: SnapshotEnd = { seq: 0, receivedAt: 0 };
  #work: Promise<void> | undefined;

  constructor(
    client: JetStreamClient,
    manager: JetStreamManager,
    streams: Streams,
    options: SnapshotOptions,
  ) {
    this.#client = client;
    this.#manager = manager;
    this.#streams = streams;
    this.#options = options;
    this.#bytesMax = options.snapshotBytes ?? 64 * 1024 * 1024;
    this.#entriesMax = options.snapshotEntries ?? 500_000;
  }

  /** So many entries have no snapshot yet. */
  begin(entries: number): void {
    this.#entries = entries;
  }

  stored(bytes: number): void {
    this.#entries += 1;
    this.#bytes += bytes;
  }

  /** Beside the writing, when it is time. `received` may hold more than `end` says; never less. */
  keep(end: SnapshotEnd, received: ReceivedRanges): void {
    this.#newest = end;
    if (this.#entries < this.#entriesMax && this.#bytes < this.#bytesMax) return;
    this.#work ??= this.#takeWhileDue(received).finally(() => {
      this.#work = undefined;
    });
  }

  async settled(): Promise<void> {
    await this.#work;
  }

  async #takeWhileDue(received: ReceivedRanges): Promise<void> {
    while (this.#entries >= this.#entriesMax || this.#bytes >= this.#bytesMax) {
      this.#entries = 0;
      this.#bytes = 0;
      await this.#take(this.#newest, received).catch((error: unknown) => this.#options.onProblem?.(error));
    }
  }

  async #take(end: SnapshotEnd, received: ReceivedRanges): Promise<void> {
    const births = await birthsAt(this.#manager, this.#streams, end.seq);
    await writeSnapshot(this.#client, this.#streams, end, births, received.runs());
    await this.#retire(end);
  }

  /** Part by part, the oldest first; what came after the newest snapshot always stays. */
  async #retire({ receivedAt }: SnapshotEnd): Promise<void> {
    const { days, bytes, now } = this.#options.retention ?? {};
    for (const seq of await listSnapshots(this.#manager, this.#streams)) {
      const state = (await streamInfo(this.#manager, this.#streams.entries))?.state;
      if (state === undefined || state.messages === 0) return;
      if (state.first_seq > seq) continue;
      const tooLarge = bytes !== undefined && state.bytes > bytes;
      if (!tooLarge && !(await this.#isOlder(seq, now?.() ?? receivedAt, days))) return;
      // The newest entry stays: the next writer learns from it when it was.
      if (seq >= state.last_seq) return;
      await this.#manager.streams.purge(this.#streams.entries, { seq: seq + 1 });
      await deleteSnapshotsBefore(this.#manager, this.#streams, seq);
      this.#options.onRetired?.(seq + 1);
    }
  }

  async #isOlder(seq: number, now: number, days: number | undefined): Promise<boolean> {
    if (days === undefined) return false;
    const end = await readSnapshotEnd(this.#manager, this.#streams, seq);
    return end !== undefined && now - end.receivedAt > days * DAY_MS;
  }
}
