/**
 * The pictures of alarms, in the file of the alarms themselves: a wish is written in the transaction that raises its
 * alarm, and what came of it in the one that puts it into the chain of evidence.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmPictureView } from "../api.ts";
import { CLIP_AFTER_MS, PICTURE_WAIT_MS, type Wish, wishesOf } from "../core/pictures/request.ts";
import type { AlarmRecord } from "../core/view.ts";
import type { Database } from "./database.ts";

/** Rows kept; the oldest that are settled give way. Their links in the chain stay. */
export const PICTURE_ROWS_MAX = 100_000;

export const PICTURES_SCHEMA = `
  CREATE TABLE IF NOT EXISTS pictures (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, alarm TEXT NOT NULL, state TEXT NOT NULL, due INTEGER,
    request TEXT, camera TEXT, asked_at INTEGER, json TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS pictures_by_alarm ON pictures (alarm, n);
  CREATE INDEX IF NOT EXISTS pictures_by_due ON pictures (due) WHERE due IS NOT NULL;
  CREATE INDEX IF NOT EXISTS pictures_by_request ON pictures (request) WHERE request IS NOT NULL;
  CREATE INDEX IF NOT EXISTS pictures_by_asking ON pictures (asked_at) WHERE asked_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS picture_cursor (id INTEGER PRIMARY KEY CHECK (id = 1), settled INTEGER NOT NULL) STRICT;
`;

export interface PictureRow {
  readonly alarm: string;
  readonly view: AlarmPictureView;
  readonly wish: Wish;
  /** When it is to be looked at again; absent when it is settled. */
  readonly due?: Timestamp;
  /** Ingest's name of the request. */
  readonly request?: string;
  readonly askedAt?: Timestamp;
}

export class PictureRows {
  readonly #db: Database;
  readonly #link: (alarm: string, picture: AlarmPictureView) => void;

  /** `link` appends to the chain of evidence, in the transaction that is open. */
  constructor(db: Database, link: (alarm: string, picture: AlarmPictureView) => void) {
    this.#db = db;
    this.#link = link;
  }

  /** In the transaction that raises the alarm. */
  want(alarm: AlarmRecord): void {
    const { id: of, occurrence } = alarm;
    for (const { after_ms, ...wish } of wishesOf(alarm)) {
      const id = `${of}.${occurrence}.snapshot${after_ms === 0 ? "" : `-${after_ms / 1_000}s`}`;
      const view: AlarmPictureView = { id, occurrence, kind: "snapshot", after_ms, state: "wanted" };
      this.#write({ alarm: of, view, wish, due: wish.receivedAt });
    }
    this.#db.run(
      "DELETE FROM pictures WHERE due IS NULL AND n <= (SELECT max(n) FROM pictures) - ?",
      PICTURE_ROWS_MAX,
    );
  }

  /** A clip beside the first picture of an alarm; once. */
  wantClip({ alarm, view, wish }: PictureRow): void {
    const { occurrence } = view;
    const id = `${alarm}.${occurrence}.clip`;
    if (this.#db.rows("SELECT 1 FROM pictures WHERE id = ?", id).length > 0) return;
    const clip: AlarmPictureView = { id, occurrence, kind: "clip", after_ms: CLIP_AFTER_MS, state: "wanted" };
    this.#write({ alarm, view: clip, wish: { ...wish, tried: [] }, due: wish.receivedAt });
  }

  /** Those to be looked at, the oldest first. */
  due(now: Timestamp, limit: number): readonly PictureRow[] {
    return this.#db
      .rows("SELECT * FROM pictures WHERE due <= ? ORDER BY due, n LIMIT ?", now, limit)
      .map(rowOf);
  }

  /** When the next is to be looked at; undefined when all are settled. */
  nextDue(): Timestamp | undefined {
    const due = this.#db.rows("SELECT min(due) AS due FROM pictures WHERE due IS NOT NULL")[0]?.due;
    return due === null || due === undefined ? undefined : Number(due);
  }

  ofRequest(request: string): readonly PictureRow[] {
    return this.#db.rows("SELECT * FROM pictures WHERE request = ? ORDER BY n", request).map(rowOf);
  }

  /** The oldest first. */
  ofAlarm(alarm: string): readonly AlarmPictureView[] {
    return this.#db
      .rows("SELECT * FROM pictures WHERE alarm = ? ORDER BY n", alarm)
      .map((row) => rowOf(row).view);
  }

  /** Ingest's name of a picture's request. */
  requestOf(picture: string): string | undefined {
    const request = this.#db.rows("SELECT request FROM pictures WHERE id = ?", picture)[0]?.request;
    return typeof request === "string" ? request : undefined;
  }

  /** A request of this kind for this camera since then that is under way or brought a picture. */
  requestSince(camera: string, kind: AlarmPictureView["kind"], since: Timestamp): string | undefined {
    const row = this.#db.rows(
      `SELECT request FROM pictures
       WHERE asked_at >= ? AND camera = ? AND state IN ('asked', 'taken') AND json ->> '$.view.kind' = ?
       ORDER BY n DESC LIMIT 1`,
      since,
      camera,
      kind,
    )[0];
    return row === undefined ? undefined : String(row.request);
  }

  askedSince(kind: AlarmPictureView["kind"], since: Timestamp): number {
    const row = this.#db.rows(
      `SELECT count(DISTINCT request) AS n FROM pictures
       WHERE asked_at >= ? AND json ->> '$.view.kind' = ?`,
      since,
      kind,
    )[0];
    return Number(row?.n ?? 0);
  }

  /** How far what ingest has settled was read. */
  get cursor(): number {
    return Number(this.#db.rows("SELECT settled FROM picture_cursor")[0]?.settled ?? 0);
  }

  /** All of it or nothing; what is settled by it becomes a link of the chain. */
  record(rows: readonly PictureRow[], cursor?: number): void {
    this.#db.transaction(() => {
      for (const row of rows) {
        this.#write(row);
        if (row.view.state === "taken" || row.view.state === "none") this.#link(row.alarm, row.view);
      }
      if (cursor !== undefined) this.#db.run("INSERT OR REPLACE INTO picture_cursor VALUES (1, ?)", cursor);
    });
  }

  /** It is wanted no more, and nothing is said of it. */
  drop(picture: string): void {
    this.#db.run("DELETE FROM pictures WHERE id = ?", picture);
  }

  #write({ alarm, askedAt, due, request, view, wish }: PictureRow): void {
    this.#db.run(
      `INSERT INTO pictures (id, alarm, state, due, request, camera, asked_at, json) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, due = excluded.due, request = excluded.request,
         camera = excluded.camera, asked_at = excluded.asked_at, json = excluded.json`,
      view.id,
      alarm,
      view.state,
      due ?? null,
      request ?? null,
      view.camera?.key ?? null,
      askedAt ?? null,
      JSON.stringify({ view, wish }),
    );
  }
}

/** After this nothing is expected any more; what comes all the same is kept. */
export function deadlineOf({ receivedAt }: Wish): Timestamp {
  return receivedAt + PICTURE_WAIT_MS;
}

function rowOf(row: Record<string, unknown>): PictureRow {
  const { view, wish } = JSON.parse(String(row.json)) as Pick<PictureRow, "view" | "wish">;
  return {
    alarm: String(row.alarm),
    view,
    wish,
    ...(row.due === null ? {} : { due: Number(row.due) }),
    ...(row.request === null ? {} : { request: String(row.request) }),
    ...(row.asked_at === null ? {} : { askedAt: Number(row.asked_at) }),
  };
}
