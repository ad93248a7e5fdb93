import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RotatingFile } from "./rotating-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-log-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lines = (name: string): string[] =>
  readFileSync(join(folder, "logs", name), "utf8")
    .split("\n")
    .filter(Boolean);

test("the newest lines are kept in order, the oldest files go, and no file is larger than its bound", () => {
  const file = new RotatingFile(join(folder, "logs", "hub.jsonl"), { bytesMax: 30, kept: 2 });
  for (let index = 0; index < 20; index += 1) file.writeLine(`line ${String(index).padStart(2, "0")}`);
  file.close();
  expect(readdirSync(join(folder, "logs")).sort()).toEqual(["hub.jsonl", "hub.jsonl.1", "hub.jsonl.2"]);
  expect([...lines("hub.jsonl.2"), ...lines("hub.jsonl.1"), ...lines("hub.jsonl")]).toEqual(
    [12, 13, 14, 15, 16, 17, 18, 19].map((index) => `line ${index}`),
  );
  for (const name of readdirSync(join(folder, "logs"))) {
    expect(statSync(join(folder, "logs", name)).size).toBeLessThanOrEqual(30);
    expect(statSync(join(folder, "logs", name)).mode & 0o777).toBe(0o600);
  }
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
