/** Writes a disk piece by piece, and reads back what it wrote. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import type { Piece } from "./core/install-plan.ts";

const CHUNK_BYTES = 1024 * 1024;

/** `code` says what is broken: the stick gave something else than was put on it, or the disk did. */
export class WriteError extends Error {
  override readonly name = "WriteError";
  readonly code: "stick-damaged" | "disk-damaged";
  constructor(code: WriteError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface WriteParts {
  readonly pieces: readonly Piece[];
  /** Folder with the files of the pieces. */
  readonly files: string;
  /** What the stick runs from. */
  readonly system: string;
  readonly disk: string;
  /** Has the disk forget what was written, so that reading asks the disk itself. */
  readonly forget: () => void;
  readonly onPercent: (percent: number) => void;
}

/** Rejects with {@link WriteError}. */
export async function writePieces(parts: WriteParts): Promise<void> {
  const { disk, forget, onPercent, pieces } = parts;
  const all = pieces.reduce((sum, { bytes }) => sum + bytes, 0) * 2;
  let done = 0;
  const count = (length: number): void => {
    const before = Math.floor((done / all) * 100);
    done += length;
    const percent = Math.floor((done / all) * 100);
    if (percent !== before) onPercent(percent);
  };
  for (const piece of pieces) await write(piece, parts, count);
  forget();
  for (const { at, bytes, from, sha256 } of pieces) {
    const hash = createHash("sha256");
    try {
      for await (const chunk of createReadStream(disk, range(at, bytes)) as AsyncIterable<Buffer>) {
        hash.update(chunk);
        count(chunk.length);
      }
    } catch (error) {
      throw new WriteError("disk-damaged", `${disk} cannot be read back at ${at}`, { cause: error });
    }
    if (hash.digest("hex") !== sha256)
      throw new WriteError("disk-damaged", `${from}: ${disk} does not give back what was written at ${at}`);
  }
}

async function write(
  { at, bytes, from, sha256 }: Piece,
  { disk, files, system }: WriteParts,
  count: (length: number) => void,
): Promise<void> {
  const hash = createHash("sha256");
  let length = 0;
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      // More than was announced is written nowhere.
      if (length > bytes) return done(new WriteError("stick-damaged", `${from} is larger than announced`));
      hash.update(chunk);
      count(chunk.length);
      done(undefined, chunk);
    },
  });
  const to = createWriteStream(disk, { flags: "r+", start: at, highWaterMark: CHUNK_BYTES, flush: true });
  try {
    if (from === "system") await pipeline(createReadStream(system, range(0, bytes)), measured, to);
    else await pipeline(createReadStream(join(files, from)), createZstdDecompress(), measured, to);
  } catch (error) {
    if (error instanceof WriteError) throw error;
    const isDisk = error instanceof Error && "syscall" in error && error.syscall === "write";
    throw new WriteError(isDisk ? "disk-damaged" : "stick-damaged", `${from}: ${String(error)}`, {
      cause: error,
    });
  }
  if (length !== bytes || hash.digest("hex") !== sha256)
    throw new WriteError("stick-damaged", `${from} is not what was put on the stick`);
}

const range = (at: number, bytes: number) => ({ start: at, end: at + bytes - 1, highWaterMark: CHUNK_BYTES });
