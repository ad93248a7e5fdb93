import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { beginClearing, clearingOf, deleteAside, moveAside } from "./clearing.ts";

const MADE_UP = [
  "demo",
  "journal",
  "registry.sqlite",
  "registry.sqlite-wal",
  "rules.sqlite",
  "settings",
  "store",
];
const KEPT = ["audit.key", "audit.sqlite", "audit.sqlite-wal", "hub.lock", "hub.pid", "logs", "run"];

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "clearing-"));
  for (const name of [...MADE_UP, ...KEPT]) {
    if (name.includes(".")) writeFileSync(join(data, name), name);
    else mkdirSync(join(data, name));
  }
});
afterEach(() => rmSync(data, { recursive: true }));

const left = () => readdirSync(data).sort();

test("nothing is moved before it was decided", () => {
  const before = left();
  moveAside(data);
  expect(left()).toEqual(before);
  expect(clearingOf(data)).toBeUndefined();
});

test("everything made up goes; the audit trail, the log and the lock stay", async () => {
  beginClearing(data);
  moveAside(data);
  expect(readdirSync(join(data, "cleared", "0")).sort()).toEqual([...MADE_UP].sort());
  await deleteAside(data);
  expect(left()).toEqual([...KEPT, "set-up.json"].sort());
  expect(clearingOf(data)).toBe("cleared");
});

test.each(MADE_UP.map((_, moves) => moves))(
  "cut off after %i moves, it is finished by the next start, with what a part made anew meanwhile",
  async (moves) => {
    beginClearing(data);
    let before = moves;
    const cut: typeof renameSync = (from, to) => {
      if (before-- === 0) throw new Error("the power is gone");
      renameSync(from, to);
    };
    expect(() => moveAside(data, cut)).toThrow("the power is gone");
    expect(clearingOf(data)).toBe("clearing");
    for (const name of ["rules.sqlite", "demo"])
      if (!existsSync(join(data, name))) mkdirSync(join(data, name));
    moveAside(data);
    expect(clearingOf(data)).toBe("cleared");
    await deleteAside(data);
    expect(left()).toEqual([...KEPT, "set-up.json"].sort());
  },
);

test("what is made after it was cleared is not touched by the starts that follow", () => {
  beginClearing(data);
  moveAside(data);
  mkdirSync(join(data, "pki"));
  moveAside(data);
  expect(existsSync(join(data, "pki"))).toBe(true);
});
