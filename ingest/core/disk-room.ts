/**
 * How much room the hub's disk has left, and what is still taken in. Below a first limit only what is precious goes to
 * the journal, so that telemetry waits at the edges; when even that room is used up, a reserve is released.
 */

/** ample: everything is taken in · low: only what is precious · exhausted: so too, on what the reserve had held. */
export type DiskRoom = "ample" | "low" | "exhausted";

export interface DiskLimits {
  /** With less free than this, telemetry waits. */
  readonly lowBytes: number;
  /** Kept in a file of its own, for what is precious when nothing else is left; 0 for none. */
  readonly reserveBytes: number;
}

/** Free bytes, as a share of the reserve, at which it is released: before the first write fails. */
export const RELEASE_SHARE = 0.25;
/** Free bytes, as a multiple of `lowBytes`, at which everything is taken in again: no coming and going at the limit. */
export const AMPLE_FACTOR = 1.25;

/** `free` is what the file system says while the reserve stands, or no longer stands when the room was exhausted. */
export function stepDiskRoom(before: DiskRoom, free: number, limits: DiskLimits): DiskRoom {
  const { lowBytes, reserveBytes } = limits;
  // A reserve that was released must find room again beside the rest.
  const ample = lowBytes * AMPLE_FACTOR + (before === "exhausted" ? reserveBytes : 0);
  if (before !== "ample" && free >= ample) return "ample";
  if (before === "exhausted" || free < reserveBytes * RELEASE_SHARE) return "exhausted";
  return before === "low" || free < lowBytes ? "low" : "ample";
}

/** SQLite, DuckDB and the system say it in words of their own. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as Error & { code?: unknown; errcode?: unknown };
  const SQLITE_FULL = 13;
  return (
    code === "ENOSPC" ||
    code === "EDQUOT" ||
    error.message.includes("No space left on device") ||
    (typeof errcode === "number" && (errcode & 0xff) === SQLITE_FULL)
  );
}
