import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LOG_DAYS_MIN, type Removed, RotatingFile } from "./rotating-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-log-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lines = (name: string): string[] =>
  readFileSync(join(folder, "logs", name), "utf8")
    .split("\n")
    .filter(Boolean);

const DAY = 86_400_000;
/** Ten in the evening in China. */
const EVENING = Date.parse("2026-03-02T22:00:00+08:00");

/** All lines of a name, and what lies beside it, compressed. */
const unpacked = (name: string): string[] =>
  gunzipSync(readFileSync(join(folder, "logs", name)))
    .toString()
    .split("\n")
    .filter(Boolean);
const names = () => readdirSync(join(folder, "logs")).sort();

test("a file is put aside when it is large and when its day is over, compressed, and nothing is missing", async () => {
  let now = EVENING;
  const file = new RotatingFile(join(folder, "logs", "hub.jsonl"), { bytesMax: 30, now: () => now });
  for (let index = 0; index < 7; index += 1) {
    if (index === 6) now += 2 * 3_600_000;
    file.writeLine(`line ${String(index).padStart(2, "0")}`);
  }
  file.close();
  await file.settle();
  expect(names()).toEqual(["hub-2026-03-02-001.jsonl.gz", "hub-2026-03-02-002.jsonl.gz", "hub.jsonl"]);
  const all = [...names().slice(0, 2).flatMap(unpacked), ...lines("hub.jsonl")];
  expect(all).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => `line 0${index}`));
  expect(lines("hub.jsonl")).toEqual(["line 06"]);
  for (const name of names()) expect(statSync(join(folder, "logs", name)).mode & 0o777).toBe(0o600);
});

test("what is past its time goes and is told; six months is the least, whatever is said", async () => {
  const removed: Removed[] = [];
  mkdirSync(join(folder, "logs"));
  const aside = (date: string) => writeFileSync(join(folder, "logs", `hub-${date}-001.jsonl.gz`), "");
  for (const date of ["2026-03-01", "2026-03-02", "2026-08-31"]) aside(date);
  const now = Date.parse("2026-09-02T00:00:00+08:00");
  const file = new RotatingFile(join(folder, "logs", "hub.jsonl"), {
    days: 7,
    now: () => now,
    onRemoved: (each) => removed.push(each),
  });
  await file.settle();
  expect(names()).toEqual(["hub-2026-03-02-001.jsonl.gz", "hub-2026-08-31-001.jsonl.gz"]);
  expect(removed).toEqual([{ count: 1, before: now - LOG_DAYS_MIN * DAY, early: false }]);
});

test("beyond the bound of bytes the oldest go before their time, and that is told", async () => {
  const removed: Removed[] = [];
  mkdirSync(join(folder, "logs"));
  for (const number of [1, 2, 3])
    writeFileSync(join(folder, "logs", `hub-2026-03-02-00${number}.jsonl.gz`), "x".repeat(40));
  const options = {
    totalBytesMax: 100,
    now: () => EVENING + DAY,
    onRemoved: (each: Removed) => removed.push(each),
  };
  await new RotatingFile(join(folder, "logs", "hub.jsonl"), options).settle();
  expect(names()).toEqual(["hub-2026-03-02-002.jsonl.gz", "hub-2026-03-02-003.jsonl.gz"]);
  expect(removed).toMatchObject([{ count: 1, early: true }]);
});

test("what an end in the middle left behind is compressed at the next start", async () => {
  mkdirSync(join(folder, "logs"));
  writeFileSync(join(folder, "logs", "hub-2026-03-02-001.jsonl"), "one\n");
  writeFileSync(join(folder, "logs", "hub-2026-03-02-001.jsonl.part"), "half");
  await new RotatingFile(join(folder, "logs", "hub.jsonl"), { now: () => EVENING }).settle();
  expect(names()).toEqual(["hub-2026-03-02-001.jsonl.gz"]);
  expect(unpacked("hub-2026-03-02-001.jsonl.gz")).toEqual(["one"]);
});

test("a file that was there is gone on with", () => {
  const path = join(folder, "logs", "hub.jsonl");
  for (const line of ["before", "after"]) {
    const file = new RotatingFile(path);
    file.writeLine(line);
    file.close();
  }
  expect(lines("hub.jsonl")).toEqual(["before", "after"]);
});

test("a line that cannot be written is counted and hurts nobody", () => {
  const file = new RotatingFile(join(folder, "logs", "hub.jsonl"));
  rmSync(join(folder, "logs"), { recursive: true });
  file.writeLine("lost");
  expect(file.dropped).toBe(1);
});
