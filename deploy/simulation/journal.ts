/**
 * The journal on a simulated disk: what is appended waits for the disk, becomes durable in one commit, and is told only
 * then. Readers see what is durable.
 */
import { ReceivedRanges } from "@campus-ops/broker/journal";
import { currentBirths } from "@campus-ops/broker/journal/births";
import type { JournalEntry, NewEntry } from "@campus-ops/broker/journal/entry";
import type { RecordRange } from "@campus-ops/broker/sparkplug";
import { addressKey } from "@campus-ops/device-profiles/vocabulary";
import { DiskFullError, type SimulatedDisk, type Table } from "./disk.ts";
import type { Schedule } from "./schedule.ts";

export interface StoredEntry extends JournalEntry {
  readonly range?: RecordRange;
}

interface Waiting {
  readonly entries: readonly NewEntry[];
  readonly resolve: (last: number) => void;
  readonly reject: (error: unknown) => void;
}

export interface JournalOptions {
  readonly disk: SimulatedDisk;
  readonly table: Table<number, StoredEntry>;
  readonly schedule: Schedule;
  /** How long the disk takes for the next commit. */
  readonly delay_ms: () => number;
  readonly onDurable: (entries: readonly StoredEntry[]) => void;
}

/** As one process has it open. */
export class SimulatedJournal {
  /** As of the last commit; read back from the disk when the journal is opened. */
  readonly received = new ReceivedRanges();
  readonly #options: JournalOptions;
  #waiting: Waiting[] = [];
  #scheduled = false;
  #last: number;
  #receivedAt: number;
  isOpen = true;

  constructor(options: JournalOptions) {
    this.#options = options;
    const { table } = options;
    this.#last = table.size;
    this.#receivedAt = table.get(table.size)?.receivedAt ?? 0;
    for (const entry of table.values()) this.#learn(entry);
  }

  get lastReceivedAt(): number {
    return this.#receivedAt;
  }

  append(entries: readonly NewEntry[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entries, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      this.#options.schedule.after(this.#options.delay_ms(), () => this.#commit());
    });
  }

  #commit(): void {
    if (!this.isOpen) return;
    const { disk, onDurable, schedule, table } = this.#options;
    this.#scheduled = false;
    const group = this.#waiting.splice(0);
    const entries = this.#numbered(group.flatMap((each) => each.entries));
    schedule.settle();
    try {
      disk.transaction(
        () => {
          for (const entry of entries) table.put(entry.seq, entry);
        },
        () => onDurable(entries),
      );
    } catch (error) {
      if (!(error instanceof DiskFullError)) throw error;
      for (const { reject } of group) reject(error);
      return;
    }
    disk.sync();
    this.#last += entries.length;
    this.#receivedAt = entries.at(-1)?.receivedAt ?? this.#receivedAt;
    for (const entry of entries) this.#learn(entry);
    for (const { resolve } of group) resolve(this.#last);
  }

  /** Receive times never go back. */
  #numbered(entries: readonly NewEntry[]): readonly StoredEntry[] {
    let floor = this.#receivedAt;
    return entries.map((entry, index) => {
      floor = Math.max(floor, entry.receivedAt);
      return { ...entry, receivedAt: floor, seq: this.#last + 1 + index };
    });
  }

  #learn({ address, range }: StoredEntry): void {
    if (address === undefined || range === undefined) return;
    this.received.add(addressKey({ campus: address.campus, node: address.node }), range);
  }
}

/** What readers of any process see. */
export class JournalView {
  readonly #durable: StoredEntry[] = [];

  extend(entries: readonly StoredEntry[]): void {
    this.#durable.push(...entries);
  }

  get last(): number {
    return this.#durable.length;
  }

  read(after: number, limit: number): readonly StoredEntry[] {
    return this.#durable.slice(after, after + limit);
  }

  births(seq: number): readonly JournalEntry[] {
    const births = this.#durable.filter(
      (entry) => entry.seq <= seq && (entry.kind === "NBIRTH" || entry.kind === "DBIRTH"),
    );
    return currentBirths(births);
  }
}
