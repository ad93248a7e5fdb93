/**
 * Temperatures of persons, in a file of their own: nothing of them is in the alarm, its history, its chain of evidence or
 * what is told to other hubs, and what is past its time is overwritten and not only unlinked.
 */

import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DatabaseFile } from "@campus-ops/service/database";
import { Database } from "../store/database.ts";
import type { ConfirmationView } from "./api.ts";

/** Temperatures of persons are kept for 14 to 30 days. */
export const READING_DAYS_MAX = 30;
/** Of one alarm; the oldest give way. */
export const READINGS_MAX = 200;
const DAY_MS = 86_400_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS confirmations (
    id INTEGER PRIMARY KEY AUTOINCREMENT, alarm TEXT NOT NULL, at INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS confirmations_by_alarm ON confirmations (alarm, id);
`;

export class ConfirmationStore {
  readonly #db: Database;

  constructor(file: DatabaseFile) {
    this.#db = new Database(file, [SCHEMA], { secureDelete: true });
  }

  /** Answers with its number. Throws {@link StoreFullError} when the disk is full. */
  add(alarm: string, confirmation: ConfirmationView): number {
    return this.#db.transaction(() => {
      const { lastInsertRowid } = this.#db.run(
        "INSERT INTO confirmations (alarm, at, json) VALUES (?, ?, ?)",
        alarm,
        confirmation.at,
        JSON.stringify(confirmation),
      );
      this.#db.run(
        `DELETE FROM confirmations WHERE alarm = ?1 AND id NOT IN
         (SELECT id FROM confirmations WHERE alarm = ?1 ORDER BY id DESC LIMIT ?2)`,
        alarm,
        READINGS_MAX,
      );
      return Number(lastInsertRowid);
    });
  }

  remove(id: number): void {
    this.#db.run("DELETE FROM confirmations WHERE id = ?", id);
  }

  /** The oldest first. */
  ofAlarm(alarm: string): readonly ConfirmationView[] {
    return this.#db
      .rows("SELECT json FROM confirmations WHERE alarm = ? ORDER BY id", alarm)
      .map(({ json }) => JSON.parse(String(json)) as ConfirmationView);
  }

  /** Deletes what is past its time; answers with how many there were. */
  prune(now: Timestamp): number {
    const { changes } = this.#db.run(
      "DELETE FROM confirmations WHERE at < ?",
      now - READING_DAYS_MAX * DAY_MS,
    );
    return Number(changes);
  }

  close(): void {
    this.#db.close();
  }
}
