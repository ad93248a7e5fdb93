/**
 * Sealed days: one Parquet file each, `day=YYYY-MM-DD/points.parquet` (UTC), with the columns metric, device, time and
 * value. Any Parquet tool reads them.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

export const DAY_MS = 86_400_000;

const FOLDER = /^day=(\d{4}-\d{2}-\d{2})$/;
const FILE = "points.parquet";

export interface Partition {
  /** Start of the day, UTC. */
  readonly day: Timestamp;
  readonly file: string;
}

export function dayOf(time: Timestamp): Timestamp {
  return Math.floor(time / DAY_MS) * DAY_MS;
}

export class Partitions {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** In order of days. */
  list(): Partition[] {
    return readdirSync(this.folder)
      .flatMap((name) => {
        const day = Date.parse(FOLDER.exec(name)?.[1] ?? "");
        const file = join(this.folder, name, FILE);
        return Number.isNaN(day) || !existsSync(file) ? [] : [{ day, file }];
      })
      .sort((a, b) => a.day - b.day);
  }

  /** Those that may hold points of a time range. */
  between(from: Timestamp, to: Timestamp): Partition[] {
    return this.list().filter(({ day }) => day < to && day + DAY_MS > from);
  }

  pathOf(day: Timestamp): string {
    return join(this.folder, `day=${new Date(day).toISOString().slice(0, 10)}`, FILE);
  }

  /** Where a day is written before it takes its place. */
  draftOf(day: Timestamp): string {
    const file = `${this.pathOf(day)}.new`;
    mkdirSync(dirname(file), { recursive: true });
    rmSync(file, { force: true });
    return file;
  }

  /** Durable before it takes the place of what was there. */
  publish(day: Timestamp): void {
    const draft = `${this.pathOf(day)}.new`;
    sync(draft);
    renameSync(draft, this.pathOf(day));
    sync(dirname(draft));
  }

  delete({ file }: Partition): void {
    rmSync(dirname(file), { recursive: true, force: true });
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}
