import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, expect, test } from "vitest";
import { backUp } from "./backup.ts";
import { folderPlace, type Place } from "./places.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "back-up-"));
  for (const each of ["etc", "data"]) mkdirSync(join(folder, each));
  writeFileSync(join(folder, "etc/hub.yaml"), "{}");
  const database = new DatabaseSync(join(folder, "data/registry.sqlite"));
  database.exec("CREATE TABLE devices (name TEXT)");
  database.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

test("older backups go once the new one is proven, but not from a place that keeps them itself", async () => {
  const places: readonly Place[] = [
    folderPlace(join(folder, "vault")),
    { ...folderPlace(join(folder, "locked")), appendOnly: true },
  ];
  const recipients = [await identityToRecipient(await generateX25519Identity())];
  const on = (day: number) =>
    backUp({
      data: join(folder, "data"),
      config: join(folder, "etc/hub.yaml"),
      places,
      recipients,
      keep: { last: 1, months: 0 },
      version: "0.1.0",
      now: () => Date.UTC(2026, 10, day),
      ingest: undefined,
      onStep: () => undefined,
      signal: new AbortController().signal,
    });
  expect((await on(21)).removed).toBe(0);
  const { name, proof, removed } = await on(22);
  expect([removed, proof.databases]).toEqual([1, 1]);
  expect(await readdir(join(folder, "vault"))).toEqual([name]);
  expect(await readdir(join(folder, "locked"))).toHaveLength(2);
});
