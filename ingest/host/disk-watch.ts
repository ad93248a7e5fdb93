/** Watches the room on the disk that holds the data folder, and keeps its reserve. */
import { randomFillSync } from "node:crypto";
import { closeSync, existsSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "@campus-ops/service";
import { type DiskLimits, type DiskRoom, isDiskFull, stepDiskRoom } from "../core/disk-room.ts";

const LOOK_MS = 500;
const RESERVE_FILE = "disk-reserve";
const CHUNK_BYTES = 1024 * 1024;

export interface DiskWatchOptions extends DiskLimits {
  readonly folder: string;
  readonly log: Log;
}

export class DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #reserve: string;
  #timer: NodeJS.Timeout | undefined;
  #room: DiskRoom = "ample";
  #free = 0;

  /** Looks at once: a hub that starts on a full disk has its reserve to start with. */
  constructor(options: DiskWatchOptions) {
    this.#options = options;
    this.#reserve = join(options.folder, RESERVE_FILE);
    this.look();
    if (this.#room === "ample") this.#keepReserve();
  }

  get room(): DiskRoom {
    return this.#room;
  }

  get free(): number {
    return this.#free;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  look(): void {
    const { bavail, bsize } = statfsSync(this.#options.folder);
    this.#free = bavail * bsize;
    this.#become(stepDiskRoom(this.#room, this.#free, this.#options));
  }

  /** The journal took nothing; when that was for want of room, the reserve is released at once. */
  refused(error: unknown): void {
    if (isDiskFull(error)) this.#become("exhausted");
  }

  #become(room: DiskRoom): void {
    const before = this.#room;
    if (room === before) return;
    this.#room = room;
    const { log, folder, lowBytes, reserveBytes } = this.#options;
    const fields = { folder, freeBytes: this.#free, lowBytes, reserveBytes };
    switch (room) {
      case "ample":
        this.#keepReserve();
        log.info(fields, "the disk has room again; everything is taken in");
        return;
      case "low":
        log.error(
          fields,
          "the disk is nearly full: telemetry waits at the edges and is not acknowledged; alarms, access events, births and deaths are taken in. Make room, or shorten ingest.retention",
        );
        return;
      case "exhausted":
        rmSync(this.#reserve, { force: true });
        log.error(
          fields,
          "the disk is full: its reserve was released for alarms, access events, births and deaths. Make room now",
        );
        return;
    }
  }

  /** Of bytes that no file system makes smaller. */
  #keepReserve(): void {
    const { reserveBytes, log } = this.#options;
    if (existsSync(this.#reserve) && statSync(this.#reserve).size >= reserveBytes) return;
    const file = openSync(this.#reserve, "w", 0o600);
    try {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, reserveBytes));
      for (let left = reserveBytes; left > 0; left -= chunk.byteLength)
        writeSync(file, randomFillSync(chunk), 0, Math.min(left, chunk.byteLength));
    } catch (error) {
      log.error(
        { err: error, file: this.#reserve },
        "no reserve could be kept; the room it had taken is free again",
      );
      rmSync(this.#reserve, { force: true });
    } finally {
      closeSync(file);
    }
  }
}
