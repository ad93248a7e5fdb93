/** What a hub's enrolment remembers: tokens that were handed out, certificates that were signed, who approved what. */
import type { DatabaseSync } from "node:sqlite";
import { openDatabase, transaction } from "@campus-ops/service/database";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS token (
    hash TEXT PRIMARY KEY,
    identity TEXT NOT NULL,
    configuration TEXT NOT NULL,
    replaces INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    key_hash TEXT,
    serial TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS certificate (
    serial TEXT PRIMARY KEY,
    identity TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    pem TEXT NOT NULL,
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    way TEXT NOT NULL,
    revoked INTEGER,
    asked INTEGER,
    approved INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS certificate_of ON certificate (identity, not_before);
  CREATE TABLE IF NOT EXISTS audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS chained (id INTEGER PRIMARY KEY CHECK (id = 0), n INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO chained VALUES (0, 0);
`;

export interface TokenRow {
  readonly hash: string;
  /** As a URI. */
  readonly identity: string;
  /** What the box is told with its certificate; JSON. */
  readonly configuration: string;
  /** True where it is for another box in the place of one that has a certificate. */
  readonly replaces: boolean;
  readonly expires: number;
  /** SHA-256 of the public key that it was used for; it is good for no other from then on. */
  readonly keyHash: string | undefined;
  readonly serial: string | undefined;
}

/** How a certificate came about. */
export type Way = "token" | "renewal" | "offline";

export interface CertificateRow {
  readonly serial: string;
  readonly identity: string;
  readonly keyHash: string;
  readonly pem: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly way: Way;
  readonly revoked: number | undefined;
  /** When its holder asked to have it renewed although it had ended, and when a person said yes. */
  readonly asked: number | undefined;
  readonly approved: number | undefined;
}

export interface AuditRow {
  readonly at: number;
  /** A person's login on this machine, or the address of a box. */
  readonly who: string;
  readonly action: "token" | "enrol" | "renew" | "approve" | "sign" | "revoke" | "release";
  readonly subject: string;
  /** `done`, or the code of the refusal. */
  readonly outcome: string;
}

/** Kept of the trail; the oldest go first. At a renewal a month and box, a city's boxes for years. */
export const AUDIT_ROWS_MAX = 1_000_000;

export class EnrolmentStore {
  readonly #db: DatabaseSync;

  /** Made when it is not there; for its owner alone. Several processes may have it open. */
  constructor(file: string) {
    this.#db = openDatabase(file, [SCHEMA]);
  }

  /** All of `work` or nothing of it, and nobody else in between. */
  transaction<T>(work: () => T): T {
    return transaction(this.#db, work);
  }

  addToken({ configuration, expires, hash, identity, replaces }: TokenRow): void {
    this.#db
      .prepare("INSERT INTO token (hash, identity, configuration, replaces, expires) VALUES (?, ?, ?, ?, ?)")
      .run(hash, identity, configuration, Number(replaces), expires);
  }

  token(hash: string): TokenRow | undefined {
    const row = this.#db.prepare("SELECT * FROM token WHERE hash = ?").get(hash);
    if (row === undefined) return undefined;
    return {
      hash,
      identity: String(row.identity),
      configuration: String(row.configuration),
      replaces: row.replaces === 1,
      expires: Number(row.expires),
      keyHash: optionalText(row.key_hash),
      serial: optionalText(row.serial),
    };
  }

  spendToken(hash: string, keyHash: string, serial: string): void {
    this.#db.prepare("UPDATE token SET key_hash = ?, serial = ? WHERE hash = ?").run(keyHash, serial, hash);
  }

  /** Tokens that nobody has used yet. */
  openTokens(now: number): readonly { readonly identity: string; readonly expires: number }[] {
    return this.#db
      .prepare("SELECT identity, expires FROM token WHERE key_hash IS NULL AND expires > ? ORDER BY expires")
      .all(now)
      .map(({ expires, identity }) => ({ identity: String(identity), expires: Number(expires) }));
  }

  /** Forgets the tokens whose time is over. */
  forgetTokens(now: number): void {
    this.#db.prepare("DELETE FROM token WHERE expires <= ?").run(now);
  }

  addCertificate(row: CertificateRow): void {
    this.#db
      .prepare(
        "INSERT INTO certificate (serial, identity, key_hash, pem, not_before, not_after, way) VALUES (?, ?, ?, ?, ?, ?, ?)",
      )
      .run(row.serial, row.identity, row.keyHash, row.pem, row.notBefore, row.notAfter, row.way);
  }

  certificate(serial: string): CertificateRow | undefined {
    const row = this.#db.prepare("SELECT * FROM certificate WHERE serial = ?").get(serial);
    return row === undefined ? undefined : certificateRow(row);
  }

  /** Newest first; of everybody, or of one identity. */
  certificates(identity?: string): readonly CertificateRow[] {
    const rows =
      identity === undefined
        ? this.#db.prepare("SELECT * FROM certificate ORDER BY identity, not_before DESC, rowid DESC").all()
        : this.#db
            .prepare("SELECT * FROM certificate WHERE identity = ? ORDER BY not_before DESC, rowid DESC")
            .all(identity);
    return rows.map(certificateRow);
  }

  mark(serial: string, what: "revoked" | "asked" | "approved", at: number): void {
    this.#db.prepare(`UPDATE certificate SET ${what} = ? WHERE serial = ?`).run(at, serial);
  }

  record({ action, at, outcome, subject, who }: AuditRow): void {
    const { lastInsertRowid } = this.#db
      .prepare("INSERT INTO audit (at, who, action, subject, outcome) VALUES (?, ?, ?, ?, ?)")
      .run(at, who, action, subject, outcome);
    this.#db.prepare("DELETE FROM audit WHERE id <= ?").run(Number(lastInsertRowid) - AUDIT_ROWS_MAX);
  }

  /** Newest first. */
  audit(rowsMax: number): readonly AuditRow[] {
    return this.#db
      .prepare("SELECT at, who, action, subject, outcome FROM audit ORDER BY id DESC LIMIT ?")
      .all(rowsMax)
      .map((row) => ({ ...row }) as unknown as AuditRow);
  }

  /** Rows that the hub's audit trail does not hold yet, oldest first. */
  unchained(rowsMax: number): readonly { readonly n: number; readonly row: AuditRow }[] {
    return this.#db
      .prepare(
        `SELECT id AS n, at, who, action, subject, outcome FROM audit
         WHERE id > (SELECT n FROM chained) ORDER BY id LIMIT ?`,
      )
      .all(rowsMax)
      .map(({ n, ...row }) => ({ n: Number(n), row: row as unknown as AuditRow }));
  }

  /** The trail holds all up to this one. */
  markChained(n: number): void {
    this.#db.prepare("UPDATE chained SET n = ?").run(n);
  }

  close(): void {
    this.#db.close();
  }
}

type Row = Readonly<Record<string, unknown>>;

const optionalText = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const optionalNumber = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined;

function certificateRow(row: Row): CertificateRow {
  return {
    serial: String(row.serial),
    identity: String(row.identity),
    keyHash: String(row.key_hash),
    pem: String(row.pem),
    notBefore: Number(row.not_before),
    notAfter: Number(row.not_after),
    way: row.way as Way,
    revoked: optionalNumber(row.revoked),
    asked: optionalNumber(row.asked),
    approved: optionalNumber(row.approved),
  };
}
