/** Writes the embedded journal. One process at a time: a second one is refused. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { addressKey } from "@campus-ops/device-profiles/vocabulary";
import { currentBirths } from "./births.ts";
import { DoorbellWriter } from "./doorbell.ts";
import {
  type JournalEntry,
  JournalLockedError,
  JournalOverloadedError,
  type JournalRetention,
  type JournalWriter,
  type NewEntry,
  WAITING_BYTES_MAX,
} from "./journal.ts";
import { ReceivedRanges } from "./received-ranges.ts";
import {
  deleteSegment,
  listSegments,
  SegmentReader,
  SegmentWriter,
  segmentBytes,
  segmentPath,
  setSegmentAside,
} from "./segment.ts";

/** Entries of one commit; more that wait are taken by the next. */
export const GROUP_ENTRIES_MAX = 8_192;

/**
 * Each commit costs a sync of the disk here and a look at every reader. Where they come thick, the next waits for company, so
 * many times as long as the last took: the busier the machine, the more entries share one. An entry never waits longer than
 * {@link COMMIT_WAIT_MS_MAX} for that.
 */
const COMMIT_WAITS = 4;
const COMMIT_WAIT_MS_MAX = 10;
/** Commits that wait for nobody, as long as they are no more than these and one in each {@link COMMIT_WAIT_MS_MAX}. */
const COMMITS_AT_ONCE_MAX = 64;

const DAY_MS = 86_400_000;

export interface JournalWriterOptions {
  /** A segment is closed when it is at least this large. */
  readonly segmentBytesMax?: number;
  /** A segment never holds more entries than this. */
  readonly segmentEntriesMax?: number;
  /** Whole segments are deleted when all of their entries are older, or when all segments together are larger. */
  readonly retention?: JournalRetention;
  /** Told of each segment that was damaged and moved aside, and of each that retention deleted. */
  readonly onSetAside?: (path: string, error: unknown) => void;
  readonly onRetired?: (path: string) => void;
}

export interface EmbeddedJournalWriter extends JournalWriter {
  close(): void;
}

/** Throws {@link JournalLockedError} when another process has it open for writing. */
export function openJournalWriter(folder: string, options: JournalWriterOptions = {}): EmbeddedJournalWriter {
  return new EmbeddedWriter(folder, options);
}

interface Waiting {
  readonly entries: readonly NewEntry[];
  readonly bytes: number;
  resolve(last: number): void;
  reject(error: unknown): void;
}

class EmbeddedWriter implements EmbeddedJournalWriter {
  readonly received = new ReceivedRanges();
  readonly #folder: string;
  readonly #options: JournalWriterOptions;
  readonly #bytesMax: number;
  readonly #entriesMax: number;
  readonly #lock: DatabaseSync;
  readonly #bell: DoorbellWriter;
  #oldest = 0;
  #segment: SegmentWriter;
  #last: number;
  #lastReceivedAt: number;
  /** Since the segment was begun, or since its size was last looked at: a cheap stand-in for asking the file system. */
  #bytes: number;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #scheduled = false;
  #timer: NodeJS.Timeout | undefined;
  /** Not before then is the next commit, by `performance.now()`. */
  #commitFrom = 0;
  #commitsAtOnce = COMMITS_AT_ONCE_MAX;
  #committedAt = 0;
  #closed = false;

  constructor(folder: string, options: JournalWriterOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#bytesMax = options.segmentBytesMax ?? 64 * 1024 * 1024;
    this.#entriesMax = options.segmentEntriesMax ?? 500_000;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#lock = lock(folder);
    this.#bell = new DoorbellWriter(folder);
    this.#segment = this.#openNewest();
    for (const { node, ...range } of this.#segment.received()) this.received.add(node, range);
    this.#last = this.#segment.last();
    this.#lastReceivedAt = this.#findLastReceivedAt();
    this.#bytes = segmentBytes(this.#segment.path);
    this.#retire();
    this.#ring();
  }

  get last(): number {
    return this.#last;
  }

  get lastReceivedAt(): number {
    return this.#lastReceivedAt;
  }

  append(entries: readonly NewEntry[]): Promise<number> {
    if (this.#closed) return Promise.reject(new Error("the journal is closed"));
    if (entries.length === 0) return Promise.resolve(this.#last);
    const bytes = entries.reduce((sum, { payload }) => sum + payload.byteLength, 0);
    if (this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      const message = `${this.#waitingBytes} bytes wait for the journal's disk; nothing of this append was written`;
      return Promise.reject(new JournalOverloadedError(message));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entries, bytes, resolve, reject });
      this.#waitingBytes += bytes;
      this.#schedule();
    });
  }

