/**
 * The pictures of a hub: which were asked for, the parts that have come, and what is whole, in a file named by its
 * SHA-256. A part is on the disk before it is acknowledged; a picture is whole or it is not there.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import {
  PICTURE_FORMATS,
  PICTURE_KINDS,
  type PicturePart,
  type PictureRefusal,
  type PictureRefusalReason,
} from "@campus-ops/broker/sparkplug";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type DatabaseFile, openDatabase, transaction } from "@campus-ops/service/database";
import type { PictureView } from "../api.ts";
import { type PictureContents, PictureFolder } from "./contents.ts";

/** Parts of pictures that are not whole yet; beyond it the oldest request gives way. */
export const INCOMING_BYTES_MAX = 128 * 1_048_576;
/** Pictures on this hub; beyond it the oldest go before their time. */
export const SHELF_BYTES_MAX = 8 * 1_024 ** 3;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS requests (
    id TEXT PRIMARY KEY, device TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, asked_at INTEGER NOT NULL,
    state TEXT NOT NULL, settled_at INTEGER, reason TEXT, detail TEXT, since INTEGER,
    sha256 TEXT, bytes INTEGER, content_type TEXT, taken_at INTEGER) STRICT;
  CREATE TABLE IF NOT EXISTS settlements (
    settled INTEGER PRIMARY KEY AUTOINCREMENT, request TEXT NOT NULL UNIQUE) STRICT;
  CREATE INDEX IF NOT EXISTS requests_by_content ON requests (sha256) WHERE sha256 IS NOT NULL;
  CREATE TABLE IF NOT EXISTS parts (
    request TEXT NOT NULL, sha256 TEXT NOT NULL, number INTEGER NOT NULL, count INTEGER NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (request, sha256, number)) STRICT;
