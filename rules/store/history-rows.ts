/**
 * What is past its retention goes from the file of the alarms: occurrences that are over, with their transitions, their
 * evidence and what is known of their pictures; what stands stays with all of its story. A link of the chain that goes leaves
 * its hash, until everything before it is gone as well: no later link loses what it follows from.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmRemoval } from "../api.ts";
import type { Database } from "./database.ts";

/** The newest ones, of what was removed, that are remembered. */
export const REMOVALS_MAX = 200;

export const HISTORY_SCHEMA = `
  CREATE TABLE IF NOT EXISTS removals (
    n INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL, before INTEGER NOT NULL, count INTEGER NOT NULL) STRICT;
`;

const OCCURRENCE = "json_extract(json, '$.occurrence')";
/** Of a link; one that went has no body. */
const OCCURRENCE_OF_LINK = `CASE WHEN body = '' THEN NULL ELSE
  coalesce(json_extract(body, '$.transition.occurrence'), json_extract(body, '$.picture.occurrence')) END`;

export class HistoryRows {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Removes at most `limit` occurrences that ended before then, and as many doings of people. All or nothing; answers how many.
   * The newest of each table stays: the numbers of what comes go on from it.
   */
  forget(before: Timestamp, limit: number): Readonly<Record<AlarmRemoval["what"], number>> {
    return this.#db.transaction(() => {
      const over = this.#over(before, limit);
      for (const [alarm, occurrence] of over) {
        this.#db.run(`DELETE FROM transitions WHERE alarm = ? AND ${OCCURRENCE} = ?`, alarm, occurrence);
        this.#db.run(
          `UPDATE chain SET body = '' WHERE alarm = ? AND ${OCCURRENCE_OF_LINK} = ?`,
          alarm,
          occurrence,
        );
        this.#db.run(
          "DELETE FROM pictures WHERE alarm = ? AND due IS NULL AND json_extract(json, '$.view.occurrence') = ?",
          alarm,
          occurrence,
        );
        this.#db.run(
          `DELETE FROM alarms WHERE id = ?1 AND state = 'normal'
             AND NOT EXISTS (SELECT 1 FROM transitions WHERE alarm = ?1)`,
          alarm,
        );
      }
      if (over.length > 0)
        this.#db.run(
          `DELETE FROM chain WHERE n < (
             SELECT coalesce(min(n), (SELECT max(n) FROM chain)) FROM chain WHERE body <> '')`,
        );
      const { changes } = this.#db.run(
        `DELETE FROM actions WHERE id IN (
           SELECT id FROM actions WHERE json_extract(json, '$.receivedAt') < ?
             AND id < (SELECT max(id) FROM actions) ORDER BY id LIMIT ?)`,
        before,
        limit,
      );
      return { alarms: over.length, actions: Number(changes) };
    });
  }

  #over(before: Timestamp, limit: number): readonly (readonly [alarm: string, occurrence: number])[] {
    const rows = this.#db.rows(
      `SELECT DISTINCT alarm, ${OCCURRENCE} AS occurrence FROM transitions AS old
       WHERE at < ?1
         AND NOT EXISTS (
           SELECT 1 FROM transitions AS later
           WHERE later.alarm = old.alarm AND json_extract(later.json, '$.occurrence') = json_extract(old.json, '$.occurrence')
             AND (later.at >= ?1 OR later.id = (SELECT max(id) FROM transitions)))
         AND NOT EXISTS (
           SELECT 1 FROM alarms WHERE alarms.id = old.alarm AND state <> 'normal'
             AND json_extract(record, '$.occurrence') = json_extract(old.json, '$.occurrence'))
       LIMIT ?2`,
      before,
      limit,
    );
    return rows.map(({ alarm, occurrence }) => [String(alarm), Number(occurrence)]);
  }

  remember({ at, before, count, what }: AlarmRemoval): void {
    this.#db.transaction(() => {
      this.#db.run(
        "INSERT INTO removals (at, what, before, count) VALUES (?, ?, ?, ?)",
        ...([at, what, before, count] as const),
      );
      this.#db.run("DELETE FROM removals WHERE n <= (SELECT max(n) FROM removals) - ?", REMOVALS_MAX);
    });
  }

  /** The newest first. */
  removals(): readonly AlarmRemoval[] {
    return this.#db
      .rows("SELECT at, what, before, count FROM removals ORDER BY n DESC")
      .map(({ at, before, count, what }) => ({
        at: Number(at),
        what: what as AlarmRemoval["what"],
        before: Number(before),
        count: Number(count),
      }));
  }
}
