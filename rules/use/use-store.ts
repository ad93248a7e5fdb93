/**
 * What devices said that means something for the use of rooms, kept by device and event time, with the position in the
 * journal it follows from in the same transaction. A backlog finds its place by its own time, and what is read twice is
 * kept once: the figures do not depend on the order in which things became known.
 */

import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DatabaseFile } from "@campus-ops/service/database";
import type { Scalar } from "../core/input.ts";
import type { Blind, Utterance } from "../core/use/sessions.ts";
import { POWER_METRICS } from "../core/use/signals.ts";
import { Database } from "../store/database.ts";
import { campusOfKey, TOUCHED_SCHEMA, type Touched, touch, touched, untouch } from "../store/touched.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, now INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO head VALUES (1, 0, 0);
  CREATE TABLE IF NOT EXISTS devices (
    device TEXT PRIMARY KEY, node TEXT NOT NULL, room TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS devices_by_room ON devices (room);
  CREATE TABLE IF NOT EXISTS utterances (
    device TEXT NOT NULL, at INTEGER NOT NULL, metric TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (device, at, metric)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS away (node TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT;
`;

export interface UseBatch {
  readonly seq: number;
  readonly now: Timestamp;
  readonly devices: readonly {
    readonly device: string;
    readonly node: string;
    readonly room: AssetPath;
    readonly at: Timestamp;
  }[];
  readonly utterances: readonly Utterance[];
  /** Nodes that came or went, in order. */
  readonly nodes: readonly { readonly node: string; readonly online: boolean; readonly at: Timestamp }[];
}

export interface RoomFacts {
  readonly utterances: readonly Utterance[];
  /** When the first device of the room that tells was born; undefined without one. */
  readonly since: Timestamp | undefined;
  /** Edge boxes that are away now: nobody knows what they hold. */
  readonly away: readonly Blind[];
}

export class UseStore {
  readonly #db: Database;

  constructor(file: DatabaseFile) {
    this.#db = new Database(file, [SCHEMA + TOUCHED_SCHEMA]);
  }

  /** The journal has been read up to here. */
  get position(): { readonly seq: number; readonly now: Timestamp } {
    const row = this.#db.rows("SELECT seq, now FROM head")[0];
    return { seq: Number(row?.seq ?? 0), now: Number(row?.now ?? 0) };
  }

  commit({ seq, now, devices, utterances, nodes }: UseBatch): void {
    this.#db.transaction(() => {
      this.#db.run("UPDATE head SET seq = ?, now = ?", seq, now);
      for (const { device, node, room, at } of devices)
        this.#db.run(
          `INSERT INTO devices VALUES (?, ?, ?, ?)
           ON CONFLICT (device) DO UPDATE SET node = excluded.node, room = excluded.room`,
          device,
          node,
          room,
          at,
        );
      for (const { device, at, metric, value } of utterances)
        this.#db.run(
          "INSERT OR REPLACE INTO utterances VALUES (?, ?, ?, ?)",
          device,
          at,
          metric,
          JSON.stringify(value),
        );
      for (const { node, online, at } of nodes)
        if (online) this.#db.run("DELETE FROM away WHERE node = ?", node);
        else this.#db.run("INSERT OR IGNORE INTO away VALUES (?, ?)", node, at);
      touch(this.#db, [
        ...utterances.map(({ device, at }) => [campusOfKey(device), at] as const),
        ...nodes.map(({ node, at }) => [campusOfKey(node), at] as const),
      ]);
    });
  }

  /** Since when what is known of each campus has changed. */
  touched(): readonly Touched[] {
    return touched(this.#db);
  }

  untouch(mark: Touched): void {
    untouch(this.#db, mark);
  }

  /** Rooms with something that tells whether it is on, in order of their paths. */
  rooms(): readonly AssetPath[] {
    const places = POWER_METRICS.map(() => "?").join(", ");
    return this.#db
      .rows(
        `SELECT DISTINCT room FROM devices WHERE EXISTS (
           SELECT 1 FROM utterances WHERE utterances.device = devices.device AND metric IN (${places})) ORDER BY room`,
        ...POWER_METRICS,
      )
      .map(({ room }) => String(room));
  }

  /** What is known of a room in [from, to), and how it stood before. */
  room(room: AssetPath, from: Timestamp, to: Timestamp): RoomFacts {
    const devices = this.#db.rows("SELECT device, node, since FROM devices WHERE room = ?", room);
    const utterances = devices.flatMap(({ device }) => this.#of(String(device), from, to));
    const telling = devices.filter(({ device }) => utterances.some((each) => each.device === device));
    const since = telling.length === 0 ? undefined : Math.min(...telling.map((each) => Number(each.since)));
    const away = telling.flatMap(({ node }) =>
      this.#db.rows("SELECT since FROM away WHERE node = ?", String(node)).map((row) => ({
        from: Number(row.since),
        to,
      })),
    );
    return { utterances: utterances.sort(byTime), since, away };
  }

  /** Deletes what was said before `before`, but for what still holds; answers with how much that was. */
  retain(before: Timestamp): number {
    const { changes } = this.#db.run(
      `DELETE FROM utterances WHERE at < ? AND EXISTS (
         SELECT 1 FROM utterances AS later WHERE later.device = utterances.device
           AND later.metric = utterances.metric AND later.at > utterances.at AND later.at <= ?)`,
      before,
      before,
    );
    return Number(changes);
  }

  close(): void {
    this.#db.close();
  }

  #of(device: string, from: Timestamp, to: Timestamp): readonly Utterance[] {
    const before = this.#db.rows(
      `SELECT max(at) AS at, metric, value FROM utterances WHERE device = ? AND at < ? GROUP BY metric`,
      device,
      from,
    );
    const within = this.#db.rows(
      "SELECT at, metric, value FROM utterances WHERE device = ? AND at >= ? AND at < ?",
      device,
      from,
      to,
    );
    return [...before, ...within].map(({ at, metric, value }) => ({
      device,
      at: Number(at),
      metric: String(metric),
      value: JSON.parse(String(value)) as Scalar,
    }));
  }
}

function byTime(a: Utterance, b: Utterance): number {
  return a.at - b.at || (a.device < b.device ? -1 : a.device > b.device ? 1 : a.metric < b.metric ? -1 : 1);
}
