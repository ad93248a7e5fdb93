/** What a hub remembers of updates: bundles, roll-outs, boxes that stay as they are. `updates.sqlite`. */
import type { DatabaseSync } from "node:sqlite";
import type { BundleView, Pin, RollOut } from "@campus-ops/dashboards/updates";
import { openDatabase, transaction } from "@campus-ops/service/database";

const VERSIONS = [
  `CREATE TABLE IF NOT EXISTS bundle (sha256 TEXT PRIMARY KEY, uploaded INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
   CREATE TABLE IF NOT EXISTS roll_out (
     id TEXT PRIMARY KEY, began INTEGER NOT NULL, open INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
   CREATE INDEX IF NOT EXISTS roll_out_by_time ON roll_out (began);
   CREATE TABLE IF NOT EXISTS pin (box TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;`,
] as const;

/** Kept of those that are over; the oldest go first. */
export const ROLL_OUTS_MAX = 200;

export class UpdateStore {
  readonly #db: DatabaseSync;

  constructor(file: string) {
    this.#db = openDatabase(file, VERSIONS);
  }

  /** The newest first. */
  bundles(): readonly BundleView[] {
    return this.#bodies("SELECT body FROM bundle ORDER BY uploaded DESC, sha256");
  }

  addBundle(bundle: BundleView): void {
    this.#db
      .prepare("INSERT OR REPLACE INTO bundle VALUES (?, ?, ?)")
      .run(bundle.sha256, bundle.uploadedAt, JSON.stringify(bundle));
  }

  removeBundle(sha256: string): void {
    this.#db.prepare("DELETE FROM bundle WHERE sha256 = ?").run(sha256);
  }

  /** The newest first. */
  rollOuts(): readonly RollOut[] {
    return this.#bodies("SELECT body FROM roll_out ORDER BY began DESC, id");
  }

  /** Those that are not over. */
  openRollOuts(): readonly RollOut[] {
    return this.#bodies("SELECT body FROM roll_out WHERE open = 1 ORDER BY began, id");
  }

  rollOut(id: string): RollOut | undefined {
    const row = this.#db.prepare("SELECT body FROM roll_out WHERE id = ?").get(id);
    return row === undefined ? undefined : (JSON.parse(String(row.body)) as RollOut);
  }

  keepRollOut(rollOut: RollOut, isOpen: boolean): void {
    transaction(this.#db, () => {
      this.#db
        .prepare("INSERT OR REPLACE INTO roll_out VALUES (?, ?, ?, ?)")
        .run(rollOut.id, rollOut.beganAt, Number(isOpen), JSON.stringify(rollOut));
      this.#db
        .prepare(
          "DELETE FROM roll_out WHERE open = 0 AND id NOT IN (SELECT id FROM roll_out ORDER BY began DESC LIMIT ?)",
        )
        .run(ROLL_OUTS_MAX);
    });
  }

  pins(): readonly Pin[] {
    return this.#bodies("SELECT body FROM pin ORDER BY box");
  }

  pin(pin: Pin): void {
    this.#db.prepare("INSERT OR REPLACE INTO pin VALUES (?, ?)").run(pin.box, JSON.stringify(pin));
  }

  /** False where it was not pinned. */
  unpin(box: string): boolean {
    return this.#db.prepare("DELETE FROM pin WHERE box = ?").run(box).changes > 0;
  }

  close(): void {
    this.#db.close();
  }

  #bodies<T>(sql: string): readonly T[] {
    return this.#db
      .prepare(sql)
      .all()
      .map(({ body }) => JSON.parse(String(body)) as T);
  }
}
