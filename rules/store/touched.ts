/**
 * Since when what a store knows of a campus has changed. Kept in the transaction of the change, and cleared by whoever has
 * counted anew: what came meanwhile stays marked.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Database } from "./database.ts";

export const TOUCHED_SCHEMA = `
  CREATE TABLE IF NOT EXISTS touched (campus TEXT PRIMARY KEY, since INTEGER NOT NULL, times INTEGER NOT NULL) STRICT;
`;

export interface Touched {
  readonly campus: string;
  readonly since: Timestamp;
  /** How often it was marked; see {@link untouch}. */
  readonly times: number;
}

/** Within a transaction. */
export function touch(db: Database, changes: Iterable<readonly [campus: string, at: Timestamp]>): void {
  const since = new Map<string, Timestamp>();
  for (const [campus, at] of changes) since.set(campus, Math.min(at, since.get(campus) ?? at));
  for (const [campus, at] of since)
    db.run(
      `INSERT INTO touched VALUES (?, ?, 1)
       ON CONFLICT (campus) DO UPDATE SET since = min(since, excluded.since), times = times + 1`,
      campus,
      at,
    );
}

export function touched(db: Database): readonly Touched[] {
  return db.rows("SELECT * FROM touched ORDER BY campus").map(({ campus, since, times }) => ({
    campus: String(campus),
    since: Number(since),
    times: Number(times),
  }));
}

/** Forgets a mark, unless it was made again. */
export function untouch(db: Database, { campus, times }: Touched): void {
  db.run("DELETE FROM touched WHERE campus = ? AND times = ?", campus, times);
}

/** A key begins with its campus. */
export const campusOfKey = (key: string): string => key.split("/", 1)[0] ?? key;
