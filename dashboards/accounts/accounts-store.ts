/** Accounts, their sessions, and tokens of machines, in `accounts.sqlite`. Secrets are kept as hashes only. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { openDatabase, transaction } from "@campus-ops/service/database";
import type { Grant, Role } from "./core/permissions.ts";

const VERSIONS = [
  `CREATE TABLE accounts (
     id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL, enabled INTEGER NOT NULL DEFAULT 1,
     password TEXT, mustChange INTEGER NOT NULL DEFAULT 0, passwordUntil INTEGER, passwordAt INTEGER,
     totp BLOB, totpPending BLOB, totpStep INTEGER NOT NULL DEFAULT 0,
     provider TEXT, subject TEXT, createdAt INTEGER NOT NULL, signedInAt INTEGER,
     UNIQUE (provider, subject)) STRICT;
   CREATE TABLE grants (
     holder TEXT NOT NULL, id INTEGER NOT NULL, role TEXT NOT NULL, path TEXT NOT NULL,
     PRIMARY KEY (holder, id, role, path)) STRICT, WITHOUT ROWID;
   CREATE TABLE recoveryCodes (
     account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE, hash TEXT NOT NULL,
     PRIMARY KEY (account, hash)) STRICT, WITHOUT ROWID;
   CREATE TABLE devices (
     hash TEXT PRIMARY KEY, account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
     usedAt INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE sessions (
     hash TEXT PRIMARY KEY, account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE, createdAt INTEGER NOT NULL,
     usedAt INTEGER NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX sessionsOfAccount ON sessions (account, usedAt);
   CREATE TABLE tokens (
     id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE, createdBy TEXT NOT NULL,
     createdAt INTEGER NOT NULL, expiresAt INTEGER, usedAt INTEGER, revokedAt INTEGER) STRICT;`,
  `ALTER TABLE sessions ADD COLUMN confirmedAt INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE sessions ADD COLUMN providerSession TEXT;`,
] as const;

/** Of each account, the newest are kept. */
const SESSIONS_MAX = 20;
const DEVICES_MAX = 50;

export interface AccountRecord {
  readonly id: number;
  readonly name: string;
  readonly title: string;
  readonly enabled: boolean;
  /** PHC string; absent for people of a provider. */
  readonly password: string | undefined;
  readonly mustChange: boolean;
  /** A password that somebody else chose is good until then. */
  readonly passwordUntil: Timestamp | undefined;
  readonly totp: Uint8Array | undefined;
  readonly totpPending: Uint8Array | undefined;
  readonly totpStep: number;
  readonly provider: string | undefined;
  readonly createdAt: Timestamp;
  readonly signedInAt: Timestamp | undefined;
  readonly grants: readonly Grant[];
}

export interface SessionRecord {
  /** SHA-256 of its secret. */
  readonly hash: string;
  readonly account: number;
  readonly createdAt: Timestamp;
  readonly usedAt: Timestamp;
  readonly address: string;
  readonly agent: string;
  /** When whoever signed in last proved to be there. */
  readonly confirmedAt: Timestamp;
  /** What the identity provider calls it (`sid`); null where it does not, and for local accounts. */
  readonly providerSession: string | null;
}

export interface TokenRecord {
  readonly id: number;
  readonly name: string;
  readonly createdBy: string;
  readonly createdAt: Timestamp;
  readonly expiresAt: Timestamp | undefined;
  readonly usedAt: Timestamp | undefined;
  readonly revokedAt: Timestamp | undefined;
  readonly grants: readonly Grant[];
}

/** What of an account can be set; `null` takes it away. */
export interface AccountChange {
  readonly title?: string;
  readonly enabled?: boolean;
  readonly password?: string;
  readonly mustChange?: boolean;
  readonly passwordUntil?: Timestamp | null;
  readonly passwordAt?: Timestamp;
  readonly totp?: Uint8Array | null;
  readonly totpPending?: Uint8Array | null;
  readonly totpStep?: number;
  readonly signedInAt?: Timestamp;
}

type Value = string | number | null | Uint8Array;
type Row = Record<string, unknown>;
type Holder = "account" | "token";