  close(): void {
    if (this.#closed) return;
    while (this.#waiting.length > 0) this.#commit();
    this.#closed = true;
    this.#segment.seal();
    clearTimeout(this.#timer);
    this.#bell.close();
    this.#lock.close();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const wait_ms = this.#commitFrom - performance.now();
    if (wait_ms > 0) this.#timer = setTimeout(() => this.#commit(), wait_ms);
    else setImmediate(() => this.#commit());
  }

  /** Everything that came in since the last commit becomes durable in one: the disk's sync is shared. */
  #commit(): void {
    clearTimeout(this.#timer);
    this.#scheduled = false;
    const group = this.#takeGroup();
    if (group.length === 0) return;
    const started = performance.now();
    this.#write(group);
    const ended = performance.now();
    const regained = (ended - this.#committedAt) / COMMIT_WAIT_MS_MAX;
    this.#committedAt = ended;
    this.#commitsAtOnce = Math.max(0, Math.min(COMMITS_AT_ONCE_MAX, this.#commitsAtOnce + regained) - 1);
    const wait_ms = Math.min(COMMIT_WAITS * (ended - started), COMMIT_WAIT_MS_MAX);
    this.#commitFrom = this.#commitsAtOnce > 0 ? ended : ended + wait_ms;
    if (this.#waiting.length > 0) this.#schedule();
  }

  #write(group: readonly Waiting[]): void {
    const entries = this.#monotone(group.flatMap((each) => each.entries));
    try {
      if (this.#isFull(entries.length)) this.#roll();
      this.#segment.insert(entries, this.#last + 1);
    } catch (error) {
      for (const each of group) each.reject(error);
      return;
    }
    this.#lastReceivedAt = entries.at(-1)?.receivedAt ?? this.#lastReceivedAt;
    for (const { address, range } of entries) {
      if (address !== undefined && range !== undefined)
        this.received.add(addressKey({ campus: address.campus, node: address.node }), range);
    }
    for (const each of group) {
      this.#last += each.entries.length;
      this.#bytes += each.bytes;
      each.resolve(this.#last);
    }
    this.#ring();
  }

  #takeGroup(): Waiting[] {
    let count = 0;
    let size = 0;
    for (const each of this.#waiting) {
      if (size > 0 && count + each.entries.length > Math.min(GROUP_ENTRIES_MAX, this.#entriesMax)) break;
      count += each.entries.length;
      size += 1;
    }
    const group = this.#waiting.splice(0, size);
    this.#waitingBytes -= group.reduce((sum, { bytes }) => sum + bytes, 0);
    return group;
  }

  /** Receive times never go back, whatever the wall clock does. */
  #monotone(entries: readonly NewEntry[]): readonly NewEntry[] {
    let floor = this.#lastReceivedAt;
    return entries.map((entry) => {
      if (entry.receivedAt < floor) return { ...entry, receivedAt: floor };
      floor = entry.receivedAt;
      return entry;
    });
  }

  #isFull(more: number): boolean {
    const held = this.#last - this.#segment.first + 1;
    return held > 0 && (this.#bytes >= this.#bytesMax || held + more > this.#entriesMax);
  }

  #roll(): void {
    const births = currentBirths(this.#segment.births(this.#last));
    const next = this.#create(this.#last + 1, births);
    const full = this.#segment;
    this.#segment = next;
    full.seal();
    this.#bytes = segmentBytes(next.path);
    this.#retire();
    // Before its first entry: whoever finds nothing more in the segment before must know that another follows.
    this.#ring();
  }

  #create(first: number, births: readonly JournalEntry[]): SegmentWriter {
    return SegmentWriter.create(
      { first, path: segmentPath(this.#folder, first) },
      births,
      this.received.runs(),
    );
  }

  /**
   * The newest segment that is sound. A damaged one is set aside, and a new one begun whose numbers lie beyond any that
   * the damaged one could have held: a projection that has seen them must never meet the same number again.
   */
  #openNewest(): SegmentWriter {
    let beyond = 1;
    for (const file of listSegments(this.#folder).reverse()) {
      try {
        const segment = new SegmentWriter(file);
        try {
          segment.check();
          if (beyond === 1) return segment;
          for (const { node, ...range } of segment.received()) this.received.add(node, range);
          const births = currentBirths(segment.births(segment.last()));
          segment.seal();
          return this.#create(beyond, births);
        } catch (error) {
          segment.close();
          throw error;
        }
      } catch (error) {
        beyond = Math.max(beyond, file.first + this.#entriesMax);
        this.#options.onSetAside?.(setSegmentAside(file.path, file.first), error);
      }
    }
    return this.#create(beyond, []);
  }

  #findLastReceivedAt(): number {
    const own = this.#segment.lastReceivedAt();
    if (own > 0) return own;
    const previous = listSegments(this.#folder).at(-2);
    if (previous === undefined) return 0;
    const segment = new SegmentReader(previous);
    try {
      return segment.lastReceivedAt();
    } finally {
      segment.close();
    }
  }

  #retire(): void {
    const { days, bytes } = this.#options.retention ?? {};
    const files = listSegments(this.#folder);
    let total = files.reduce((sum, { path }) => sum + segmentBytes(path), 0);
    let deleted = 0;
    // The newest is never deleted.
    for (const file of files.slice(0, -1)) {
      const tooLarge = bytes !== undefined && total > bytes;
      if (
        !tooLarge &&
        !(days !== undefined && this.#newestEntryAge_ms(file.path, file.first) > days * DAY_MS)
      )
        break;
      total -= segmentBytes(file.path);
      deleteSegment(file.path);
      deleted += 1;
      this.#options.onRetired?.(file.path);
    }
    this.#oldest = files[deleted]?.first ?? this.#segment.first;
  }

  #newestEntryAge_ms(path: string, first: number): number {
    try {
      const segment = new SegmentReader({ path, first });
      try {
        const now = this.#options.retention?.now?.() ?? this.#lastReceivedAt;
        return now - segment.lastReceivedAt();
      } finally {
        segment.close();
      }
    } catch {
      // An unreadable one is kept for inspection until the bytes are needed.
      return 0;
    }
  }

  #ring(): void {
    this.#bell.ring(this.#oldest, this.#segment.first, this.#last);
  }
}

/** An SQLite lock, because the system gives it up when its holder is killed. */
function lock(folder: string): DatabaseSync {
  const database = new DatabaseSync(join(folder, "writer.lock"));
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    throw new JournalLockedError(
      `another process writes the journal in ${folder}; stop it first, or give this one a data folder of its own`,
      { cause: error },
    );
  }
}
