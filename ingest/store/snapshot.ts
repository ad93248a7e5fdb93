/**
 * A copy of the embedded store while it is written to: what a backup takes. The hot table is copied as of one moment;
 * sealed days are linked after that, so that a day sealed meanwhile is in both, where its points count once.
 */
import { copyFileSync, linkSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DuckDBInstance } from "@duckdb/node-api";
import type { Partitions } from "./partitions.ts";

/** What a store that lives in the data folder can be asked for. */
export interface SnapshotStore {
  /** Makes a store in `folder`, which must be new, that opens as this one would have at some moment of the call. */
  snapshot(folder: string): Promise<void>;
}

export async function snapshotEmbedded(
  instance: DuckDBInstance,
  partitions: Iterable<Partitions>,
  folder: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // A connection of its own: whoever writes goes on writing.
  const connection = await instance.connect();
  try {
    const file = join(folder, "hot.duckdb").replaceAll("'", "''");
    await connection.run(`ATTACH '${file}' AS snapshot`);
    await connection.run("COPY FROM DATABASE hot TO snapshot");
    await connection.run("DETACH snapshot");
  } finally {
    connection.closeSync();
  }
  for (const each of partitions) {
    for (const { file } of each.list())
      linkOrCopy(file, join(folder, basename(each.folder), basename(dirname(file)), basename(file)));
  }
}

/** A sealed day is never written to again: another one takes its place. */
function linkOrCopy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  try {
    linkSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Retention has just taken it.
    if (code === "ENOENT") return;
    if (code !== "EXDEV" && code !== "EPERM") throw error;
    copyFileSync(from, to);
  }
}
