/**
 * Temperatures of persons, apart from the evidence that they belong to. What is stored of an alarm, and what its chain is
 * made of, has the hash of each in its place; the value lies here, with the salt without which nobody can try values
 * against the hash. When its time is over the row goes, and with it the value from everything that names it; the chain
 * holds all the same.
 */
import { createHash, randomBytes } from "node:crypto";
import {
  CAPABILITIES,
  type EventFieldDefinition,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { Database } from "./database.ts";

/** The longest that a temperature of a person is kept anywhere. */
export const HEALTH_DAYS_MAX = 30;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SALT_BYTES = 16;

export const DRAWER_SCHEMA = `
  CREATE TABLE IF NOT EXISTS sealed (
    reading TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, salt TEXT NOT NULL, value REAL NOT NULL, at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS sealed_by_time ON sealed (at);
`;

/** One value with what proves that it is the one that was sealed. */
export interface Disclosed {
  readonly hash: string;
  readonly salt: string;
  readonly value: number;
}

const MARK = "sealed:";
const SEALED = /^sealed:([0-9a-f]{64})$/;

type Events = Readonly<Record<string, { readonly fields: Readonly<Record<string, EventFieldDefinition>> }>>;

/** By event, its fields that are of a person's body. No other temperature is personal. */
const HEALTH: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries<{ readonly title: unknown; readonly events?: Events }>(CAPABILITIES).flatMap(
    ([capability, { events = {} }]) =>
      Object.entries(events).flatMap(([event, { fields }]) => {
        const own = Object.entries(fields).filter(
          ([, { personal, unit }]) => personal === true && unit === "Cel",
        );
        return own.length === 0 ? [] : [[`${capability}/${event}`, own.map(([name]) => name)] as const];
      }),
  ),
);

/** SHA-256 over the salt, a line feed, and the value as JSON. */
export const sealOf = ({ salt, value }: Omit<Disclosed, "hash">): string =>
  createHash("sha256")
    .update(`${salt}\n${JSON.stringify(value)}`)
    .digest("hex");

/** A reading, wherever it is written down: in evidence, or in what a condition remembers. */
interface Told {
  readonly name?: unknown;
  readonly fields?: unknown;
  readonly device?: unknown;
  readonly eventTime?: unknown;
}

export class Drawer {
  readonly #db: Database;
  #sweptHour = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** JSON of `value` with what is of a person's body sealed, in the transaction that is open; what is too old is null. */
  text(value: unknown, now: Timestamp): string {
    const plain = JSON.stringify(value);
    if (![...HEALTH.keys()].some((name) => plain.includes(name))) return plain;
    return JSON.stringify(value, (_, each: unknown) => (isTold(each) ? this.#sealed(each, now) : each));
  }

  /** The reverse; what is no longer kept is null. */
  parse<T>(json: unknown): T {
    const text = String(json);
    if (!text.includes(MARK)) return JSON.parse(text) as T;
    return JSON.parse(text, (_, each: unknown) => {
      const hash = typeof each === "string" ? SEALED.exec(each)?.[1] : undefined;
      return hash === undefined ? each : (this.#find(hash)?.value ?? null);
    }) as T;
  }

  /** Of what `texts` have sealed, what is still kept. */
  disclosed(texts: readonly string[]): readonly Disclosed[] {
    const hashes = new Set(
      texts.flatMap((text) => [...text.matchAll(/"sealed:([0-9a-f]{64})"/g)].map(([, hash = ""]) => hash)),
    );
    return [...hashes].flatMap((hash) => this.#find(hash) ?? []);
  }

  /** What is older than it may be goes, once an hour; so that nothing of it stays in the file. */
  sweep(now: Timestamp): void {
    const hour = Math.floor(now / HOUR_MS);
    if (hour === this.#sweptHour) return;
    this.#sweptHour = hour;
    this.#db.rows("PRAGMA secure_delete = ON");
    this.#db.run("DELETE FROM sealed WHERE at < ?", now - HEALTH_DAYS_MAX * DAY_MS);
    this.#db.rows("PRAGMA secure_delete = OFF");
  }

  #sealed(told: Told & { readonly fields: Record<string, unknown> }, now: Timestamp): object {
    const own = HEALTH.get(String(told.name)) ?? [];
    const fields = Object.entries(told.fields).map(([field, value]) => [
      field,
      own.includes(field) && typeof value === "number" ? this.#seal(told, field, value, now) : value,
    ]);
    return { ...told, fields: Object.fromEntries(fields) };
  }

  /** The same reading is sealed once, however often it is written down. */
  #seal({ device, eventTime, name }: Told, field: string, value: number, now: Timestamp): string | null {
    const at = typeof eventTime === "number" ? eventTime : now;
    if (at < now - HEALTH_DAYS_MAX * DAY_MS) return null;
    const reading = JSON.stringify([device, name, field, eventTime, value]);
    const key = createHash("sha256").update(reading).digest("hex");
    const known = this.#db.rows("SELECT hash FROM sealed WHERE reading = ?", key)[0]?.hash;
    if (known !== undefined) return `${MARK}${known}`;
    const salt = randomBytes(SALT_BYTES).toString("hex");
    const hash = sealOf({ salt, value });
    this.#db.run("INSERT INTO sealed VALUES (?, ?, ?, ?, ?)", key, hash, salt, value, at);
    return `${MARK}${hash}`;
  }

  #find(hash: string): Disclosed | undefined {
    const row = this.#db.rows("SELECT salt, value FROM sealed WHERE hash = ?", hash)[0];
    return row === undefined ? undefined : { hash, salt: String(row.salt), value: Number(row.value) };
  }
}

function isTold(value: unknown): value is Told & { readonly fields: Record<string, unknown> } {
  if (typeof value !== "object" || value === null || !("name" in value) || !("fields" in value)) return false;
  return HEALTH.has(String(value.name)) && typeof value.fields === "object" && value.fields !== null;
}
