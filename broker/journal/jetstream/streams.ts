/**
 * How the journal lies in NATS JetStream.
 *
 * Stream `<name>`: one message an entry; JetStream's sequence number is the entry's number. Subjects
 * `<name>.birth.<KIND>` and `<name>.entry.<KIND>`; the payload is the entry's, what else it holds is in headers.
 * Stream `<name>_SNAPSHOTS`: what the segments of the embedded journal begin with; see `snapshot.ts`.
 */
import { type Address, CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StoredMsg,
  type StreamInfo,
} from "@nats-io/jetstream";
import { headers, type MsgHdrs } from "@nats-io/transport-node";
import type { RecordRange } from "../../sparkplug/handoff.ts";
import type { EntryKind, JournalEntry, NewEntry } from "../entry.ts";

export const ENTRY_KINDS: ReadonlySet<string> = new Set<EntryKind>([
  "NBIRTH",
  "NDEATH",
  "DBIRTH",
  "DDEATH",
  "NDATA",
  "DDATA",
  "CLOCK",
]);

/**
 * JetStream remembers message ids for so long. It only serves the writer's fence (see `writer.ts`), which never looks
 * further back than to the message before; a longer window would cost the server memory.
 */
const DUPLICATE_WINDOW_NS = 1_000_000_000;

export interface Streams {
  readonly entries: string;
  readonly snapshots: string;
}

export function streamsNamed(name: string): Streams {
  return { entries: name, snapshots: `${name}_SNAPSHOTS` };
}

export const birthSubjects = ({ entries }: Streams): string => `${entries}.birth.*`;
/** Core NATS, in no stream: the writer says the number of what has become durable. */
export const bellSubject = ({ entries }: Streams): string => `${entries}-bell`;
/** Core NATS: whoever answers is writing. */
export const writerSubject = ({ entries }: Streams): string => `${entries}-writer`;

export async function createStreams(
  manager: JetStreamManager,
  streams: Streams,
  replicas: number,
): Promise<void> {
  for (const [name, subjects] of [
    [streams.entries, [`${streams.entries}.birth.*`, `${streams.entries}.entry.*`]],
    [streams.snapshots, [`${streams.snapshots}.>`]],
  ] as const) {
    if ((await streamInfo(manager, name)) !== undefined) continue;
    await manager.streams.add({
      name,
      subjects: [...subjects],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      // A server without room refuses the newest; it never gives up what it holds.
      discard: DiscardPolicy.New,
      num_replicas: replicas,
      duplicate_window: DUPLICATE_WINDOW_NS,
      allow_direct: true,
      deny_delete: true,
    });
  }
}

/** Undefined when there is no such stream yet. */
export async function streamInfo(
  manager: JetStreamManager,
  name: string,
  subjects?: string,
): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name, subjects === undefined ? {} : { subjects_filter: subjects });
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  }
}

/** Undefined when it holds no such message. A replica that lags behind is no reason to miss one. */
export async function storedMessage(
  manager: JetStreamManager,
  stream: string,
  seq: number,
): Promise<StoredMsg | undefined> {
  if (seq < 1) return undefined;
  const near = await manager.direct.getMessage(stream, { seq });
  return near ?? (await manager.streams.getMessage(stream, { seq })) ?? undefined;
}

/** Messages of a subject from `seq` on, in order. */
export async function* messagesFrom(
  manager: JetStreamManager,
  stream: string,
  subject: string,
  seq: number,
): AsyncGenerator<StoredMsg> {
  let next = seq;
  for (;;) {
    const message = await manager.direct.getMessage(stream, { seq: next, next_by_subj: subject });
    if (message === null) return;
    yield message;
    next = message.seq + 1;
  }
}

const HEADER = {
  receivedAt: "Received-At",
  campus: "Campus",
  node: "Node",
  device: "Device",
  range: "Range",
  seq: "Entry",
} as const;

export function entrySubject({ entries }: Streams, kind: EntryKind): string {
  return `${entries}.${kind === "NBIRTH" || kind === "DBIRTH" ? "birth" : "entry"}.${kind}`;
}

export function entryHeaders(entry: NewEntry | JournalEntry): MsgHdrs {
  const made = headers();
  made.set(HEADER.receivedAt, String(entry.receivedAt));
  if (entry.address !== undefined) {
    made.set(HEADER.campus, entry.address.campus);
    made.set(HEADER.node, entry.address.node);
    if (entry.address.device !== undefined) made.set(HEADER.device, entry.address.device);
  }
  if ("range" in entry && entry.range !== undefined)
    made.set(HEADER.range, `${entry.range.epoch}:${entry.range.first}-${entry.range.last}`);
  // Snapshots hold entries under numbers of their own.
  if ("seq" in entry) made.set(HEADER.seq, String(entry.seq));
  return made;
}

interface StoredEntry {
  readonly seq: number;
  readonly subject: string;
  readonly header: MsgHdrs;
  readonly data: Uint8Array;
}

/** Throws when it is no entry: somebody else has published into the stream. */
export function toEntry(message: StoredEntry): JournalEntry {
  const kind = message.subject.slice(message.subject.lastIndexOf(".") + 1);
  const receivedAt = Number(message.header.get(HEADER.receivedAt) || Number.NaN);
  const seq = Number(message.header.get(HEADER.seq) || message.seq);
  if (!isEntryKind(kind) || !Number.isSafeInteger(receivedAt))
    throw new Error(`message ${message.seq} on ${message.subject} is no journal entry`);
  const { buffer, byteOffset, byteLength } = message.data;
  const entry = { seq, receivedAt, kind, payload: new Uint8Array(buffer, byteOffset, byteLength) };
  const address = addressOf(message.header);
  return address === undefined ? entry : { ...entry, address };
}

function isEntryKind(text: string): text is EntryKind {
  return ENTRY_KINDS.has(text);
}

function addressOf(header: MsgHdrs): Address | undefined {
  const campus = header.get(HEADER.campus);
  if (campus === "") return undefined;
  const base = { campus: CampusId(campus), node: NodeId(header.get(HEADER.node)) };
  const device = header.get(HEADER.device);
  return device === "" ? base : { ...base, device: DeviceId(device) };
}

/** Of one message's headers: whose records it holds and which; undefined for an entry without hand-off. */
export function rangeIn(header: MsgHdrs): { readonly node: string; readonly range: RecordRange } | undefined {
  const found = /^(\d+):(\d+)-(\d+)$/.exec(header.get(HEADER.range));
  if (found === null) return undefined;
  const [epoch = 0, first = 0, last = 0] = found.slice(1).map(Number);
  return { node: `${header.get(HEADER.campus)}/${header.get(HEADER.node)}`, range: { epoch, first, last } };
}
