/** Reads the embedded journal, from the writer's process or any other. */
import { closeSync, existsSync, mkdirSync, openSync, watch } from "node:fs";
import { join } from "node:path";
import { currentBirths } from "./births.ts";
import type { JournalBounds, JournalEntry, JournalReader } from "./journal.ts";
import { listSegments, type SegmentFile, SegmentReader } from "./segment.ts";

/** Written to after every commit; readers watch it. */
export const DOORBELL = "doorbell";

/** How late a reader is at most when a doorbell was missed. */
export const WAIT_POLL_MS_MAX = 200;

const OPEN_SEGMENTS_MAX = 4;

/** A segment that was left out of so many reads is behind its readers, and closed: what it held open goes back. */
const READS_WITHOUT_MAX = 64;

export interface JournalReaderOptions {
  /** Told once of each segment that cannot be read; reading goes on after it. */
  readonly onUnreadable?: (path: string, error: unknown) => void;
}

export interface EmbeddedJournalReader extends JournalReader {
  close(): void;
}

/** The folder may be empty or absent still: the journal is then empty until ingest begins it. */
export function openJournalReader(folder: string, options: JournalReaderOptions = {}): EmbeddedJournalReader {
  return new EmbeddedReader(folder, options);
}

class EmbeddedReader implements EmbeddedJournalReader {
  readonly #folder: string;
  readonly #options: JournalReaderOptions;
  #files: readonly SegmentFile[] = [];
  readonly #open = new Map<string, SegmentReader>();
  readonly #usedAt = new Map<string, number>();
  #uses = 0;
  readonly #unreadable = new Set<string>();

  constructor(folder: string, options: JournalReaderOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  async read(after: number, limit: number): Promise<readonly JournalEntry[]> {
    return this.#read(after, limit);
  }

  #read(after: number, limit: number): readonly JournalEntry[] {
    const entries: JournalEntry[] = [];
    this.#refreshAround(after + 1);
    let index = this.#indexOf(after + 1);
    while (entries.length < limit) {
      const file = this.#files[index];
      if (file === undefined) break;
      const more = this.#using(file, (segment) => segment.read(after, limit - entries.length)) ?? [];
      for (const entry of more) entries.push(entry);
      if (entries.length < limit && index === this.#files.length - 1 && !this.#refresh(file)) break;
      index = this.#files.findIndex(({ first }) => first > file.first);
      if (index < 0) break;
    }
    return entries;
  }

  async births(seq: number): Promise<readonly JournalEntry[]> {
    this.#refreshAround(seq);
    const file = this.#files[this.#indexOf(seq)];
    if (file === undefined) return [];
    // Where retention has taken `seq` itself, what was current at the oldest entry that is left.
    const at = Math.max(seq, file.first - 1);
    return currentBirths(this.#using(file, (segment) => segment.births(at)) ?? []);
  }

  async bounds(): Promise<JournalBounds> {
    this.#refresh();
    const newest = this.#files.at(-1);
    const first = this.#files[0]?.first ?? 1;
    if (newest === undefined) return { first, last: first - 1 };
    return { first, last: this.#using(newest, (segment) => segment.last()) ?? newest.first - 1 };
  }

  async waitFor(after: number, signal: AbortSignal): Promise<void> {
    const arrived = () => this.#read(after, 1).length > 0;
    if (signal.aborted || arrived()) return;
    const bell = join(this.#folder, DOORBELL);
    mkdirSync(this.#folder, { recursive: true });
    if (!existsSync(bell)) closeSync(openSync(bell, "a"));
    await new Promise<void>((resolve, reject) => {
      const finish = (error?: unknown): void => {
        watcher.close();
        clearInterval(poll);
        signal.removeEventListener("abort", stop);
        if (error === undefined) resolve();
        else reject(error);
      };
      const stop = () => finish();
      const look = (): void => {
        try {
          if (arrived()) finish();
        } catch (error) {
          finish(error);
        }
      };
      const watcher = watch(bell, look);
      // A watch that fails (too many of them) leaves the poll, which is enough.
      watcher.on("error", () => watcher.close());
      const poll = setInterval(look, WAIT_POLL_MS_MAX);
      signal.addEventListener("abort", stop, { once: true });
      look();
    });
  }

  close(): void {
    for (const segment of this.#open.values()) segment.close();
    this.#open.clear();
  }

  /** Index of the segment that holds `seq`, or of the oldest when retention has taken it already. */
  #indexOf(seq: number): number {
    const next = this.#files.findIndex(({ first }) => first > seq);
    return next < 0 ? Math.max(0, this.#files.length - 1) : Math.max(0, next - 1);
  }

  #refreshAround(seq: number): void {
    const oldest = this.#files[0];
    if (oldest === undefined || seq < oldest.first) this.#refresh();
  }

  /** Lists the folder anew; true when there is a segment after `file`. */
  #refresh(file?: SegmentFile): boolean {
    this.#files = listSegments(this.#folder);
    const left = new Set(this.#files.map(({ path }) => path));
    for (const [path, segment] of this.#open) {
      if (left.has(path)) continue;
      segment.close();
      this.#open.delete(path);
    }
    return file !== undefined && (this.#files.at(-1)?.first ?? 0) > file.first;
  }

  #using<T>(file: SegmentFile, work: (segment: SegmentReader) => T): T | undefined {
    try {
      let segment = this.#open.get(file.path);
      if (segment === undefined) {
        segment = new SegmentReader(file);
        this.#open.set(file.path, segment);
        this.#closeOldest();
      }
      this.#closeIdle(file.path);
      return work(segment);
    } catch (error) {
      this.#open.get(file.path)?.close();
      this.#open.delete(file.path);
      // Retention may have taken it between the listing and now: that is no damage.
      if (existsSync(file.path) && !this.#unreadable.has(file.path)) {
        this.#unreadable.add(file.path);
        this.#options.onUnreadable?.(file.path, error);
      }
      return undefined;
    }
  }

  #closeIdle(used: string): void {
    this.#uses += 1;
    this.#usedAt.set(used, this.#uses);
    for (const [path, at] of this.#usedAt) {
      if (this.#uses - at <= READS_WITHOUT_MAX) continue;
      this.#usedAt.delete(path);
      this.#open.get(path)?.close();
      this.#open.delete(path);
    }
  }

  #closeOldest(): void {
    if (this.#open.size <= OPEN_SEGMENTS_MAX) return;
    const [path, segment] = this.#open.entries().next().value ?? [];
    if (path === undefined) return;
    segment?.close();
    this.#open.delete(path);
  }
}
