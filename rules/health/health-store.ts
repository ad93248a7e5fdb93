/**
 * What devices said of their health, kept by device and event time, with the position in the journal it follows from in
 * the same transaction. What is read twice is kept once, and the order in which things became known makes no difference.
 */

import type { AssetPath, DeviceClass, LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DatabaseFile } from "@campus-ops/service/database";
import type { HealthFact, Span } from "../core/health/history.ts";
import { PRESENCE, REACHABLE, REGISTERED, SEEN_MS } from "../core/health/history.ts";
import { Database } from "../store/database.ts";
import { campusOfKey, TOUCHED_SCHEMA, type Touched, touch, touched, untouch } from "../store/touched.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, now INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO head VALUES (1, 0, 0);
  CREATE TABLE IF NOT EXISTS devices (
    device TEXT PRIMARY KEY, node TEXT NOT NULL, class TEXT NOT NULL, model TEXT NOT NULL, zh TEXT NOT NULL,
    en TEXT NOT NULL, path TEXT NOT NULL, upstream TEXT) STRICT;
  CREATE TABLE IF NOT EXISTS facts (
    device TEXT NOT NULL, what TEXT NOT NULL, at INTEGER NOT NULL, value INTEGER NOT NULL,
    PRIMARY KEY (device, what, at)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS away (
    node TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER, PRIMARY KEY (node, since)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS seen (node TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (node, at)) STRICT, WITHOUT ROWID;
`;

/** What is no ailment while it is true; everything else is a fault. */
const KEEPS_WELL: ReadonlySet<string> = new Set([REACHABLE, PRESENCE, REGISTERED]);

/** Repetitions are looked for in so much before what may still change; it is looked once a day. */
const REPEATED_MS = 8 * 86_400_000;

export interface HealthDevice {
  /** `campus/node/device` */
  readonly device: string;
  readonly node: string;
  readonly class: DeviceClass;
  /** Its profile: vendor and model. */
  readonly model: string;
  readonly title: LocalText;
  readonly path: AssetPath;
  /** Key of what it hangs from. */
  readonly upstream?: string;
}

/** A box says which devices it watches; or one was born that says what it is, and so is watched. */
export type Registration = { readonly at: Timestamp } & (
  | { readonly node: string; readonly devices: ReadonlySet<string> }
  | { readonly device: string }
);

export interface HealthBatch {
  readonly seq: number;
  readonly now: Timestamp;
  readonly devices: readonly HealthDevice[];
  readonly facts: readonly (HealthFact & { readonly device: string })[];
  /** In order. */
  readonly registrations: readonly Registration[];
  /** Nodes that came or went, in order. */
  readonly nodes: readonly { readonly node: string; readonly online: boolean; readonly at: Timestamp }[];
  /** Beginnings of the stretches of {@link SEEN_MS} that nodes told of afterwards. */
  readonly seen: readonly { readonly node: string; readonly at: Timestamp }[];
}

export class HealthStore {
  readonly #db: Database;

  constructor(file: DatabaseFile) {
    this.#db = new Database(file, [SCHEMA + TOUCHED_SCHEMA]);
  }

  /** The journal has been read up to here. */
  get position(): { readonly seq: number; readonly now: Timestamp } {
    const row = this.#db.rows("SELECT seq, now FROM head")[0];
    return { seq: Number(row?.seq ?? 0), now: Number(row?.now ?? 0) };
  }

  commit({ seq, now, devices, facts, registrations, nodes, seen }: HealthBatch): void {
    this.#db.transaction(() => {
      this.#db.run("UPDATE head SET seq = ?, now = ?", seq, now);
      for (const { device, node, class: kind, model, title, path, upstream } of devices)
        this.#db.run(
          "INSERT OR REPLACE INTO devices VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          device,
          node,
          kind,
          model,
          title.zh,
          title.en,
          path,
          upstream ?? null,
        );
      for (const { device, what, at, value } of facts)
        this.#db.run("INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)", device, what, at, value ? 1 : 0);
      const registered = registrations.flatMap((each) => this.#register(each));
      for (const { node, online, at } of nodes)
        if (online) this.#db.run("UPDATE away SET until = ? WHERE node = ? AND until IS NULL", at, node);
        else
          this.#db.run(
            `INSERT OR IGNORE INTO away SELECT ?1, ?2, NULL
             WHERE NOT EXISTS (SELECT 1 FROM away WHERE node = ?1 AND until IS NULL)`,
            node,
            at,
          );
      for (const { node, at } of seen) this.#db.run("INSERT OR IGNORE INTO seen VALUES (?, ?)", node, at);
      touch(
        this.#db,
        [
          ...[...facts, ...registered].map(({ device, at }) => [device, at] as const),
          ...[...nodes, ...seen].map(({ node, at }) => [node, at] as const),
        ].map(([key, at]) => [campusOfKey(key), at]),
      );
    });
  }

  /** Keeps what changes; answers with the devices it changed for. */
  #register(registration: Registration): readonly { readonly device: string; readonly at: Timestamp }[] {
    const known = (device: string) => {
      const [last] = this.#db.rows(
        "SELECT at, value FROM facts WHERE device = ? AND what = ? ORDER BY at DESC LIMIT 1",
        device,
        REGISTERED,
      );
      return { at: Number(last?.at ?? -1), watched: last === undefined || Number(last.value) === 1 };
    };
    const devices =
      "device" in registration
        ? [registration.device]
        : this.#db
            .rows("SELECT device FROM devices WHERE node = ?", registration.node)
            .map(({ device }) => String(device));
    return devices.flatMap((device) => {
      const watched = "device" in registration || registration.devices.has(device);
      const before = known(device);
      if (watched === before.watched) return [];
      // Two clocks tell the time of it, the box's and the hub's; the order is the journal's.
      const at = Math.max(registration.at, before.at + 1);
      this.#db.run(
        "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)",
        device,
        REGISTERED,
        at,
        watched ? 1 : 0,
      );
      return [{ device, at }];
    });
  }

  /** Since when what is known of each campus has changed. */
  touched(): readonly Touched[] {
    return touched(this.#db);
  }

  untouch(mark: Touched): void {
    untouch(this.#db, mark);
  }

  devices(): readonly HealthDevice[] {
    return this.#db.rows("SELECT * FROM devices ORDER BY device").map((row) => ({
      device: String(row.device),
      node: String(row.node),
      class: row.class as DeviceClass,
      model: String(row.model),
      title: { zh: String(row.zh), en: String(row.en) },
      path: String(row.path),
      ...(row.upstream === null ? {} : { upstream: String(row.upstream) }),
    }));
  }

  /**
   * What a device said before `to`, in order of time: of each thing what held at `from`, told when it began where that is
   * an ailment, and the device's first word.
   */
  facts(device: string, from: Timestamp, to: Timestamp): readonly HealthFact[] {
    const first = this.#db.rows("SELECT * FROM facts WHERE device = ? ORDER BY at LIMIT 1", device);
    const whats = this.#db.rows("SELECT DISTINCT what FROM facts WHERE device = ?", device);
    const before = whats.flatMap(({ what }) => this.#held(device, String(what), from));
    const within = this.#db.rows(
      "SELECT what, at, value FROM facts WHERE device = ? AND at >= ? AND at < ?",
      device,
      from,
      to,
    );
    const facts = [...first, ...before, ...within].map(({ what, at, value }) => ({
      what: String(what),
      at: Number(at),
      value: Number(value) === 1,
    }));
    return facts.filter(({ at }) => at < to).sort(byTime);
  }

  #held(device: string, what: string, from: Timestamp): readonly Record<string, unknown>[] {
    const last = this.#db.rows(
      "SELECT what, at, value FROM facts WHERE device = ? AND what = ? AND at < ? ORDER BY at DESC LIMIT 1",
      device,
      what,
      from,
    );
    const value = Number(last[0]?.value ?? 0);
    const ails = last.length > 0 && (value === 1) !== KEEPS_WELL.has(what);
    if (!ails) return last;
    const other = this.#db.rows(
      "SELECT at FROM facts WHERE device = ? AND what = ? AND at < ? AND value <> ? ORDER BY at DESC LIMIT 1",
      device,
      what,
      from,
      value,
    )[0];
    return this.#db.rows(
      "SELECT what, at, value FROM facts WHERE device = ? AND what = ? AND at > ? ORDER BY at LIMIT 1",
      device,
      what,
      Number(other?.at ?? -1),
    );
  }

  /** When a node was away, clipped to `to`, in order; one that is away still is so until then. */
  away(node: string, from: Timestamp, to: Timestamp): readonly Span[] {
    return this.#db
      .rows(
        "SELECT since, until FROM away WHERE node = ? AND since < ? AND (until IS NULL OR until > ?) ORDER BY since",
        node,
        to,
        from,
      )
      .map(({ since, until }) => ({ from: Number(since), to: Math.min(to, Number(until ?? to)) }));
  }

  /** Beginnings of the stretches that a node told of afterwards, ascending. */
  seen(node: string, from: Timestamp, to: Timestamp): readonly Timestamp[] {
    return this.#db
      .rows("SELECT at FROM seen WHERE node = ? AND at > ? AND at < ? ORDER BY at", node, from - SEEN_MS, to)
      .map(({ at }) => Number(at));
  }

  /**
   * Deletes what was said before `before`, but for what still holds, and repetitions before `settled`, where nothing
   * late is expected any more; answers with how much was past its time.
   */
  retain(before: Timestamp, settled: Timestamp): number {
    return this.#db.transaction(() => {
      const { changes } = this.#db.run(
        `DELETE FROM facts WHERE at < ?1 AND EXISTS (SELECT 1 FROM facts AS later
           WHERE later.device = facts.device AND later.what = facts.what AND later.at > facts.at AND later.at <= ?1)`,
        before,
      );
      this.#db.run(
        `DELETE FROM facts WHERE at < ?1 AND at >= ?1 - ${REPEATED_MS} AND value = (SELECT value FROM facts AS before
           WHERE before.device = facts.device AND before.what = facts.what AND before.at < facts.at
           ORDER BY before.at DESC LIMIT 1)`,
        settled,
      );
      this.#db.run("DELETE FROM away WHERE until < ?", before);
      this.#db.run("DELETE FROM seen WHERE at < ?", before);
      return Number(changes);
    });
  }

  close(): void {
    this.#db.close();
  }
}

function byTime(a: HealthFact, b: HealthFact): number {
  return a.at - b.at || (a.what < b.what ? -1 : a.what > b.what ? 1 : 0);
}
