/**
 * What rules keeps, in one SQLite file: the core's state, the alarms and their transitions, what people did, and how
 * far the journal has been read. One transaction holds a batch's outputs together with the position that they follow
 * from, so a crash anywhere repeats work and never doubles or loses a result.
 */

import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DatabaseFile } from "@campus-ops/service/database";
import type { AlarmView, TransitionView } from "../api.ts";
import type { StoredDevice } from "../core/device.ts";
import type { Effect, TransitionEffect } from "../core/effect.ts";
import type { Changes, EngineState } from "../core/engine.ts";
import type { PeopleInput } from "../core/input.ts";
import type { StoredMonitor } from "../core/monitor.ts";
import type { BookChanges } from "../core/replica/book.ts";
import type { AlarmRecord } from "../core/view.ts";
import { CHAIN_BEGIN, type Head as ChainHead, type Link, linkOf, pictureLinkOf } from "../evidence/chain.ts";
import { Database } from "./database.ts";
import { type Disclosed, DRAWER_SCHEMA, Drawer } from "./drawer.ts";
import { HISTORY_SCHEMA, HistoryRows } from "./history-rows.ts";
import { PICTURES_SCHEMA, PictureRows } from "./pictures.ts";
import { REPLICAS_SCHEMA, ReplicaRows } from "./replicas.ts";

