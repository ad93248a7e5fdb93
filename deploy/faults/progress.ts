/** What of the campaign has been run, kept after every scenario, so that one that was broken off goes on where it was. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Outcome } from "./outcome.ts";

export interface Finished {
  readonly passed: boolean;
  readonly commit: string;
  readonly date: string;
  readonly seconds: number;
  readonly seed: number;
  readonly outcomes: readonly Outcome[];
}

export type Progress = Readonly<Record<string, Finished>>;

export function readProgress(file: string): Progress {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Progress) : {};
}

/** All of it or nothing: the next run must be able to read it, whenever this one ends. */
export function keepProgress(file: string, progress: Progress): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(progress, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** Those that were named, whatever became of them before; or all that have not passed yet, unless all are asked for again. */
export function remaining(
  all: readonly string[],
  progress: Progress,
  { again, named }: { readonly again: boolean; readonly named: readonly string[] },
): readonly string[] {
  if (named.length > 0) return all.filter((name) => named.includes(name));
  return all.filter((name) => again || progress[name]?.passed !== true);
}
