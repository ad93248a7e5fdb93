/**
 * A hub of any version since the first goes on with this one's programs. A table that was changed without a step in the
 * `versions` of its file fails here: add the step, and after a release leave the steps before it as they are.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isTest, readProject, sources } from "../tidy/project.ts";
import { DATABASES, fixtures, makeAsBefore, present, tablesOf } from "./databases.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const RECORDED = fixtures();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "databases-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("every file has a version, and this version of the product is written down as it is", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  const now = present(folder);
  for (const [name, tables] of Object.entries(now)) expect(tables.version, name).toBeGreaterThan(0);
  expect(
    RECORDED[version],
    "node deploy/data/record.ts writes it down, before a release and not after",
  ).toEqual(now);
});

/** SQLite of other kinds: locks, what is only read, and two formats that say their version themselves. */
const OTHERS = new Set([
  "broker/journal/embedded-writer.ts",
  "broker/journal/segment.ts",
  "deploy/backup/gather.ts",
  "deploy/backup/prove.ts",
  "deploy/cli/data-lock.ts",
  "deploy/service/workers/ledger.ts",
  "edge-agent/outbox/open.ts",
]);
/** The mechanism, and what wraps it. */
const MECHANISM = new Set(["deploy/service/database.ts", "rules/store/database.ts"]);

test("nobody keeps a file that is not among them", () => {
  const named = readFileSync(join(ROOT, "deploy/data/databases.ts"), "utf8");
  const openers = sources(readProject(ROOT)).filter(
    ([file, text]) =>
      !file.startsWith("deploy/data/") &&
      !isTest(file) &&
      !MECHANISM.has(file) &&
      /\bopenDatabase\(|new Database(Sync)?\(/.test(text),
  );
  const unnamed = openers
    .map(([file]) => file)
    .filter((file) => !OTHERS.has(file) && !named.includes(`/${file.replace(/^deploy\//, "")}"`));
  expect(unnamed, "add them to deploy/data/databases.ts").toEqual([]);
});

describe.each(Object.entries(RECORDED))("a hub of version %s", (_, fixture) => {
  test.each(Object.keys(fixture))(
    "has its %s brought up to date, to the same tables as a new one",
    (name) => {
      const recorded = fixture[name];
      const open = DATABASES[name];
      if (recorded === undefined || open === undefined)
        throw new Error(`${name} is opened by nobody any more`);
      makeAsBefore(join(folder, name), recorded);
      open(folder).close();
      const elsewhere = mkdtempSync(join(folder, "new-"));
      open(elsewhere).close();
      expect(tablesOf(join(folder, name))).toEqual(tablesOf(join(elsewhere, name)));
    },
  );
});