export class AccountsStore {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string) {
    this.#db = openDatabase(file, VERSIONS);
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  transaction<T>(work: () => T): T {
    return transaction(this.#db, work);
  }

  accounts(): readonly AccountRecord[] {
    return this.#all("SELECT * FROM accounts ORDER BY name").map((row) => this.#account(row));
  }

  account(id: number): AccountRecord | undefined {
    return this.#optionalAccount("SELECT * FROM accounts WHERE id = ?", id);
  }

  accountNamed(name: string): AccountRecord | undefined {
    return this.#optionalAccount("SELECT * FROM accounts WHERE name = ?", name);
  }

  accountOf(provider: string, subject: string): AccountRecord | undefined {
    return this.#optionalAccount(
      "SELECT * FROM accounts WHERE provider = ? AND subject = ?",
      provider,
      subject,
    );
  }

  /** The name must be free. */
  addAccount(
    name: string,
    title: string,
    now: Timestamp,
    external?: { readonly provider: string; readonly subject: string },
  ): number {
    const { lastInsertRowid } = this.#run(
      "INSERT INTO accounts (name, title, createdAt, provider, subject) VALUES (?, ?, ?, ?, ?)",
      name,
      title,
      now,
      external?.provider ?? null,
      external?.subject ?? null,
    );
    return Number(lastInsertRowid);
  }

  change(id: number, change: AccountChange): void {
    for (const [column, value] of Object.entries(change) as [string, Value | boolean][]) {
      this.#run(
        `UPDATE accounts SET ${column} = ? WHERE id = ?`,
        typeof value === "boolean" ? Number(value) : value,
        id,
      );
    }
  }

  setGrants(holder: Holder, id: number, grants: readonly Grant[]): void {
    this.#run("DELETE FROM grants WHERE holder = ? AND id = ?", holder, id);
    for (const { role, path } of grants)
      this.#run("INSERT OR IGNORE INTO grants VALUES (?, ?, ?, ?)", holder, id, role, path);
  }

  setRecoveryCodes(account: number, hashes: readonly string[]): void {
    this.#run("DELETE FROM recoveryCodes WHERE account = ?", account);
    for (const hash of hashes) this.#run("INSERT INTO recoveryCodes VALUES (?, ?)", account, hash);
  }

  /** True when the code was there; it is gone now. */
  takeRecoveryCode(account: number, hash: string): boolean {
    return this.#run("DELETE FROM recoveryCodes WHERE account = ? AND hash = ?", account, hash).changes > 0;
  }

  recoveryCodesLeft(account: number): number {
    return Number(this.#all("SELECT count(*) n FROM recoveryCodes WHERE account = ?", account)[0]?.n ?? 0);
  }

  isDevice(account: number, hash: string): boolean {
    return this.#all("SELECT 1 FROM devices WHERE account = ? AND hash = ?", account, hash).length > 0;
  }

  keepDevice(account: number, hash: string, now: Timestamp): void {
    this.#run("INSERT OR REPLACE INTO devices VALUES (?, ?, ?)", hash, account, now);
    this.#run(
      "DELETE FROM devices WHERE account = ?1 AND hash NOT IN (SELECT hash FROM devices WHERE account = ?1 ORDER BY usedAt DESC LIMIT ?2)",
      account,
      DEVICES_MAX,
    );
  }

  addSession(session: SessionRecord): void {
    const { account, address, agent, confirmedAt, createdAt, hash, providerSession, usedAt } = session;
    this.#run(
      "INSERT INTO sessions (hash, account, createdAt, usedAt, address, agent, confirmedAt, providerSession) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      hash,
      account,
      createdAt,
      usedAt,
      address,
      agent,
      confirmedAt,
      providerSession,
    );
    this.#run(
      "DELETE FROM sessions WHERE account = ?1 AND hash NOT IN (SELECT hash FROM sessions WHERE account = ?1 ORDER BY usedAt DESC LIMIT ?2)",
      account,
      SESSIONS_MAX,
    );
  }

  session(hash: string): SessionRecord | undefined {
    return this.#all("SELECT * FROM sessions WHERE hash = ?", hash)[0] as SessionRecord | undefined;
  }

  sessionsOf(account: number): readonly SessionRecord[] {
    return this.#all(
      "SELECT * FROM sessions WHERE account = ? ORDER BY usedAt DESC",
      account,
    ) as unknown as SessionRecord[];
  }

  markSessionUsed(hash: string, now: Timestamp): void {
    this.#run("UPDATE sessions SET usedAt = ? WHERE hash = ?", now, hash);
  }

  markSessionConfirmed(hash: string, now: Timestamp): void {
    this.#run("UPDATE sessions SET confirmedAt = ? WHERE hash = ?", now, hash);
  }

  /** Those of one account that the provider calls so. */
  endProviderSession(account: number, providerSession: string): void {
    this.#run("DELETE FROM sessions WHERE account = ? AND providerSession = ?", account, providerSession);
  }

  /** Accounts of a provider's people with a session that it calls so. */
  accountsInSession(provider: string, providerSession: string): readonly AccountRecord[] {
    return this.#all(
      "SELECT DISTINCT a.* FROM accounts a JOIN sessions s ON s.account = a.id WHERE a.provider = ? AND s.providerSession = ?",
      provider,
      providerSession,
    ).map((row) => this.#account(row));
  }

  endSession(account: number, hash: string): boolean {
    return this.#run("DELETE FROM sessions WHERE account = ? AND hash = ?", account, hash).changes > 0;
  }

  /** Ends all but the one that is named. */
  endSessions(account: number, except = ""): void {
    this.#run("DELETE FROM sessions WHERE account = ? AND hash <> ?", account, except);
  }

  /** Forgets sessions that began before `before`, which are over whatever their limits. */
  forgetSessions(before: Timestamp): void {
    this.#run("DELETE FROM sessions WHERE createdAt < ?", before);
  }

  addToken(token: {
    readonly name: string;
    readonly hash: string;
    readonly createdBy: string;
    readonly createdAt: Timestamp;
    readonly expiresAt: Timestamp | undefined;
  }): number {
    const { createdAt, createdBy, expiresAt, hash, name } = token;
    const { lastInsertRowid } = this.#run(
      "INSERT INTO tokens (name, hash, createdBy, createdAt, expiresAt) VALUES (?, ?, ?, ?, ?)",
      name,
      hash,
      createdBy,
      createdAt,
      expiresAt ?? null,
    );
    return Number(lastInsertRowid);
  }

  tokens(): readonly TokenRecord[] {
    return this.#all("SELECT * FROM tokens ORDER BY name").map((row) => this.#token(row));
  }

  tokenOf(hash: string): TokenRecord | undefined {
    return this.#all("SELECT * FROM tokens WHERE hash = ?", hash).map((row) => this.#token(row))[0];
  }

  markTokenUsed(id: number, now: Timestamp): void {
    this.#run("UPDATE tokens SET usedAt = ? WHERE id = ?", now, id);
  }

  revokeToken(id: number, now: Timestamp): boolean {
    return (
      this.#run("UPDATE tokens SET revokedAt = ? WHERE id = ? AND revokedAt IS NULL", now, id).changes > 0
    );
  }

  #optionalAccount(sql: string, ...values: readonly Value[]): AccountRecord | undefined {
    return this.#all(sql, ...values).map((row) => this.#account(row))[0];
  }

  #account(row: Row): AccountRecord {
    const plain = present(row) as unknown as AccountRecord;
    const { enabled, id, mustChange } = plain;
    return {
      ...plain,
      enabled: Boolean(enabled),
      mustChange: Boolean(mustChange),
      grants: this.#grants("account", id),
    };
  }

  #token(row: Row): TokenRecord {
    const plain = present(row) as unknown as TokenRecord;
    return { ...plain, grants: this.#grants("token", plain.id) };
  }

  #grants(holder: Holder, id: number): readonly Grant[] {
    const rows = this.#all("SELECT role, path FROM grants WHERE holder = ? AND id = ?", holder, id);
    return rows.map(({ path, role }) => ({ role: role as Role, path: String(path) }));
  }

  #all(sql: string, ...values: readonly Value[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  #run(sql: string, ...values: readonly Value[]) {
    return this.#statement(sql).run(...values);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** SQLite says null where TypeScript says undefined. */
function present(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? undefined]));
}
