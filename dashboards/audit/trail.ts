/** Who did what, where, when and with what result: `audit.sqlite`, durable at each entry, and nothing in it is ever changed. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { openDatabase, transaction } from "@campus-ops/service/database";
import { codesMeant } from "./core/actions.ts";
import { type AuditBody, type AuditLink, type AuditResult, CHAIN_BEGIN, hashOfLink } from "./link.ts";

const VERSIONS = [
  `CREATE TABLE entries (
     n INTEGER PRIMARY KEY, at INTEGER NOT NULL, user TEXT NOT NULL, action TEXT NOT NULL, result TEXT NOT NULL,
     path TEXT, body TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
   CREATE INDEX entriesByTime ON entries (at);
   CREATE INDEX entriesByUser ON entries (user, n);
   CREATE TABLE begin (id INTEGER PRIMARY KEY CHECK (id = 0), n INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
   INSERT INTO begin VALUES (0, 0, '${CHAIN_BEGIN}');`,
] as const;

/** The Cybersecurity Law asks for six months of logs; nobody can configure less. */
export const KEPT_MONTHS_MIN = 6;
const MONTH_MS = 31 * 24 * 3_600_000;
const DETAILS_CHARACTERS_MAX = 8_192;
/** Refusals of one minute that are written down one by one; a hostile loop must not fill the disk. */
export const REFUSALS_A_MINUTE_MAX = 120;
const MINUTE_MS = 60_000;
const SECRET_NAMES = /password|secret|token|code|cookie|authorization|credential|session/i;

/** As routes hand it in: the rest are details. */
export type AuditEntry = Readonly<Record<string, unknown>>;

export interface AuditFrom {
  readonly address?: string;
}

export interface AuditQuery {
  readonly user?: string | undefined;
  /** An action, a subject of several (`alarm` finds `alarm.acknowledge`), or words for actions in either language. */
  readonly action?: string | undefined;
  readonly result?: AuditResult | undefined;
  /** Here and below. */
  readonly path?: AssetPath | undefined;
  readonly from?: Timestamp | undefined;
  readonly to?: Timestamp | undefined;
  /** Some words of the entry. */
  readonly text?: string | undefined;
  /** Older than this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

type Value = string | number;

export class AuditTrail {
  readonly #db: DatabaseSync;
  readonly #now: () => Timestamp;
  readonly #keep_ms: number;
  readonly #insert: StatementSync;
  readonly #last: StatementSync;
  #minute = { began: 0, refusals: 0, leftOut: 0 };

  /** `months` as configured; fewer than {@link KEPT_MONTHS_MIN} are not taken. */
  constructor(file: string, now: () => Timestamp, months: number) {
    this.#db = openDatabase(file, VERSIONS);
    this.#now = now;
    this.#keep_ms = Math.max(months, KEPT_MONTHS_MIN) * MONTH_MS;
    this.#insert = this.#db.prepare("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    this.#last = this.#db.prepare("SELECT n, hash FROM entries ORDER BY n DESC LIMIT 1");
  }

  close(): void {
    this.#db.close();
  }

