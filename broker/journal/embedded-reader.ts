/** Reads the embedded journal, from the writer's process or any other. */
import { closeSync, existsSync, type FSWatcher, mkdirSync, openSync, watch } from "node:fs";
import { join } from "node:path";
import { currentBirths } from "./births.ts";
import { DOORBELL, DoorbellReader } from "./doorbell.ts";
import type { JournalBounds, JournalEntry, JournalReader } from "./journal.ts";
import { listSegments, type SegmentFile, SegmentReader } from "./segment.ts";

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
  readonly #bell: DoorbellReader;
  /** What the doorbell said of the segments before they were listed. */
  #listed: string | undefined;
  #watcher: FSWatcher | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(folder: string, options: JournalReaderOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#bell = new DoorbellReader(folder);
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
      const isNewest = index === this.#files.length - 1;
      const from = entries.at(-1)?.seq ?? after;
      const more = this.#using(file, (segment) => segment.read(from, limit - entries.length)) ?? [];
      for (const entry of more) entries.push(entry);
      if (entries.length === limit || (isNewest && !this.#isFollowed(file))) break;
      // One that was the newest has its last entries only now that another has followed it.
      index = this.#files.findIndex(({ first }) => (isNewest ? first >= file.first : first > file.first));
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
    const isThere = () => this.#read(after, 1).length > 0;
    const isRung = () => (this.#bell.read()?.last ?? Number.POSITIVE_INFINITY) > after && isThere();
    this.#watch();
    if (signal.aborted || isRung()) return;
    await new Promise<void>((resolve, reject) => {
      const finish = (error?: unknown): void => {
        this.#listeners.delete(listen);
        clearInterval(poll);
        signal.removeEventListener("abort", stop);
        if (error === undefined) resolve();
        else reject(error);
      };
      const stop = () => finish();
      const look = (arrived: () => boolean): void => {
        try {
          if (arrived()) finish();
        } catch (error) {
          finish(error);
        }
      };
      const listen = () => look(isRung);
      this.#listeners.add(listen);
      // Whatever the doorbell says, or does not say.
      const poll = setInterval(() => {
        this.#listed = undefined;
        look(isThere);
      }, WAIT_POLL_MS_MAX);
      signal.addEventListener("abort", stop, { once: true });
      listen();
    });
  }

  close(): void {
    this.#watcher?.close();
    this.#bell.close();
    for (const segment of this.#open.values()) segment.close();
    this.#open.clear();
  }

  /** From the first wait on; it keeps no process alive. */
  #watch(): void {
    if (this.#watcher !== undefined) return;
    const bell = join(this.#folder, DOORBELL);
    mkdirSync(this.#folder, { recursive: true });
    if (!existsSync(bell)) closeSync(openSync(bell, "a"));
    const watcher = watch(bell, { persistent: false }, () => {
      for (const listener of this.#listeners) listener();
    });
    // A watch that fails (too many of them) leaves the poll, which is enough.
    watcher.on("error", () => watcher.close());
    this.#watcher = watcher;
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

  /** There is a segment after `file`, which was the newest. */
  #isFollowed(file: SegmentFile): boolean {
    const rung = this.#bell.read()?.segments;
    if (rung === undefined || rung !== this.#listed) this.#refresh();
    return (this.#files.at(-1)?.first ?? 0) > file.first;
  }

  /** Lists the folder anew. */
  #refresh(): void {
    this.#listed = this.#bell.read()?.segments;
    this.#files = listSegments(this.#folder);
    const left = new Set(this.#files.map(({ path }) => path));
    for (const [path, segment] of this.#open) {
      if (left.has(path)) continue;
      segment.close();
      this.#open.delete(path);
    }
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
