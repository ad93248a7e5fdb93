/** Examinations as they were made, each with its signed page. Nothing here is ever overwritten or deleted. */

import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DatabaseFile } from "@campus-ops/service/database";
import type { StandardReport } from "../core/standards/report.ts";
import { Database } from "../store/database.ts";
import type { ExaminationView } from "./api.ts";

/** Of one campus by one standard: one a day for a school year. What is due by itself is made all the same. */
export const EXAMINATIONS_MAX = 400;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS examinations (
    number INTEGER PRIMARY KEY, standard TEXT NOT NULL, campus TEXT NOT NULL, due INTEGER, at INTEGER NOT NULL,
    view TEXT NOT NULL, page TEXT NOT NULL) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS examinations_once ON examinations (standard, campus, due) WHERE due IS NOT NULL;
  CREATE INDEX IF NOT EXISTS examinations_of ON examinations (standard, campus, at);
`;

export interface Made {
  readonly report: StandardReport;
  readonly page: string;
  readonly by: string;
  /** For one that was due by itself: when. */
  readonly due?: Timestamp;
}

export class ExaminationStore {
  readonly #db: Database;

  constructor(file: DatabaseFile) {
    this.#db = new Database(file, [SCHEMA]);
  }

  /** One that was due is kept once, however often it is made. Throws a RangeError when too many were asked for. */
  keep({ report, page, by, due }: Made): ExaminationView {
    const { standard, campus, from, to, at, examineAgainBy, completeness, points, score, veto } = report;
    const view: Omit<ExaminationView, "number"> = {
      standard,
      campus,
      ...(due === undefined ? {} : { due }),
      from,
      to,
      at,
      examineAgainBy,
      by,
      completeness,
      points,
      ...(score === undefined ? {} : { score }),
      veto,
      items: report.items.map((item) => ({ id: item.id, title: item.title, verdict: item.verdict })),
    };
    return this.#db.transaction(() => {
      const before = this.#db.rows(
        "SELECT count(*) AS n FROM examinations WHERE standard = ? AND campus = ?",
        standard,
        campus,
      );
      if (due === undefined && Number(before[0]?.n) >= EXAMINATIONS_MAX)
        throw new RangeError(`${campus} was examined by ${standard} ${EXAMINATIONS_MAX} times already`);
      const { changes, lastInsertRowid } = this.#db.run(
        "INSERT OR IGNORE INTO examinations (standard, campus, due, at, view, page) VALUES (?, ?, ?, ?, ?, ?)",
        standard,
        campus,
        due ?? null,
        at,
        JSON.stringify(view),
        page,
      );
      const kept = changes === 0 ? this.of(standard, campus).find((each) => each.due === due) : undefined;
      return kept ?? { number: Number(lastInsertRowid), ...view };
    });
  }

  /** The newest first. */
  of(standard: string, campus: string): readonly ExaminationView[] {
    return this.#db
      .rows(
        "SELECT number, view FROM examinations WHERE standard = ? AND campus = ? ORDER BY at DESC, number DESC",
        standard,
        campus,
      )
      .map(
        ({ number, view }) =>
          ({ number: Number(number), ...(JSON.parse(String(view)) as object) }) as ExaminationView,
      );
  }

  page(standard: string, number: number): { readonly campus: string; readonly page: string } | undefined {
    const row = this.#db.rows(
      "SELECT campus, page FROM examinations WHERE standard = ? AND number = ?",
      standard,
      number,
    )[0];
    return row === undefined ? undefined : { campus: String(row.campus), page: String(row.page) };
  }

  /** Of every campus and standard that was ever examined: when an examination was due, or made, last. */
  newest(): readonly { readonly standard: string; readonly campus: string; readonly at: Timestamp }[] {
    return this.#db
      .rows(
        "SELECT standard, campus, max(coalesce(due, at)) AS at FROM examinations GROUP BY standard, campus ORDER BY 1, 2",
      )
      .map(({ standard, campus, at }) => ({
        standard: String(standard),
        campus: String(campus),
        at: Number(at),
      }));
  }

  close(): void {
    this.#db.close();
  }
}
