import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase, transaction } from "./database.ts";

const FIRST = "CREATE TABLE IF NOT EXISTS rooms (id TEXT PRIMARY KEY, floor TEXT NOT NULL) STRICT";
const SECOND = "ALTER TABLE rooms ADD COLUMN seats INTEGER NOT NULL DEFAULT 40";
const THIRD = "UPDATE rooms SET floor = upper(floor)";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "database-"));
  file = join(folder, "rooms.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What is in the file, and the version that it says. */
function read(path: string) {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db
    .prepare("SELECT * FROM rooms")
    .all()
    .map((row) => ({ ...row }));
  const version = db.prepare("PRAGMA user_version").get()?.user_version;
  db.close();
  return { rows, version };
}

function fill(versions: readonly string[]): void {
  const db = openDatabase(file, versions);
  db.exec("INSERT INTO rooms (id, floor) VALUES ('101', 'a')");
  db.close();
}

test("an older file is brought up to date step by step, and what it was is kept beside it", () => {
  fill([FIRST]);
  openDatabase(file, [FIRST, SECOND, THIRD]).close();
  expect(read(file)).toEqual({ rows: [{ id: "101", floor: "A", seats: 40 }], version: 3 });
  expect(read(`${file}.version-1`)).toEqual({ rows: [{ id: "101", floor: "a" }], version: 1 });
  expect(statSync(`${file}.version-1`).mode & 0o777).toBe(0o600);
});

test("only the copy of the last time is kept, and a file that is up to date is not copied", () => {
  fill([FIRST]);
  openDatabase(file, [FIRST, SECOND]).close();
  openDatabase(file, [FIRST, SECOND]).close();
  openDatabase(file, [FIRST, SECOND, THIRD]).close();
  expect(readdirSync(folder).sort()).toEqual(["rooms.sqlite", "rooms.sqlite.version-2"]);
});

test("a step that fails changes nothing, and is made good by the next start", () => {
  fill([FIRST]);
  expect(() => openDatabase(file, [FIRST, SECOND, `${THIRD}; INSERT INTO nothing VALUES (1)`])).toThrow(
    "nothing",
  );
  expect(read(file)).toEqual({ rows: [{ id: "101", floor: "a", seats: 40 }], version: 2 });
  openDatabase(file, [FIRST, SECOND, THIRD]).close();
  expect(read(file).rows).toEqual([{ id: "101", floor: "A", seats: 40 }]);
});

test("a file of before there were versions is the first one, with what is in it", () => {
  const old = new DatabaseSync(file);
  old.exec(`${FIRST}; INSERT INTO rooms VALUES ('101', 'a')`);
  old.close();
  openDatabase(file, [FIRST, SECOND]).close();
  expect(read(file)).toEqual({ rows: [{ id: "101", floor: "a", seats: 40 }], version: 2 });
  expect(existsSync(`${file}.version-0`)).toBe(false);
});

test("a newer file is refused and left as it is, with what to do", () => {
  fill([FIRST, SECOND]);
  expect(() => openDatabase(file, [FIRST])).toThrow(
    /tables 2, this program knows 1\); it was left as it is: install that version again/,
  );
  expect(read(file).version).toBe(2);
});

test("is the hub's alone to read, and a transaction is kept whole or not at all", () => {
  const db = openDatabase(file, [FIRST]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(() =>
    transaction(db, () => {
      db.exec("INSERT INTO rooms VALUES ('102', 'a')");
      throw new Error("half way");
    }),
  ).toThrow("half way");
  expect(db.prepare("SELECT * FROM rooms").all()).toEqual([]);
  db.close();
});

test("what is deleted is overwritten where that is asked for", () => {
  const db = openDatabase(file, [FIRST], { secureDelete: true });
  expect(db.prepare("PRAGMA secure_delete").get()).toEqual({ secure_delete: 1 });
  db.close();
});
