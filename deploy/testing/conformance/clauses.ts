/** Assertions of the specification, each with what is looked at in a recording to find it kept or broken. */
import { expect } from "vitest";

export interface Clause<R> {
  /** As in the specification, `tck-id-` left out. */
  readonly id: string;
  readonly says: string;
  /** Throws when the recording shows it broken, and when nothing in the recording could show it. */
  readonly check: (recording: R) => void;
}

/** One observation that proves several assertions; the specification says most things two or three times. */
export function clauses<R>(
  says: string,
  ids: readonly string[],
  check: (recording: R) => void,
): readonly Clause<R>[] {
  return ids.map((id) => ({ id, says, check }));
}

/** What there must be one of at least: a check of nothing proves nothing. */
export function some<T>(things: readonly T[]): readonly T[] {
  expect(things, "nothing of the kind was recorded").not.toEqual([]);
  return things;
}

export function every<T>(things: readonly T[], check: (thing: T) => void): void {
  for (const thing of some(things)) check(thing);
}
