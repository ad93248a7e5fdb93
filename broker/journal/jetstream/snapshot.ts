/**
 * Snapshots: what was current at an entry. Births that retention has taken, and the records that were received before
 * it, are found in the snapshot that stands before what is left. Retention only cuts where a snapshot stands.
 *
 * One snapshot is the messages `<stream>.<entry number>.begin`, `.birth.<KIND>` (an entry each), `.received` (a list of
 * runs each) and, last of all, `.end`. One without an end was never finished, and does not count.
 */
import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import { currentBirths } from "../births.ts";
import type { JournalEntry } from "../entry.ts";
import type { ReceivedRun } from "../received-ranges.ts";
import { birthSubjects, entryHeaders, messagesFrom, type Streams, streamInfo, toEntry } from "./streams.ts";

const RUNS_PER_MESSAGE_MAX = 4_096;

/** What a snapshot says at its end. */
export interface SnapshotEnd {
  /** The newest entry that it takes into account, and when that was received. */
  readonly seq: number;
  readonly receivedAt: number;
}

/** Numbers of the entries at which finished snapshots stand, in order. */
export async function listSnapshots(manager: JetStreamManager, { snapshots }: Streams): Promise<number[]> {
  const info = await streamInfo(manager, snapshots, `${snapshots}.*.end`);
  return Object.keys(info?.state.subjects ?? {})
    .map((subject) => Number(subject.split(".").at(-2)))
    .sort((a, b) => a - b);
}

export async function writeSnapshot(
  client: JetStreamClient,
  { snapshots }: Streams,
  end: SnapshotEnd,
  births: readonly JournalEntry[],
  received: Iterable<ReceivedRun>,
): Promise<void> {
  const prefix = `${snapshots}.${end.seq}`;
  await client.publish(`${prefix}.begin`);
  for (const birth of births)
    await client.publish(`${prefix}.birth.${birth.kind}`, birth.payload, { headers: entryHeaders(birth) });
  const runs = [...received];
  for (let at = 0; at < runs.length; at += RUNS_PER_MESSAGE_MAX)
    await client.publish(`${prefix}.received`, JSON.stringify(runs.slice(at, at + RUNS_PER_MESSAGE_MAX)));
  await client.publish(`${prefix}.end`, JSON.stringify(end));
}

export async function readSnapshotEnd(
  manager: JetStreamManager,
  { snapshots }: Streams,
  seq: number,
): Promise<SnapshotEnd | undefined> {
  for await (const message of messagesFrom(manager, snapshots, `${snapshots}.${seq}.end`, 1))
    return message.json<SnapshotEnd>();
  return undefined;
}

export async function* receivedRuns(
  manager: JetStreamManager,
  { snapshots }: Streams,
  seq: number,
): AsyncGenerator<ReceivedRun> {
  for await (const message of messagesFrom(manager, snapshots, `${snapshots}.${seq}.received`, 1))
    yield* message.json<ReceivedRun[]>();
}

/** The births that count at entry `seq`: of the snapshot before it, and of the entries since. */
export async function birthsAt(
  manager: JetStreamManager,
  streams: Streams,
  seq: number,
): Promise<readonly JournalEntry[]> {
  const { entries, snapshots } = streams;
  const births: JournalEntry[] = [];
  const base = (await listSnapshots(manager, streams)).findLast((each) => each <= seq) ?? 0;
  for await (const message of messagesFrom(manager, snapshots, `${snapshots}.${base}.birth.*`, 1))
    births.push(toEntry(message));
  for await (const message of messagesFrom(manager, entries, birthSubjects(streams), base + 1)) {
    if (message.seq > seq) break;
    births.push(toEntry(message));
  }
  return currentBirths(births);
}

/** Deletes everything that stands before the snapshot at `seq`. */
export async function deleteSnapshotsBefore(
  manager: JetStreamManager,
  { snapshots }: Streams,
  seq: number,
): Promise<void> {
  for await (const { seq: begin } of messagesFrom(manager, snapshots, `${snapshots}.${seq}.begin`, 1)) {
    // nats-server takes “all before 1” for “all”.
    if (begin > 1) await manager.streams.purge(snapshots, { seq: begin });
    return;
  }
}
