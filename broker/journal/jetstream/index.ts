/** The journal in NATS JetStream. In a file of its own: who does not use it does not load a NATS client. */
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { JournalWriter } from "../journal.ts";
import { connectToNats, type NatsAccess } from "./connection.ts";
import { SnapshotKeeper, type SnapshotOptions } from "./snapshot-keeper.ts";
import { createStreams, streamsNamed } from "./streams.ts";
import { JetStreamWriter } from "./writer.ts";

export { type JetStreamReaderOptions, openJetStreamReader } from "./reader.ts";
export { JournalRolledBackError } from "./writer.ts";

/** The first version that can be told to sync before it confirms (`sync_interval: always`). */
const SYNCS_SINCE = [2, 10] as const;

export interface JetStreamWriterOptions extends NatsAccess, SnapshotOptions {
  readonly stream: string;
  /** Copies in a NATS cluster: 1, 3 or 5. Only for a stream that does not exist yet. */
  readonly replicas?: number;
  readonly onAway?: (error: unknown) => void;
  readonly onEnded?: (error: Error) => void;
  /** The server's version cannot sync before it confirms: a power cut may take what it has confirmed. */
  readonly onUnsynced?: (version: string) => void;
}

/** Throws `JournalLockedError` when another process writes it. */
export async function openJetStreamWriter(options: JetStreamWriterOptions): Promise<JournalWriter> {
  const connection = await connectToNats(options, "campus-ops journal writer");
  try {
    const manager = await jetstreamManager(connection);
    const client = jetstream(connection);
    const streams = streamsNamed(options.stream);
    await createStreams(manager, streams, options.replicas ?? 1);
    const version = connection.info?.version ?? "unknown";
    if (!canSync(version)) options.onUnsynced?.(version);
    const keeper = new SnapshotKeeper(client, manager, streams, options);
    const writer = new JetStreamWriter({ connection, manager, client, streams, keeper, ...options });
    await writer.open();
    return writer;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Whether such a server can be configured to sync before it confirms; a client cannot see whether it is. */
export function canSync(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > SYNCS_SINCE[0] || (major === SYNCS_SINCE[0] && minor >= SYNCS_SINCE[1]);
}
