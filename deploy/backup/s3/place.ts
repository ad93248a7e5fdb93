/** A bucket of an S3-compatible server as a place for backups. */
import { createWriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { OperatorError } from "@campus-ops/service";
import type { Place } from "../places.ts";
import { REAL_SURROUNDINGS, type S3Access, S3Client, type S3Surroundings } from "./client.ts";

/** What is held in memory of a backup. Servers ask for 5 MiB at least in every part but the last. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Of an upload, by the API. */
const PARTS_MAX = 10_000;
const GIVING_UP_MS_MAX = 10_000;

export interface S3PlaceOptions extends S3Access {
  /** The bucket removes old backups by a rule of its own; the hub's key cannot. */
  readonly appendOnly: boolean;
}

export function s3Place(options: S3PlaceOptions, surroundings: S3Surroundings = REAL_SURROUNDINGS): Place {
  const withClient = async <T>(work: (client: S3Client) => Promise<T>): Promise<T> => {
    const client = new S3Client(options, surroundings);
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  };
  return {
    name: options.url,
    appendOnly: options.appendOnly,
    put: (file, signal) => withClient((client) => upload(client, file, signal)),
    list: (signal) => withClient((client) => client.list(signal)),
    get: (name, to, signal) =>
      withClient(async (client) => {
        const body = await client.get(name, signal);
        await pipeline(body, createWriteStream(to, { mode: 0o600 }), { signal });
      }),
    remove: (name, signal) => withClient((client) => client.remove(name, signal)),
  };
}

/** A server shows an object when it has all of it, whichever way it came. */
async function upload(client: S3Client, file: string, signal: AbortSignal): Promise<void> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const name = basename(file);
    const bytes = Math.max(PART_BYTES, Math.ceil(size / PARTS_MAX));
    const buffer = Buffer.allocUnsafe(Math.min(bytes, size));
    if (size <= bytes) {
      await fill(handle, buffer, 0);
      await client.put(name, buffer, signal);
      return;
    }
    const id = await client.begin(name, signal);
    try {
      const parts: string[] = [];
      for (let at = 0; at < size; at += bytes) {
        const part = buffer.subarray(0, Math.min(bytes, size - at));
        await fill(handle, part, at);
        parts.push(await client.putPart(name, id, parts.length + 1, part, signal));
      }
      await client.finish(name, id, parts, signal);
    } catch (error) {
      // Where this fails too, the bucket's rule for unfinished uploads removes them; see the operator's manual.
      await client.giveUp(name, id, AbortSignal.timeout(GIVING_UP_MS_MAX)).catch(() => undefined);
      throw error;
    }
  } finally {
    await handle.close();
  }
}

async function fill(handle: FileHandle, buffer: Buffer, from: number): Promise<void> {
  for (let filled = 0; filled < buffer.length; ) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, from + filled);
    if (bytesRead === 0) throw new OperatorError("the backup became shorter while it was brought away");
    filled += bytesRead;
  }
}