  /** The newest entry. */
  get head(): { readonly n: number; readonly hash: string } {
    return (this.#last.get() ?? this.begin) as { n: number; hash: string };
  }

  /** The last entry that is no longer kept: the first one that is follows from it. */
  get begin(): { readonly n: number; readonly hash: string } {
    return this.#db.prepare("SELECT n, hash FROM begin").get() as { n: number; hash: string };
  }

  /**
   * Writes an entry down; it is on the disk when this returns. The hub and its command line may write at the same time.
   * Throws what SQLite says when it cannot be.
   */
  append(entry: AuditEntry, from: AuditFrom = {}): void {
    const { action, path, result = "done", user, ...details } = entry;
    const at = this.#now();
    if (result === "refused" && !this.#mayRefuse(at)) return;
    transaction(this.#db, () => this.#link({ at, user, action, path, result, details, from }));
  }

  #link(entry: {
    readonly at: Timestamp;
    readonly user: unknown;
    readonly action: unknown;
    readonly path: unknown;
    readonly result: unknown;
    readonly details: Readonly<Record<string, unknown>>;
    readonly from: AuditFrom;
  }): void {
    const { action, at, details, from, path, result, user } = entry;
    const previous = this.head;
    const n = previous.n + 1;
    const body: AuditBody = {
      n,
      at,
      user: String(user ?? ""),
      action: String(action ?? ""),
      result: result as AuditResult,
      ...(typeof path === "string" ? { path } : {}),
      ...from,
      details: bounded({ ...details, ...this.#takeLeftOut() }),
    };
    const text = JSON.stringify(body);
    const hash = hashOfLink(previous.hash, text);
    this.#insert.run(n, at, body.user, body.action, body.result, body.path ?? null, text, hash);
  }

  /** The newest first; of places, those within one of `places`; "" among them is everything. */
  search(query: AuditQuery, places: readonly (AssetPath | "")[]): readonly AuditBody[] {
    const { sql, values } = conditions(query, places);
    const rows = this.#db
      .prepare(`SELECT body FROM entries WHERE ${sql} ORDER BY n DESC LIMIT ?`)
      .all(...values, query.limit);
    return rows.map(({ body }) => JSON.parse(String(body)) as AuditBody);
  }

  /** Links of a time in their order, one by one, with the hash that the first follows from. */
  links(from: Timestamp, to: Timestamp): { readonly previous: string; readonly links: Iterable<AuditLink> } {
    const bounds = this.#db
      .prepare("SELECT min(n) first, max(n) last FROM entries WHERE at >= ? AND at < ?")
      .get(from, to);
    const first = Number(bounds?.first ?? this.head.n + 1);
    const before = this.#db.prepare("SELECT hash FROM entries WHERE n = ?").get(first - 1);
    const links = this.#db
      .prepare("SELECT n, body, hash FROM entries WHERE n BETWEEN ? AND ? ORDER BY n")
      .iterate(first, Number(bounds?.last ?? 0)) as Iterable<unknown> as Iterable<AuditLink>;
    return { previous: String(before?.hash ?? this.begin.hash), links };
  }

  /** Lets go of what is older than is kept, and writes down that it did. Answers how many entries. */
  prune(): number {
    const before = this.#now() - this.#keep_ms;
    const last = this.#db
      .prepare("SELECT n, hash FROM entries WHERE at < ? ORDER BY n DESC LIMIT 1")
      .get(before);
    if (last === undefined) return 0;
    const { n, hash } = last as { n: number; hash: string };
    const removed = transaction(this.#db, () => {
      this.#db.prepare("UPDATE begin SET n = ?, hash = ?").run(n, hash);
      return Number(this.#db.prepare("DELETE FROM entries WHERE n <= ?").run(n).changes);
    });
    this.append({ user: "platform", action: "audit.prune", removed, upTo: n, hash });
    return removed;
  }

  #mayRefuse(at: Timestamp): boolean {
    if (at - this.#minute.began >= MINUTE_MS) this.#minute = { ...this.#minute, began: at, refusals: 0 };
    this.#minute.refusals += 1;
    if (this.#minute.refusals <= REFUSALS_A_MINUTE_MAX) return true;
    this.#minute.leftOut += 1;
    return false;
  }

  /** The next entry says how many refusals were not written down one by one. */
  #takeLeftOut(): { readonly refusalsLeftOut?: number } {
    const { leftOut } = this.#minute;
    this.#minute.leftOut = 0;
    return leftOut === 0 ? {} : { refusalsLeftOut: leftOut };
  }
}

function conditions(query: AuditQuery, places: readonly (AssetPath | "")[]) {
  const terms: string[] = [];
  const values: Value[] = [];
  const add = (sql: string, ...more: readonly Value[]): void => {
    terms.push(sql);
    values.push(...more);
  };
  const within = (path: string): string => {
    values.push(path, `${path}/`, `${path}0`);
    // "0" is the character after "/": what begins with the path and a slash lies between.
    return "(path = ? OR (path > ? AND path < ?))";
  };
  if (!places.includes("")) terms.push(`(${places.map(within).join(" OR ") || "0"})`);
  if (query.path !== undefined && query.path !== "") terms.push(within(query.path));
  if (query.user !== undefined) add("user = ?", query.user);
  if (query.action !== undefined) {
    const codes = codesMeant(query.action);
    const one = "(action = ? OR substr(action, 1, length(?) + 1) = ? || '.')";
    add(`(${codes.map(() => one).join(" OR ")})`, ...codes.flatMap((code) => [code, code, code]));
  }
  if (query.result !== undefined) add("result = ?", query.result);
  if (query.from !== undefined) add("at >= ?", query.from);
  if (query.to !== undefined) add("at < ?", query.to);
  if (query.text !== undefined) add("instr(lower(body), lower(?)) > 0", query.text);
  if (query.before !== undefined) add("n < ?", query.before);
  return { sql: terms.join(" AND ") || "1", values };
}

/** Nothing that is called like a secret is kept, and nothing without bound. */
function bounded(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const text = JSON.stringify(details, (name, value: unknown) =>
    name !== "" && SECRET_NAMES.test(name) && typeof value === "string" ? "[secret]" : value,
  );
  return text.length <= DETAILS_CHARACTERS_MAX
    ? (JSON.parse(text) as Record<string, unknown>)
    : { cut: text.slice(0, DETAILS_CHARACTERS_MAX) };
}
