import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type JournalWriter, openJournalWriter } from "@campus-ops/broker/journal";
import { openEmbeddedStore } from "@campus-ops/ingest/store/embedded";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gather } from "./gather.ts";
import { checkManifest, type Manifest, writeManifest } from "./manifest.ts";
import { prove } from "./prove.ts";

const { signal } = new AbortController();
let folder: string;
let data: string;
let journal: JournalWriter;
let registry: DatabaseSync;

const entry = (receivedAt: number) => ({ kind: "CLOCK" as const, receivedAt, payload: new Uint8Array(200) });

/** As a projection does: what it has read up to lies beside what it made of it. */
function project(seq: number): void {
  registry.prepare("INSERT OR REPLACE INTO checkpoint VALUES (1, ?)").run(seq);
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "gather-"));
  data = join(folder, "data");
  mkdirSync(data);
  journal = await openJournalWriter(join(data, "journal"), { segmentBytesMax: 30_000 });
  registry = new DatabaseSync(join(data, "registry.sqlite"));
  registry.exec(
    "PRAGMA journal_mode = WAL; CREATE TABLE checkpoint (only_row INTEGER PRIMARY KEY, seq INTEGER)",
  );
  for (let time = 1; time <= 300; time += 60)
    await journal.append(Array.from({ length: 60 }, (_, index) => entry(time + index)));
  project(300);
  mkdirSync(join(folder, "etc/secrets"), { recursive: true });
  writeFileSync(join(folder, "etc/hub.yaml"), "site: {}\n");
  writeFileSync(join(folder, "etc/secrets/token"), "secret\n", { mode: 0o600 });
});

afterEach(async () => {
  await journal.close();
  registry.close();
  rmSync(folder, { recursive: true });
});

const make = (options: Partial<Parameters<typeof gather>[0]> = {}) =>
  gather({
    ...{
      data,
      config: join(folder, "etc/hub.yaml"),
      draft: join(folder, "draft"),
      version: "1.2.3",
      at: 5,
      signal,
    },
    ...options,
  });

describe("a backup of a hub", () => {
  test("that is writing all the while is whole, and nothing in it is ahead of its journal", async () => {
    let ended = false;
    const writing = (async () => {
      for (let time = 301; !ended; time += 1) project(await journal.append([entry(time)]));
    })();
    await make();
    ended = true;
    await writing;
    const proof = await prove(join(folder, "draft"));
    expect(proof.entries).toBeGreaterThanOrEqual(300);
    expect(proof.manifest).toMatchObject({ version: "1.2.3", at: 5, journal: "here", store: "elsewhere" });
    expect(proof.manifest.configuration).toBe("configuration/hub.yaml");
    expect(readFileSync(join(folder, "draft/configuration/secrets/token"), "utf8")).toBe("secret\n");
  });

  test("takes the store from whoever has it open", async () => {
    const store = await openEmbeddedStore(join(data, "store"));
    await store.write([{ device: "a/b/c", metric: "Door/Open", time: 1, value: 1 }]);
    const asked: string[] = [];
    await make({
      snapshotStore: async (to) => {
        asked.push(to);
        await store.snapshot(to);
        return true;
      },
    });
    await store.close();
    expect(asked).toEqual([join(folder, "draft/data/store")]);
    expect((await prove(join(folder, "draft"))).manifest.store).toBe("here");
  });

  test("of a hub that is stopped takes the store's files as they are", async () => {
    await (await openEmbeddedStore(join(data, "store"))).close();
    await make();
    expect((await prove(join(folder, "draft"))).manifest.store).toBe("here");
  });

  test("takes a configuration inside of the data folder once, and refuses a folder that holds other things", async () => {
    cpSync(join(folder, "etc"), join(data, "etc"), { recursive: true });
    const manifest = await make({ config: join(data, "etc/hub.yaml") });
    expect(manifest.configuration).toBe("data/etc/hub.yaml");
    for (let file = 0; file < 1_001; file += 1) writeFileSync(join(folder, `etc/${file}`), "");
    await expect(make({ draft: join(folder, "second") })).rejects.toThrow(
      "folder that holds the configuration",
    );
  });
});

describe("the proof of a backup", () => {
  beforeEach(async () => {
    await make();
  });
  const draft = (path: string): string => join(folder, "draft", path);
  const readManifestOf = async (path: string) =>
    JSON.parse(readFileSync(join(path, "manifest.json"), "utf8")) as Manifest;
  const manifestAgain = (change: (manifest: { format: number; files: object[] }) => void): void => {
    const manifest = JSON.parse(readFileSync(draft("manifest.json"), "utf8"));
    change(manifest);
    writeFileSync(draft("manifest.json"), JSON.stringify(manifest));
  };

  test("fails when a file was changed, is missing, or does not belong to it", async () => {
    appendFileSync(draft("data/registry.sqlite"), "x");
    await expect(checkManifest(draft(""))).rejects.toThrow("data/registry.sqlite was changed");
    rmSync(draft("data/registry.sqlite"));
    await expect(checkManifest(draft(""))).rejects.toThrow("data/registry.sqlite is missing");
    writeFileSync(draft("data/other"), "");
    await expect(checkManifest(draft(""))).rejects.toThrow("data/other does not belong to it");
  });

  test("fails when a projection is ahead of the journal", async () => {
    rmSync(draft(""), { recursive: true });
    project(1_000_000);
    await make();
    await expect(prove(draft(""))).rejects.toThrow(
      "registry.sqlite has read the journal up to entry 1000000",
    );
  });

  test("fails when a database is damaged, although the file is what was packed", async () => {
    const path = draft("data/registry.sqlite");
    // The page of its only table.
    writeFileSync(path, readFileSync(path).fill(0xff, 4_096, 4_196));
    const { files: _, format: __, ...about } = await readManifestOf(draft(""));
    rmSync(draft("manifest.json"));
    await writeManifest(draft(""), about);
    await expect(prove(draft(""))).rejects.toThrow(/registry.sqlite is damaged|malformed/);
  });

  test("fails when a segment of the journal is missing", async () => {
    const missing = (
      JSON.parse(readFileSync(draft("manifest.json"), "utf8")).files as { path: string }[]
    ).filter(({ path }) => path.startsWith("data/journal/"))[1];
    if (missing === undefined) throw new Error("the journal has one segment alone");
    rmSync(draft(missing.path));
    manifestAgain((manifest) => {
      manifest.files = manifest.files.filter((file) => !("path" in file) || file.path !== missing.path);
    });
    await expect(prove(draft(""))).rejects.toThrow(/lacks entry|damaged|gap/);
  });

  test("is refused to a version that is older than the backup", async () => {
    manifestAgain((manifest) => {
      manifest.format = 2;
    });
    await expect(prove(draft(""))).rejects.toThrow("newer version (1.2.3)");
  });
});