/** Late records kept; the oldest give way. */
export const LATE_ROWS_MAX = 100_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS fingerprints (rule TEXT PRIMARY KEY, fingerprint TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS devices (ordinal INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS monitors (ordinal INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS alarms (
    id TEXT PRIMARY KEY, campus TEXT NOT NULL, state TEXT NOT NULL, raised_at INTEGER NOT NULL,
    cause TEXT, record TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS alarms_by_time ON alarms (raised_at);
  CREATE INDEX IF NOT EXISTS alarms_by_cause ON alarms (cause) WHERE cause IS NOT NULL;
  CREATE TABLE IF NOT EXISTS transitions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, seq INTEGER NOT NULL, alarm TEXT NOT NULL, campus TEXT NOT NULL,
    at INTEGER NOT NULL, event TEXT NOT NULL, json TEXT NOT NULL, view TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS transitions_by_alarm ON transitions (alarm, id);
  CREATE INDEX IF NOT EXISTS transitions_by_time ON transitions (at);
  CREATE TABLE IF NOT EXISTS actions (id INTEGER PRIMARY KEY AUTOINCREMENT, seq INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS chain (
    n INTEGER PRIMARY KEY, alarm TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS chain_by_alarm ON chain (alarm, n);
  CREATE TABLE IF NOT EXISTS late (id INTEGER PRIMARY KEY AUTOINCREMENT, seq INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
  ${PICTURES_SCHEMA}
  ${REPLICAS_SCHEMA}
`;

/** A condition that is written differently now has nothing to remember; its alarm goes on. */
const BEGIN_ANEW = `UPDATE monitors SET json = json_set(json_remove(json, '$.memory'),
  '$.trueSince', json('null'), '$.falseSince', json('null'), '$.due', (SELECT json_extract(json, '$.now') FROM head))`;

/** Whoever measures has answered, unless somebody had before. */
const ANSWERED_BY_READING = `(event IN ('confirm', 'refute')
  AND json_extract(json, '$.from') IN ('unacknowledged', 'returned-unacknowledged'))`;

type Head = Omit<EngineState, "devices" | "monitors">;

export interface StreamRow {
  /** The stream's cursor. */
  readonly id: number;
  readonly view: AlarmView;
}

/** Where a transition lies among all of them by time. */
export interface TransitionPlace {
  readonly at: Timestamp;
  readonly id: number;
}

export interface KeptTransition extends TransitionPlace {
  readonly event: string;
  /** As it was then. */
  readonly alarm: AlarmView;
}

export interface AlarmCount {
  readonly campus: string;
  readonly start: Timestamp;
  /** Acknowledged by a person; rang otherwise. */
  readonly answered: boolean;
  readonly priority: number;
  readonly count: number;
  /** From the raising on, together. */
  readonly waited_ms: number;
}

export class RulesStore {
  readonly #db: Database;
  readonly #drawer: Drawer;
  readonly pictures: PictureRows;
  readonly replicas: ReplicaRows;
  readonly history: HistoryRows;

  constructor(file: DatabaseFile) {
    this.#db = new Database(file, [SCHEMA, DRAWER_SCHEMA, HISTORY_SCHEMA]);
    this.history = new HistoryRows(this.#db);
    this.#drawer = new Drawer(this.#db);
    this.replicas = new ReplicaRows(this.#db);
    this.pictures = new PictureRows(this.#db, (alarm, picture) =>
      this.#chain(alarm, pictureLinkOf(this.chainHead(), alarm, this.#seq(), picture)),
    );
  }

  /** The state as of the last commit; undefined before the first. */
  load(): EngineState | undefined {
    const head = this.#db.rows("SELECT json FROM head")[0];
    if (head === undefined) return undefined;
    return {
      ...parse<Head>(head.json),
      devices: this.#db
        .rows("SELECT json FROM devices ORDER BY ordinal")
        .map(({ json }) => parse<StoredDevice>(json)),
      monitors: this.#db
        .rows("SELECT json FROM monitors ORDER BY ordinal")
        .map(({ json }) => this.#drawer.parse<StoredMonitor>(json)),
    };
  }

  /** One batch, all or nothing; throws {@link StoreFullError} on a full disk. Answers with the stream rows it made, in order. */
  commit(
    head: Head,
    changes: Changes,
    effects: readonly Effect[],
    actions: readonly PeopleInput[] = [],
    book?: BookChanges,
  ): readonly StreamRow[] {
    return this.#db.transaction(() => {
      this.#db.run("INSERT OR REPLACE INTO head VALUES (1, ?)", JSON.stringify(head));
      for (const device of changes.devices) {
        this.#db.run(
          "INSERT OR REPLACE INTO devices VALUES (?, ?)",
          device.ordinal,
          JSON.stringify(device.save()),
        );
      }
      for (const ordinal of changes.forgotten)
        this.#db.run("DELETE FROM monitors WHERE ordinal = ?", ordinal);
      for (const monitor of changes.monitors) {
        this.#db.run(
          "INSERT OR REPLACE INTO monitors VALUES (?, ?)",
          monitor.ordinal,
          this.#drawer.text(monitor.save(), head.now),
        );
      }
      for (const action of actions)
        this.#db.run("INSERT INTO actions (seq, json) VALUES (?, ?)", action.seq, JSON.stringify(action));
      if (book !== undefined) this.replicas.save(book);
      const rows: StreamRow[] = [];
      for (const effect of effects) {
        if (effect.kind === "transition") rows.push(this.#transition(effect, head.now));
        else if (effect.kind === "late") this.#late(effect);
      }
      this.#drawer.sweep(head.now);
      return rows;
    });
  }

  #transition(effect: TransitionEffect, now: Timestamp): StreamRow {
    const { seq, transition, alarm } = effect;
    const view = viewOf(alarm);
    const { device, id } = alarm;
    this.#db.run(
      "INSERT OR REPLACE INTO alarms VALUES (?, ?, ?, ?, ?, ?)",
      id,
      device.campus,
      alarm.state,
      alarm.raisedAt,
      alarm.causeId ?? null,
      this.#drawer.text(alarm, now),
    );
    const { lastInsertRowid } = this.#db.run(
      "INSERT INTO transitions (seq, alarm, campus, at, event, json, view) VALUES (?, ?, ?, ?, ?, ?, ?)",
      seq,
      id,
      device.campus,
      transition.at,
      transition.event,
      JSON.stringify(transition),
      JSON.stringify(view),
    );
    if (transition.event !== "symptoms") {
      this.#chain(
        id,
        linkOf(this.chainHead(), effect, (body) => this.#drawer.text(body, now)),
      );
    }
    if (effect.picture === true) this.pictures.want(alarm);
    return { id: Number(lastInsertRowid), view };
  }

  #chain(alarm: string, { body, hash, n, previous }: Link): void {
    this.#db.run("INSERT INTO chain VALUES (?, ?, ?, ?, ?)", n, alarm, previous, hash, body);
  }

  /** The newest journal entry that was taken. */
  #seq(): number {
    return Number(this.#db.rows("SELECT json_extract(json, '$.seq') AS seq FROM head")[0]?.seq ?? 0);
  }

  /** The newest link of the chain of evidence. */
  chainHead(): ChainHead {
    const row = this.#db.rows("SELECT n, hash FROM chain ORDER BY n DESC LIMIT 1")[0];
    return row === undefined ? { n: 0, hash: CHAIN_BEGIN } : { n: Number(row.n), hash: String(row.hash) };
  }

  /** What the bodies of links have sealed, as far as it is still kept. */
  disclosed(links: readonly Link[]): readonly Disclosed[] {
    return this.#drawer.disclosed(links.map(({ body }) => body));
  }

  /** The links of one alarm, or of all of them, in order; of those that are past their retention the hashes. */
  chainOf(alarm?: string): readonly Link[] {
    const rows =
      alarm === undefined
        ? this.#db.rows("SELECT * FROM chain ORDER BY n")
        : this.#db.rows("SELECT * FROM chain WHERE alarm = ? AND body <> '' ORDER BY n", alarm);
    return rows.map(({ n, previous, hash, body }) => ({
      n: Number(n),
      previous: String(previous),
      hash: String(hash),
      body: String(body),
    }));
  }

  #late(effect: Effect & { kind: "late" }): void {
    const { lastInsertRowid } = this.#db.run(
      "INSERT INTO late (seq, json) VALUES (?, ?)",
      effect.seq,
      JSON.stringify(effect),
    );
    this.#db.run("DELETE FROM late WHERE id <= ?", Number(lastInsertRowid) - LATE_ROWS_MAX);
  }

  /**
   * What each rule looked like when the state was written. Answers with those that are gone or different since, and
   * remembers the new ones.
   */
  exchangeFingerprints(fingerprints: ReadonlyMap<string, string>): ReadonlySet<string> {
    return this.#db.transaction(() => {
      const changed = new Set<string>();
      for (const { rule, fingerprint } of this.#db.rows("SELECT rule, fingerprint FROM fingerprints")) {
        if (fingerprints.get(String(rule)) !== fingerprint) changed.add(String(rule));
      }
      for (const rule of changed) {
        const known = fingerprints.has(rule);
        this.#db.run(
          `${known ? BEGIN_ANEW : "DELETE FROM monitors"} WHERE json_extract(json, '$.rule') = ?`,
          rule,
        );
      }
      this.#db.run("DELETE FROM fingerprints");
      for (const each of fingerprints) this.#db.run("INSERT INTO fingerprints VALUES (?, ?)", ...each);
      return changed;
    });
  }

  /** Alarms of rules or devices that the core no longer knows become normal: nothing could end them any more. */
  retire(known: (alarm: string) => boolean, at: Timestamp): number {
    return this.#db.transaction(() => {
      const standing = this.#db.rows(
        "SELECT record FROM alarms WHERE state <> 'normal' AND json_extract(record, '$.hub') IS NULL",
      );
      const orphans = standing
        .map(({ record }) => this.#drawer.parse<AlarmRecord>(record))
        .filter(({ id }) => !known(id));
      for (const { causeId: _, ...alarm } of orphans) {
        const { state: from, occurrence } = alarm;
        const transition = { at, from, to: "normal", event: "rule-removed", occurrence, by: "rule" } as const;
        const retired = { ...alarm, state: "normal", updatedAt: at } as const;
        this.#transition({ kind: "transition", seq: 0, transition, alarm: retired }, at);
      }
      return orphans.length;
    });
  }

  /** At most `limit` of them, and those raised in the same millisecond as the last; the newest first. */
  alarms(query: {
    active: boolean;
    campus?: string;
    before?: Timestamp;
    limit: number;
  }): readonly AlarmView[] {
    const where = `raised_at < ? AND (? = '' OR campus = ?) ${query.active ? "AND state <> 'normal'" : ""}`;
    const bound = [query.before ?? Number.MAX_SAFE_INTEGER, query.campus ?? "", query.campus ?? ""] as const;
    const last = this.#db.rows(
      `SELECT raised_at FROM alarms WHERE ${where} ORDER BY raised_at DESC LIMIT 1 OFFSET ?`,
      ...bound,
      query.limit - 1,
    )[0];
    return this.#db
      .rows(
        `SELECT record FROM alarms WHERE ${where} AND raised_at >= ? ORDER BY raised_at DESC, id`,
        ...bound,
        Number(last?.raised_at ?? 0),
      )
      .map(({ record }) => viewOf(parse<AlarmRecord>(record)));
  }

  /** Everything that is not normal. */
  standing(): readonly AlarmRecord[] {
    return this.#db
      .rows("SELECT record FROM alarms WHERE state <> 'normal'")
      .map(({ record }) => this.#drawer.parse<AlarmRecord>(record));
  }

  alarm(id: string): AlarmRecord | undefined {
    const row = this.#db.rows("SELECT record FROM alarms WHERE id = ?", id)[0];
    return row === undefined ? undefined : this.#drawer.parse<AlarmRecord>(row.record);
  }

  transitions(alarm: string): readonly TransitionView[] {
    return this.#db
      .rows("SELECT json FROM transitions WHERE alarm = ? AND event <> 'symptoms' ORDER BY id", alarm)
      .map(({ json }) => parse<TransitionView>(json));
  }

  symptomsOf(cause: string): readonly string[] {
    return this.#db
      .rows("SELECT id FROM alarms WHERE cause = ? ORDER BY id", cause)
      .map(({ id }) => String(id));
  }

  /** Rows of the stream after `cursor`, in order. */
  stream(cursor: number, limit: number): readonly StreamRow[] {
    return this.#db
      .rows("SELECT id, view FROM transitions WHERE id > ? ORDER BY id LIMIT ?", cursor, limit)
      .map(({ id, view }) => ({ id: Number(id), view: parse<AlarmView>(view) }));
  }

  newestRow(): number {
    return Number(this.#db.rows("SELECT coalesce(max(id), 0) AS id FROM transitions")[0]?.id ?? 0);
  }

  /** Own alarms by campus, priority and state, as they are now; those of drills left out, and those that a hub counts itself. */
  counts(): readonly { campus: string; priority: number; state: string; count: number }[] {
    return this.#db
      .rows(
        `SELECT campus, json_extract(record, '$.priority') AS priority, state, count(*) AS count
       FROM alarms WHERE state <> 'normal' AND json_extract(record, '$.drill') IS NULL AND json_extract(record, '$.hub') IS NULL
       GROUP BY 1, 2, 3`,
      )
      .map(({ campus, priority, state, count }) => ({
        campus: String(campus),
        priority: Number(priority),
        state: String(state),
        count: Number(count),
      }));
  }

  /** Raisings by campus in a range of hub time, symptoms and drills left out; `to` is excluded. */
  raised(from: Timestamp, to: Timestamp): readonly { campus: string; count: number }[] {
    return this.#db
      .rows(
        `SELECT campus, count(*) AS count FROM transitions
       WHERE at >= ? AND at < ? AND event IN ('raise', 'release') AND json_extract(view, '$.drill') IS NULL
         AND json_extract(view, '$.hub') IS NULL GROUP BY campus`,
        from,
        to,
      )
      .map(({ campus, count }) => ({ campus: String(campus), count: Number(count) }));
  }

  /**
   * Alarms that rang, and that somebody answered, by campus and `step_ms` of hub time, symptoms and drills left out. Those that
   * hubs below tell are among them, when they happened there: series of these no hub tells.
   */
  alarmCounts(from: Timestamp, to: Timestamp, step_ms: number): readonly AlarmCount[] {
    return this.#db
      .rows(
        `SELECT campus, at / ?3 * ?3 AS start, event NOT IN ('raise', 'release') AS answered,
         json_extract(view, '$.priority') AS priority, count(*) AS count,
         sum(at - json_extract(view, '$.raisedAt')) AS waited_ms FROM transitions
       WHERE at >= ?1 AND at < ?2 AND (event IN ('raise', 'release', 'acknowledge') OR ${ANSWERED_BY_READING})
         AND json_extract(view, '$.drill') IS NULL GROUP BY 1, 2, 3, 4`,
        from,
        to,
        step_ms,
      )
      .map((row) => ({
        campus: String(row.campus),
        start: Number(row.start),
        answered: row.answered === 1,
        priority: Number(row.priority),
        count: Number(row.count),
        waited_ms: Number(row.waited_ms),
      }));
  }

  /** By campus, the earliest moment that transitions after that number are about, and the number of the last one. */
  changedAfter(id: number): { readonly last: number; readonly since: ReadonlyMap<string, Timestamp> } {
    const last = this.newestRow();
    const rows = this.#db.rows(
      "SELECT campus, min(at) AS since FROM transitions WHERE id > ? AND id <= ? GROUP BY campus",
      id,
      last,
    );
    return { last, since: new Map(rows.map(({ campus, since }) => [String(campus), Number(since)])) };
  }

  /** Transitions of these kinds since then, in order. */
  rangSince(
    from: Timestamp,
    events: readonly string[],
  ): readonly { readonly alarm: AlarmView; readonly at: Timestamp }[] {
    const places = events.map(() => "?").join(", ");
    return this.#db
      .rows(
        `SELECT at, view FROM transitions WHERE at >= ? AND event IN (${places}) ORDER BY id`,
        from,
        ...events,
      )
      .map(({ at, view }) => ({ alarm: parse<AlarmView>(view), at: Number(at) }));
  }

  /**
   * Transitions that happened in [from, to), in order of time, and of one moment as they were kept; at most `limit` of them,
   * after that place where one is named. What a hub below told late lies where it happened.
   */
  transitionsBetween(
    from: Timestamp,
    to: Timestamp,
    after: TransitionPlace | undefined,
    limit: number,
  ): readonly KeptTransition[] {
    return this.#db
      .rows(
        "SELECT id, at, event, view FROM transitions WHERE (at, id) > (?, ?) AND at < ? ORDER BY at, id LIMIT ?",
        after?.at ?? from,
        after?.id ?? 0,
        to,
        limit,
      )
      .map(({ id, at, event, view }) => ({
        id: Number(id),
        at: Number(at),
        event: String(event),
        alarm: parse<AlarmView>(view),
      }));
  }

  /** When a rule's alarm rang last for each device in [from, to), by the device's key; drills are among them. */
  lastRang(rule: string, from: Timestamp, to: Timestamp): ReadonlyMap<string, Timestamp> {
    const rows = this.#db.rows(
      `SELECT json_extract(view, '$.device.key') AS device, max(at) AS at FROM transitions
       WHERE at >= ? AND at < ? AND event IN ('raise', 'release') AND json_extract(view, '$.rule') = ?
       GROUP BY device`,
      from,
      to,
      rule,
    );
    return new Map(rows.map(({ device, at }) => [String(device), Number(at)]));
  }

  /** What people did, in order. */
  actions(): readonly PeopleInput[] {
    return this.#db.rows("SELECT json FROM actions ORDER BY id").map(({ json }) => parse<PeopleInput>(json));
  }

  /** Raisings that were part of a drill, in order, each as it was then. */
  raisedIn(drill: string): readonly { readonly view: AlarmView; readonly at: Timestamp }[] {
    return this.#db
      .rows(
        `SELECT at, view FROM transitions
       WHERE event IN ('raise', 'release') AND json_extract(view, '$.drill') = ? ORDER BY id`,
        drill,
      )
      .map(({ at, view }) => ({ view: parse<AlarmView>(view), at: Number(at) }));
  }

  close(): void {
    this.#db.close();
  }
}

function parse<T>(json: unknown): T {
  return JSON.parse(String(json)) as T;
}

function viewOf(record: AlarmRecord): AlarmView {
  const { ruleVersion: _1, explanation: _2, card: _3, respondWithin_ms: _4, evidence: _5, ...view } = record;
  return view;
}
