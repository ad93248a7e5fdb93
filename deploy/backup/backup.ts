/** One backup, from a hub that may be running to a file that was proven to restore. */
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { OperatorError } from "@campus-ops/service";
import type { SocketClient } from "@campus-ops/service/socket-client";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { pack, unpack } from "./archive.ts";
import { gather } from "./gather.ts";
import { backupName, isBackup, type Keep, toRemove } from "./names.ts";
import type { Place } from "./places.ts";
import { type Proof, prove } from "./prove.ts";

/** Folder of the data folder that a backup is made in; what an interrupted one left there is removed by the next. */
export const WORKSHOP = "backup";

export interface BackupOptions {
  readonly data: string;
  readonly config: string;
  readonly places: readonly Place[];
  readonly recipients: readonly string[];
  readonly keep: Keep;
  readonly version: string;
  readonly now: () => number;
  /** Whoever holds the store; absent when no hub runs on this data. */
  readonly ingest: SocketClient | undefined;
  /** Told what is being done. */
  readonly onStep: (step: "gather" | "pack" | "put" | "prove", place?: string) => void;
  readonly signal: AbortSignal;
}

export interface BackupResult {
  readonly name: string;
  /** Of the encrypted file. */
  readonly bytes: number;
  readonly proof: Proof;
  /** Older backups that had served their time, at all places together. */
  readonly removed: number;
}

/**
 * Makes a backup, brings it to every place, fetches it from each again, restores it into an empty folder and proves it
 * there. Older ones are removed only after that. Throws an {@link OperatorError} that says what is wrong; the places then
 * hold what they held, and perhaps a file that was not proven.
 */
export async function backUp(options: BackupOptions): Promise<BackupResult> {
  const { data, ingest, now, onStep, places, recipients, signal } = options;
  const workshop = join(data, WORKSHOP);
  await rm(workshop, { recursive: true, force: true });
  await mkdir(workshop, { recursive: true, mode: 0o700 });
  try {
    const at = now();
    const name = backupName(at);
    const draft = join(workshop, "draft");
    const file = join(workshop, name);
    onStep("gather");
    const snapshot = ingest === undefined ? {} : { snapshotStore: snapshotBy(ingest, signal) };
    await gather({ ...options, draft, at, ...snapshot });
    onStep("pack");
    // An identity for this hour alone: the hub can prove what it has just made, and read no other backup.
    const identity = await generateX25519Identity();
    await pack(draft, file, [...recipients, await identityToRecipient(identity)], signal);
    await rm(draft, { recursive: true });
    let proof: Proof | undefined;
    let removed = 0;
    for (const place of places) {
      onStep("put", place.name);
      await place.put(file, signal);
      onStep("prove", place.name);
      proof = await proven(place, name, identity, workshop, signal);
      if (place.appendOnly === true) continue;
      const old = toRemove(await place.list(signal), options.keep).filter((each) => each !== name);
      for (const each of old) await place.remove(each, signal);
      removed += old.length;
    }
    if (proof === undefined) throw new OperatorError("a backup needs a place to go to");
    return { name, bytes: (await stat(file)).size, proof, removed };
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function proven(
  place: Place,
  name: string,
  identity: string,
  workshop: string,
  signal: AbortSignal,
): Promise<Proof> {
  const fetched = join(workshop, "fetched");
  const restored = join(workshop, "restored");
  await place.get(name, fetched, signal);
  await unpack(fetched, restored, identity, signal);
  const proof = await prove(restored);
  await rm(restored, { recursive: true });
  await rm(fetched);
  return proof;
}

function snapshotBy(ingest: SocketClient, signal: AbortSignal): (folder: string) => Promise<boolean> {
  return async (folder) => {
    const response = await ingest
      .fetch("/store/snapshot", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ folder }),
        signal,
      })
      .catch((error: unknown) => {
        throw new OperatorError("ingest does not answer, and nobody else can copy the store it has open", {
          cause: error,
        });
      });
    const answer = (await response.json()) as { kept?: string; detail?: string };
    if (!response.ok)
      throw new OperatorError(`the store was not copied: ${answer.detail ?? response.status}`);
    return answer.kept === "here";
  };
}

/** Names of what lies at a place, the newest first. */
export async function backupsAt(place: Place, signal: AbortSignal): Promise<readonly string[]> {
  return (await place.list(signal)).filter(isBackup).sort().reverse();
}