`;
/** A clip may come from a recorder. */
const SCHEMA_RECORDER = "ALTER TABLE requests ADD COLUMN recorder TEXT;";

export type NewRequest = Pick<PictureView, "id" | "device" | "kind" | "at">;

/** What became of a part or a refusal: settled is news for whoever asked. */
export type Shelved = "kept" | "settled" | "unexpected";

export interface ShelfLimits {
  readonly incomingBytes_max: number;
  readonly shelfBytes_max: number;
}

/** Where a shelf is that other processes come to have after this one; in the data folder unless said. */
export interface ShelfPlace {
  readonly file: DatabaseFile;
  readonly contents: PictureContents;
}

export class PictureShelf {
  readonly #db: DatabaseSync;
  readonly #contents: PictureContents;
  readonly #limits: ShelfLimits;
  /**
   * Requests of which parts have come to this process. What another one had taken of a picture before it died may lack what was
   * under way just then: such a picture is asked for again.
   */
  readonly #coming = new Set<string>();
  /** Names of what is whole and not kept yet. */
  readonly #storing = new Set<string>();
  #isClosed = false;
  #partsTaken = 0;

  constructor(
    data: string,
    limits: ShelfLimits = { incomingBytes_max: INCOMING_BYTES_MAX, shelfBytes_max: SHELF_BYTES_MAX },
    place?: ShelfPlace,
  ) {
    this.#contents = place?.contents ?? new PictureFolder(join(data, "pictures"));
    this.#limits = limits;
    const file = place?.file ?? join(data, "pictures.sqlite");
    this.#db = openDatabase(file, [SCHEMA, SCHEMA_RECORDER], { secureDelete: true });
    if (place === undefined)
      for (const { request } of this.#db.prepare("SELECT DISTINCT request FROM parts").all())
        this.#coming.add(String(request));
  }

  request(id: string): PictureView | undefined {
    const row = this.#db.prepare(`${SELECT} WHERE id = ?`).get(id);
    return row === undefined ? undefined : viewOf(row);
  }

  /** Those that were settled after that number, in order. */
  settledAfter(after: number, limit: number): readonly PictureView[] {
    return this.#db
      .prepare(`${SELECT} WHERE settled > ? ORDER BY settled LIMIT ?`)
      .all(after, limit)
      .map(viewOf);
  }

  /** Asks, or asks again. What is there already stays. */
  ask({ at, device, id, kind }: NewRequest, now: Timestamp): void {
    this.#db
      .prepare(
        `INSERT INTO requests (id, device, kind, at, asked_at, state) VALUES (?, ?, ?, ?, ?, 'asked')
         ON CONFLICT (id) DO UPDATE SET state = 'asked', asked_at = excluded.asked_at,
           settled_at = NULL, reason = NULL, detail = NULL, since = NULL WHERE state = 'refused'`,
      )
      .run(id, device, kind, at, now);
    this.#db
      .prepare(
        "DELETE FROM settlements WHERE request = (SELECT id FROM requests WHERE id = ? AND state = 'asked')",
      )
      .run(id);
  }

  /** Grows with each part that is written. */
  get partsTaken(): number {
    return this.#partsTaken;
  }

  /** Some of it has come already: it is on its way and needs no asking. */
  isComing(id: string): boolean {
    const hasParts = this.#db.prepare("SELECT 1 FROM parts WHERE request = ? LIMIT 1").get(id) !== undefined;
    return hasParts && this.#coming.has(id);
  }

  refuse(
    id: string,
    { detail, reason, since }: { reason: PictureRefusalReason; detail: string; since?: Timestamp },
    now: Timestamp,
  ): void {
    const { changes } = this.#db
      .prepare(
        `UPDATE requests SET state = 'refused', settled_at = ?, reason = ?, detail = ?, since = ?
         WHERE id = ? AND state = 'asked'`,
      )
      .run(now, reason, detail, since ?? null, id);
    if (changes > 0) this.#tell(id);
  }

  /** `node`: who sends it. An answer to what nobody asked of that node changes nothing. */
  takeRefusal({ at, request, ...why }: PictureRefusal, node: string): Shelved {
    if (!this.#isAsked(request, node)) return "unexpected";
    this.refuse(request, why, at);
    return "settled";
  }

  /** Throws when the disk does not take it; then the part is not to be acknowledged. */
  takePart(part: PicturePart, node: string, now: Timestamp): Shelved {
    const { contentType, count, data, index, request, sha256 } = part;
    if (!this.#isAsked(request, node, contentType)) return "unexpected";
    this.#db
      .prepare("INSERT OR IGNORE INTO parts VALUES (?, ?, ?, ?, ?)")
      .run(request, sha256, index, count, data);
    this.#coming.add(request);
    this.#partsTaken += 1;
    const here = this.#db
      .prepare("SELECT data FROM parts WHERE request = ? AND sha256 = ? AND count = ? ORDER BY number")
      .all(request, sha256, count);
    if (here.length < count) {
      this.#makeRoom(request);
      return "kept";
    }
    return this.#settle(part, Buffer.concat(here.map((row) => row.data as Uint8Array)), now);
  }

  /** The picture's content; undefined when it is not here, or no longer. */
  async content(id: string): Promise<Buffer | undefined> {
    const { contentType, sha256 } = this.request(id) ?? {};
    if (sha256 === undefined) return undefined;
    return this.#contents.get(nameOf(sha256, contentType));
  }

  /** How many pictures there are from before then. */
  older(before: Timestamp): number {
    const row = this.#db
      .prepare(
        "SELECT count(*) AS n FROM requests WHERE coalesce(taken_at, asked_at) < ? AND state = 'taken'",
      )
      .get(before);
    return Number(row?.n);
  }

  /** Pictures taken before then go, and so does what was asked before then. How many pictures went. */
  forget(before: Timestamp): number {
    const old = this.#db
      .prepare("SELECT id, sha256, content_type FROM requests WHERE coalesce(taken_at, asked_at) < ?")
      .all(before);
    const removed = this.#remove(old) + this.#shrink();
    const names = this.#db
      .prepare("SELECT DISTINCT sha256, content_type FROM requests WHERE sha256 IS NOT NULL")
      .all()
      .map((row) => nameOf(String(row.sha256), String(row.content_type)));
    // What cannot be removed now is none of those that are kept the next time either.
    void Promise.resolve(this.#contents.keep([...names, ...this.#storing])).catch(() => undefined);
    return removed;
  }

  close(): void {
    this.#isClosed = true;
    this.#db.close();
  }

  /** `contentType`: of what comes; who asked for a picture is not sent a clip. */
  #isAsked(request: string, node: string, contentType?: string): boolean {
    const view = this.request(request);
    if (view === undefined || view.state === "taken" || !view.device.startsWith(`${node}/`)) return false;
    return contentType === undefined || contentType === PICTURE_FORMATS[view.kind].contentType;
  }

  #settle(part: PicturePart, data: Buffer, now: Timestamp): Shelved {
    const { bytes, contentType, request, sha256 } = part;
    const isWhole = createHash("sha256").update(data).digest("hex") === sha256 && data.length === bytes;
    if (!isWhole) {
      this.#finish(request, () =>
        this.refuse(request, { reason: "failed", detail: "the picture arrived damaged" }, now),
      );
      return "settled";
    }
    const name = nameOf(sha256, contentType);
    const stored = this.#contents.put(name, data);
    if (stored === undefined) {
      this.#taken(part, now);
      return "settled";
    }
    this.#storing.add(name);
    void stored
      .then(
        () => {
          if (!this.#isClosed) this.#taken(part, now);
        },
        // Whoever has the campus now asks for it again.
        () => undefined,
      )
      .finally(() => this.#storing.delete(name));
    return "kept";
  }

  #taken(part: PicturePart, now: Timestamp): void {
    const { bytes, contentType, recorder, request, sha256, takenAt } = part;
    const node = this.request(request)?.device.split("/").slice(0, 2).join("/");
    const from = recorder === undefined ? null : `${node}/${recorder}`;
    this.#finish(request, () => {
      this.#db
        .prepare(
          `UPDATE requests SET state = 'taken', settled_at = ?, reason = NULL, detail = NULL,
             since = NULL, sha256 = ?, bytes = ?, content_type = ?, taken_at = ?, recorder = ? WHERE id = ?`,
        )
        .run(now, sha256, bytes, contentType, takenAt, from, request);
      this.#tell(request);
    });
  }

  /** Its parts go with what becomes of it. */
  #finish(request: string, settle: () => void): void {
    transaction(this.#db, () => {
      settle();
      this.#db.prepare("DELETE FROM parts WHERE request = ?").run(request);
    });
    this.#coming.delete(request);
  }

  /** Numbers are never given twice, so that who has read up to one misses nothing. */
  #tell(id: string): void {
    this.#db.prepare("INSERT OR REPLACE INTO settlements (request) VALUES (?)").run(id);
  }

  /** What never became whole gives way to what comes now. */
  #makeRoom(request: string): void {
    const held = Number(this.#db.prepare("SELECT coalesce(sum(length(data)), 0) AS n FROM parts").get()?.n);
    if (held <= this.#limits.incomingBytes_max) return;
    this.#db
      .prepare(
        `DELETE FROM parts WHERE request = (SELECT id FROM requests WHERE id <> ? AND id IN
           (SELECT request FROM parts) ORDER BY asked_at LIMIT 1)`,
      )
      .run(request);
  }

  #shrink(): number {
    let bytes = 0;
    const beyond = this.#db
      .prepare(
        "SELECT id, sha256, bytes, content_type FROM requests WHERE state = 'taken' ORDER BY taken_at DESC",
      )
      .all()
      .filter((row) => {
        bytes += Number(row.bytes);
        return bytes > this.#limits.shelfBytes_max;
      });
    return this.#remove(beyond);
  }

  #remove(rows: readonly Record<string, unknown>[]): number {
    let removed = 0;
    for (const { id, sha256 } of rows) {
      this.#db.prepare("DELETE FROM parts WHERE request = ?").run(String(id));
      this.#db.prepare("DELETE FROM settlements WHERE request = ?").run(String(id));
      this.#db.prepare("DELETE FROM requests WHERE id = ?").run(String(id));
      this.#coming.delete(String(id));
      if (sha256 !== null) removed += 1;
    }
    return removed;
  }
}

function nameOf(sha256: string, contentType: string | undefined): string {
  return `${sha256}.${contentType === PICTURE_FORMATS.clip.contentType ? "mp4" : "jpg"}`;
}

const SELECT = "SELECT * FROM requests LEFT JOIN settlements ON request = id";

function viewOf(row: Record<string, unknown>): PictureView {
  const number = <K extends string>(key: K, value: unknown) =>
    value === null ? {} : ({ [key]: Number(value) } as Record<K, number>);
  const text = <K extends string>(key: K, value: unknown) =>
    value === null ? {} : ({ [key]: String(value) } as Record<K, string>);
  return {
    id: String(row.id),
    device: String(row.device),
    kind: PICTURE_KINDS.find((each) => each === row.kind) ?? "snapshot",
    at: Number(row.at),
    askedAt: Number(row.asked_at),
    state: row.state as PictureView["state"],
    ...number("settled", row.settled),
    ...number("settledAt", row.settled_at),
    ...(row.reason === null ? {} : { reason: row.reason as PictureRefusalReason }),
    ...text("detail", row.detail),
    ...number("since", row.since),
    ...text("sha256", row.sha256),
    ...number("bytes", row.bytes),
    ...text("contentType", row.content_type),
    ...number("takenAt", row.taken_at),
    ...text("recorder", row.recorder),
  };
}
