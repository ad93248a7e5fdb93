/**
 * A log that is kept by time: the file being written is put aside under its day when the day is over, or when it is large,
 * and compressed; what is older than its time is deleted. The time is six calendar months at least (Cybersecurity Law,
 * article 21). Should a runaway process fill more than {@link LOG_BYTES_MAX}, the oldest go before their time: a hub whose
 * disk is full keeps nothing at all.
 */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

export const LOG_FILE_BYTES_MAX = 16 * 1024 * 1024;
/** Of what was put aside, compressed. */
export const LOG_BYTES_MAX = 2 * 1024 ** 3;
/** Six calendar months are 184 days at most. */
export const LOG_DAYS_MIN = 184;
const LOG_DAYS = 190;
const DAY_MS = 86_400_000;
/** The day that an operator in China has on the calendar. */
const ZONE_MS = 8 * 3_600_000;

export interface Removed {
  readonly count: number;
  /** Everything put aside before is gone. */
  readonly before: number;
  /** The bound of bytes was reached: they went before their time. */
  readonly early: boolean;
}

export interface RotatingFileOptions {
  readonly bytesMax?: number;
  readonly totalBytesMax?: number;
  /** Fewer than {@link LOG_DAYS_MIN} are not taken. */
  readonly days?: number;
  readonly now?: () => number;
  /** Told what was deleted. */
  readonly onRemoved?: (removed: Removed) => void;
}

export class RotatingFile {
  /** Lines that could not be written, because the disk was full or worse. */
  dropped = 0;
  readonly #path: string;
  readonly #bytesMax: number;
  readonly #totalBytesMax: number;
  readonly #keep_ms: number;
  readonly #now: () => number;
  readonly #onRemoved: (removed: Removed) => void;
  #descriptor: number | undefined;
  #bytes = 0;
  #day = 0;
  #tidying: Promise<void> = Promise.resolve();

  constructor(path: string, options: RotatingFileOptions = {}) {
    this.#path = path;
    this.#bytesMax = options.bytesMax ?? LOG_FILE_BYTES_MAX;
    this.#totalBytesMax = options.totalBytesMax ?? LOG_BYTES_MAX;
    this.#keep_ms = Math.max(options.days ?? LOG_DAYS, LOG_DAYS_MIN) * DAY_MS;
    this.#now = options.now ?? Date.now;
    this.#onRemoved = options.onRemoved ?? (() => undefined);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#tidy();
  }

  /** Never throws: a log that cannot be written must not stop what it is a log of. */
  writeLine(line: string): void {
    const bytes = Buffer.from(`${line}\n`, "utf8");
    try {
      this.#open();
      const full = this.#bytes > 0 && this.#bytes + bytes.length > this.#bytesMax;
      if (full || (this.#bytes > 0 && this.#day !== dayOf(this.#now()))) this.#putAside();
      if (this.#descriptor !== undefined) writeSync(this.#descriptor, bytes);
      this.#bytes += bytes.length;
    } catch {
      this.dropped += 1;
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** Resolves when what was put aside is compressed, and what is past its time is gone. */
  async settle(): Promise<void> {
    await this.#tidying;
  }

  #open(): void {
    if (this.#descriptor !== undefined) return;
    this.#descriptor = openSync(this.#path, "a", 0o600);
    const { size, mtimeMs } = fstatSync(this.#descriptor);
    this.#bytes = size;
    this.#day = dayOf(size === 0 ? this.#now() : mtimeMs);
  }

  #putAside(): void {
    this.close();
    renameSync(this.#path, this.#asidePath());
    this.#open();
    this.#tidy();
  }

  /** `hub.jsonl` → `hub-2026-11-22-001.jsonl`: in order of their names they are in order of time. */
  #asidePath(): string {
    const day = new Date(this.#day * DAY_MS).toISOString().slice(0, 10);
    const begin = `${this.#stem}-${day}-`;
    const taken = this.#aside()
      .filter((name) => name.startsWith(begin))
      .map((name) => Number(name.slice(begin.length, begin.length + 3)));
    const number = String(Math.max(0, ...taken) + 1).padStart(3, "0");
    return join(dirname(this.#path), `${begin}${number}.jsonl`);
  }

  get #stem(): string {
    return basename(this.#path, ".jsonl");
  }

  /** Names of what was put aside, the oldest first. */
  #aside(): readonly string[] {
    const ours = new RegExp(`^${this.#stem}-\\d{4}-\\d{2}-\\d{2}-\\d{3}\\.jsonl(\\.gz)?$`);
    return readdirSync(dirname(this.#path))
      .filter((name) => ours.test(name))
      .sort();
  }

  #tidy(): void {
    this.#tidying = this.#tidying
      .then(() => this.#compressAll())
      .then(() => this.#removeOld())
      // Tried again with the next file.
      .catch(() => undefined);
  }

  /** One that was interrupted begins anew: only a whole one bears its name. */
  async #compressAll(): Promise<void> {
    const folder = dirname(this.#path);
    for (const name of this.#aside().filter((each) => each.endsWith(".jsonl"))) {
      const path = join(folder, name);
      const part = join(folder, `${name}.part`);
      await pipeline(createReadStream(path), createGzip(), createWriteStream(part, { mode: 0o600 }));
      renameSync(part, `${path}.gz`);
      rmSync(path);
    }
  }

  #removeOld(): void {
    const folder = dirname(this.#path);
    const before = this.#now() - this.#keep_ms;
    const files = this.#aside().map((name) => ({
      path: join(folder, name),
      bytes: statSync(join(folder, name)).size,
      ended: Date.parse(name.slice(this.#stem.length + 1, this.#stem.length + 11)) + DAY_MS - ZONE_MS,
    }));
    const old = files.filter(({ ended }) => ended <= before);
    const rest = files.filter(({ ended }) => ended > before);
    let bytes = rest.reduce((sum, file) => sum + file.bytes, 0);
    const early = rest.filter((file) => {
      const goes = bytes > this.#totalBytesMax;
      if (goes) bytes -= file.bytes;
      return goes;
    });
    for (const { path } of [...old, ...early]) rmSync(path);
    if (old.length > 0) this.#onRemoved({ count: old.length, before, early: false });
    const last = early.at(-1);
    if (last !== undefined) this.#onRemoved({ count: early.length, before: last.ended, early: true });
  }
}

const dayOf = (at: number): number => Math.floor((at + ZONE_MS) / DAY_MS);
