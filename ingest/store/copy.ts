/**
 * Copies everything of one store into another, a day at a time, and then compares the two. What was copied is kept in a
 * file, so that a copy that was interrupted goes on where it was; a day that was half done is copied again, which is
 * harmless. The checkpoint comes last: a hub that goes on with the copy asks the journal for what came after it.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type Difference, Digest, differences } from "../core/digest.ts";
import { DAY_MS, dayOf } from "./partitions.ts";
import type { PointStore } from "./store.ts";

/** Points in one write. */
const WRITE_POINTS_MAX = 20_000;
/** Differences that are told; more say nothing more. */
export const DIFFERENCES_MAX = 20;

/** Where a copy keeps what it has done, in a hub's data folder. */
export const progressFile = (data: string): string => join(data, "store-copy.json");

export interface CopyOptions {
  readonly from: PointStore;
  readonly to: PointStore;
  /** Names of the two, so that a file of another copy is not taken for this one's. */
  readonly names: readonly [from: string, to: string];
  readonly progressFile: string;
  readonly onProgress: (progress: CopyProgress) => void;
  readonly signal: AbortSignal;
}

export interface CopyProgress {
  readonly phase: "copying" | "comparing";
  readonly day: Timestamp;
  /** Days done and in all. */
  readonly done: number;
  readonly days: number;
  /** In this run, in this phase. */
  readonly points: number;
}

export interface CopyResult {
  readonly points: number;
  readonly series: number;
  readonly days: number;
  /** Days that an earlier, interrupted run had copied. */
  readonly resumed: number;
  readonly checkpoint: number;
  /** Empty when both hold the same; then, and only then, the copy has the checkpoint. */
  readonly differences: readonly (Difference & { readonly day: Timestamp })[];
}

interface Progress {
  readonly names: readonly string[];
  readonly done: readonly Timestamp[];
}

/** Rejects when either store is away, and when it is interrupted; what was copied is kept. */
export async function copyStore(options: CopyOptions): Promise<CopyResult> {
  const { from, to, signal, onProgress } = options;
  const checkpoint = await from.checkpoint();
  // Opens what must be opened, and says early that the other one is away.
  await to.checkpoint();
  const bounds = await from.bounds();
  const days: Timestamp[] = [];
  if (bounds !== undefined) for (let day = dayOf(bounds.from); day < bounds.to; day += DAY_MS) days.push(day);

  const done = new Set(readProgress(options));
  const resumed = days.filter((day) => done.has(day)).length;
  let points = 0;
  for (const [index, day] of days.entries()) {
    if (done.has(day)) continue;
    for await (const page of from.scan(day, day + DAY_MS)) {
      for (let at = 0; at < page.length; at += WRITE_POINTS_MAX) {
        signal.throwIfAborted();
        const some = page.slice(at, at + WRITE_POINTS_MAX);
        await to.write(some);
        points += some.length;
        onProgress({ phase: "copying", day, done: index, days: days.length, points });
      }
    }
    done.add(day);
    keepProgress(options, [...done]);
  }

  const found: (Difference & { readonly day: Timestamp })[] = [];
  const series = new Set<string>();
  let compared = 0;
  for (const [index, day] of days.entries()) {
    signal.throwIfAborted();
    const [there, here] = [new Digest(), new Digest()];
    for await (const page of from.scan(day, day + DAY_MS)) there.add(page);
    for await (const page of to.scan(day, day + DAY_MS)) here.add(page);
    for (const each of there.series()) series.add(each);
    compared += there.points;
    for (const each of differences(there, here)) {
      if (found.length < DIFFERENCES_MAX) found.push({ ...each, day });
    }
    onProgress({ phase: "comparing", day, done: index + 1, days: days.length, points: compared });
  }
  if (found.length === 0) {
    await to.write([], checkpoint);
    await to.settle();
    rmSync(options.progressFile, { force: true });
  }
  return {
    points: compared,
    series: series.size,
    days: days.length,
    resumed,
    checkpoint: checkpoint.seq,
    differences: found,
  };
}

function readProgress({ progressFile, names }: CopyOptions): readonly Timestamp[] {
  try {
    const { names: known, done } = JSON.parse(readFileSync(progressFile, "utf8")) as Progress;
    return known.join("\n") === names.join("\n") ? done : [];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) return [];
    throw error;
  }
}

function keepProgress({ progressFile, names }: CopyOptions, done: readonly Timestamp[]): void {
  const progress: Progress = { names, done };
  writeFileSync(`${progressFile}.new`, JSON.stringify(progress), { mode: 0o600 });
  renameSync(`${progressFile}.new`, progressFile);
}
