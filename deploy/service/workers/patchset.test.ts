import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import { touchedKeys } from "./patchset.ts";

function database(): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  db.exec(`CREATE TABLE doors (building TEXT, number INTEGER, open INTEGER, note TEXT, PRIMARY KEY (building, number)) STRICT;
    CREATE TABLE rooms (id INTEGER PRIMARY KEY AUTOINCREMENT, seats REAL, picture BLOB) STRICT;
    CREATE TABLE tags (id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID`);
  return db;
}

test("insertions, updates and deletions name the rows that they are about, by table", () => {
  const db = database();
  db.exec(`INSERT INTO doors VALUES ('a', 1, 0, 'long ${"x".repeat(300)}'), ('b', -7, 1, NULL);
    INSERT INTO rooms (seats) VALUES (40.5), (12)`);
  const session = db.createSession();
  db.exec(`UPDATE doors SET note = '门' WHERE building = 'a'; DELETE FROM doors WHERE building = 'b';
    INSERT OR REPLACE INTO rooms VALUES (2, 13, x'00ff'), (9007199254740993, NULL, NULL); INSERT INTO tags VALUES (x'0102')`);
  const touched = touchedKeys(session.patchset()).map(({ table, keys }) => [table, keys.toSorted()]);
  expect(Object.fromEntries(touched)).toEqual({
    doors: [
      ["a", 1n],
      ["b", -7n],
    ],
    rooms: [[2n], [9_007_199_254_740_993n]],
    tags: [[new Uint8Array([1, 2])]],
  });
});

test("every key is found again, whatever it is made of", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 400 }).filter((each) => !each.includes("\0"));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))), (keys) => {
      const db = database();
      const session = db.createSession();
      const insert = db.prepare("INSERT OR IGNORE INTO doors VALUES (?, ?, 1, 'x')");
      for (const [building, number] of keys) insert.run(building, number);
      const found = touchedKeys(session.patchset()).flatMap((each) => each.keys);
      const distinct = new Set(keys.map(([building, number]) => `${building} ${number}`));
      expect(new Set(found.map(([building, number]) => `${building} ${number}`))).toEqual(distinct);
      db.close();
    }),
    { numRuns: 50 },
  );
});

test("bytes that are no patchset are refused", () => {
  expect(() => touchedKeys(new Uint8Array([18, 0, 1]))).toThrow("where an operation belongs");
  expect(() => touchedKeys(new Uint8Array([0x50, 1, 1, 0x61, 0, 99]))).toThrow("99");
});
