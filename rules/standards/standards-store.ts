/** What people declared, and how verdicts changed. Nothing here is ever overwritten: a later word stands beside the earlier. */

import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DatabaseFile } from "@campus-ops/service/database";
import type { Declaration } from "../core/standards/evidence.ts";
import type { StandardReport, StandardVerdict } from "../core/standards/report.ts";
import { Database } from "../store/database.ts";
import type { DeclarationView, VerdictChange } from "./api.ts";

/** Declarations of one campus for one standard; an item a day for years is less. */
export const DECLARATIONS_MAX = 10_000;
/** Answers are no longer than this, the newest first. */
const ROWS_MAX = 1_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS declarations (
    id INTEGER PRIMARY KEY, standard TEXT NOT NULL, campus TEXT NOT NULL, about TEXT NOT NULL, value TEXT NOT NULL,
    evidence TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS declarations_of ON declarations (standard, campus, about, id);
  CREATE TABLE IF NOT EXISTS verdicts (
    id INTEGER PRIMARY KEY, standard TEXT NOT NULL, campus TEXT NOT NULL, item TEXT NOT NULL, verdict TEXT NOT NULL,
    completeness REAL NOT NULL, "from" INTEGER NOT NULL, "to" INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS verdicts_of ON verdicts (standard, campus, item, id);
`;

export class StandardsStore {
  readonly #db: Database;
  readonly #declarationsMax: number;

  constructor(file: DatabaseFile, declarationsMax = DECLARATIONS_MAX) {
    this.#declarationsMax = declarationsMax;
    this.#db = new Database(file, [SCHEMA]);
  }

  /** Throws a RangeError when the campus has declared too much. */
  declare(standard: string, { campus, about, value, evidence, by, at }: DeclarationView): void {
    const count = this.#db.rows(
      "SELECT count(*) AS n FROM declarations WHERE standard = ? AND campus = ?",
      standard,
      campus,
    )[0]?.n;
    if (Number(count) >= this.#declarationsMax)
      throw new RangeError(`${campus} has ${this.#declarationsMax} declarations for ${standard} already`);
    this.#db.run(
      "INSERT INTO declarations (standard, campus, about, value, evidence, by, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      standard,
      campus,
      about,
      JSON.stringify(value),
      evidence,
      by,
      at,
    );
  }

  /** The newest first. */
  declarations(standard: string, campus: string): readonly DeclarationView[] {
    return this.#db
      .rows(
        "SELECT * FROM declarations WHERE standard = ? AND campus = ? ORDER BY id DESC LIMIT ?",
        standard,
        campus,
        ROWS_MAX,
      )
      .map((row) => ({ campus, ...declarationOf(row) }));
  }

  /** The newest of each, by what it is about. */
  inForce(standard: string, campus: string): readonly Declaration[] {
    return this.#db
      .rows(
        `SELECT * FROM declarations WHERE id IN (
         SELECT max(id) FROM declarations WHERE standard = ? AND campus = ? GROUP BY about)`,
        standard,
        campus,
      )
      .map(declarationOf);
  }

  /** Writes down the verdicts that are others than before; answers with how many those were. */
  remember({ standard, campus, from, to, at, items }: StandardReport): number {
    let changed = 0;
    this.#db.transaction(() => {
      for (const { id, verdict, completeness } of items) {
        const last = this.#db.rows(
          "SELECT verdict FROM verdicts WHERE standard = ? AND campus = ? AND item = ? ORDER BY id DESC LIMIT 1",
          standard,
          campus,
          id,
        )[0]?.verdict;
        if (last === verdict) continue;
        changed += 1;
        this.#db.run(
          `INSERT INTO verdicts (standard, campus, item, verdict, completeness, "from", "to", at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          standard,
          campus,
          id,
          verdict,
          completeness,
          from,
          to,
          at,
        );
      }
    });
    return changed;
  }

  /** The newest first. */
  history(standard: string, campus: string): readonly VerdictChange[] {
    return this.#db
      .rows(
        "SELECT * FROM verdicts WHERE standard = ? AND campus = ? ORDER BY id DESC LIMIT ?",
        standard,
        campus,
        ROWS_MAX,
      )
      .map((row) => ({
        item: String(row.item),
        verdict: row.verdict as StandardVerdict,
        completeness: Number(row.completeness),
        from: Number(row.from),
        to: Number(row.to),
        at: Number(row.at),
      }));
  }

  close(): void {
    this.#db.close();
  }
}

function declarationOf(row: Record<string, unknown>): Declaration {
  return {
    about: String(row.about),
    value: JSON.parse(String(row.value)) as number | boolean,
    evidence: String(row.evidence),
    by: String(row.by),
    at: Number(row.at) as Timestamp,
  };
}
