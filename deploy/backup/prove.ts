/** Whether a hub would start on what was restored: every file is what it was, every database is whole, nothing is ahead. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openJournalReader } from "@campus-ops/broker/journal";
import { openEmbeddedStore } from "@campus-ops/ingest/store/embedded";
import { OperatorError } from "@campus-ops/service";
import { partOf } from "./contents.ts";
import { checkManifest, DATA, type Manifest } from "./manifest.ts";

const READ_ENTRIES = 4_096;

export interface Proof {
  readonly manifest: Manifest;
  readonly bytes: number;
  readonly databases: number;
  /** Entries of the journal, each read. */
  readonly entries: number;
}

/**
 * `folder` is an unpacked backup. Opens every database in it, which leaves their companions there. Throws an
 * {@link OperatorError} that says what is wrong.
 */
export async function prove(folder: string): Promise<Proof> {
  const manifest = await checkManifest(folder);
  const data = join(folder, DATA);
  const journal = await readJournal(data, manifest);
  const paths = manifest.files.map(({ path }) => path).filter((path) => path.startsWith(`${DATA}/`));
  const databases = paths.filter((path) => /^(database|segment)$/.test(partOf(path.slice(DATA.length + 1))));
  for (const path of databases) checkDatabase(join(folder, path), path, journal.last);
  if (manifest.store === "here") await checkStore(join(data, "store"), journal.last);
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  return { manifest, bytes, databases: databases.length, entries: journal.entries };
}

/** Reads it from its first to its last entry: numbers follow on each other, or reading throws. */
async function readJournal(data: string, { journal }: Manifest): Promise<{ last: number; entries: number }> {
  if (journal === "elsewhere") return { last: Number.POSITIVE_INFINITY, entries: 0 };
  const reader = openJournalReader(join(data, "journal"), {});
  try {
    const { first, last } = await reader.bounds();
    let seq = first - 1;
    for (;;) {
      const entries = await reader.read(seq, READ_ENTRIES);
      for (const entry of entries) {
        if (entry.seq !== seq + 1) throw new OperatorError(`the journal lacks entry ${seq + 1}`);
        seq = entry.seq;
      }
      if (entries.length === 0) break;
    }
    if (seq !== last) throw new OperatorError(`the journal ends at entry ${seq} and should at ${last}`);
    return { last, entries: last - first + 1 };
  } finally {
    reader.close();
  }
}

function checkDatabase(file: string, path: string, last: number): void {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const [found] = database.prepare("PRAGMA integrity_check(1)").all();
    const said = String(found?.integrity_check);
    if (said !== "ok") throw new OperatorError(`${path} is damaged: ${said}`);
    for (const taken of checkpointsOf(database)) {
      if (taken > last)
        throw new OperatorError(`${path} has read the journal up to entry ${taken}, which ends at ${last}`);
    }
  } finally {
    database.close();
  }
}

/** A projection keeps how far it has read in `checkpoint.seq`. */
function checkpointsOf(database: DatabaseSync): readonly number[] {
  const has = database.prepare("SELECT 1 FROM pragma_table_info('checkpoint') WHERE name = 'seq'").get();
  if (has === undefined) return [];
  return database
    .prepare("SELECT seq FROM checkpoint")
    .all()
    .map(({ seq }) => Number(seq));
}

async function checkStore(folder: string, last: number): Promise<void> {
  if (!existsSync(folder)) throw new OperatorError("the store is missing");
  const store = await openEmbeddedStore(folder);
  try {
    const { seq: taken } = await store.checkpoint();
    if (taken > last)
      throw new OperatorError(`the store has read the journal up to entry ${taken}, which ends at ${last}`);
    await store.bounds();
  } finally {
    await store.close();
  }
}
