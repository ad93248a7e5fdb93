/** Reads the journal from NATS JetStream. */
import { setTimeout as pause } from "node:timers/promises";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { JournalBounds, JournalEntry, JournalReader } from "../journal.ts";
import { connectToNats, type NatsAccess, RETRY_MS } from "./connection.ts";
import { birthsAt } from "./snapshot.ts";
import { bellSubject, type Streams, storedMessage, streamInfo, streamsNamed, toEntry } from "./streams.ts";

/** How late a reader is at most when it did not hear the writer's bell. */
export const WAIT_POLL_MS_MAX = 1_000;
/** Entries asked for at once. */
const REQUESTS_MAX = 512;

export interface JetStreamReaderOptions extends NatsAccess {
  readonly stream: string;
  /** Ends every wait for a server that is away; what was asked then rejects. */
  readonly signal?: AbortSignal;
  /** Told once when what was asked cannot be answered now; it is asked again until it can be. */
  readonly onAway?: (error: unknown) => void;
}

export async function openJetStreamReader(options: JetStreamReaderOptions): Promise<JournalReader> {
  const connection = await connectToNats(options, "campus-ops journal reader");
  const manager = await jetstreamManager(connection, { checkAPI: false });
  return new JetStreamReader(connection, manager, options);
}

class JetStreamReader implements JournalReader {
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #options: JetStreamReaderOptions;
  readonly #streams: Streams;
  readonly #listeners = new Set<() => void>();
  #isAway = false;

  constructor(connection: NatsConnection, manager: JetStreamManager, options: JetStreamReaderOptions) {
    this.#connection = connection;
    this.#manager = manager;
    this.#options = options;
    this.#streams = streamsNamed(options.stream);
    connection.subscribe(bellSubject(this.#streams), {
      callback: () => {
        for (const listener of this.#listeners) listener();
      },
    });
  }

  read(after: number, limit: number): Promise<readonly JournalEntry[]> {
    return this.#untilAnswered(async () => {
      const { first, last } = await this.#bounds();
      const from = Math.max(after + 1, first);
      const to = Math.min(last, from + limit - 1);
      const entries: JournalEntry[] = [];
      for (let at = from; at <= to; at += REQUESTS_MAX) {
        const count = Math.min(REQUESTS_MAX, to - at + 1);
        const messages = await Promise.all(
          Array.from({ length: count }, (_, index) =>
            storedMessage(this.#manager, this.#streams.entries, at + index),
          ),
        );
        // Retention may have taken some of them meanwhile.
        for (const message of messages) if (message !== undefined) entries.push(toEntry(message));
      }
      return entries;
    });
  }

  births(seq: number): Promise<readonly JournalEntry[]> {
    return this.#untilAnswered(async () => {
      const { first } = await this.#bounds();
      return birthsAt(this.#manager, this.#streams, Math.max(seq, first - 1));
    });
  }

  bounds(): Promise<JournalBounds> {
    return this.#untilAnswered(() => this.#bounds());
  }

  async waitFor(after: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const rung = this.#rung(signal);
      try {
        if ((await this.bounds()).last > after) return;
        await rung.promise;
      } finally {
        rung.stop();
      }
    }
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #bounds(): Promise<JournalBounds> {
    const info = await streamInfo(this.#manager, this.#streams.entries);
    if (info === undefined) return { first: 1, last: 0 };
    const { first_seq, last_seq, messages } = info.state;
    return { first: messages === 0 ? last_seq + 1 : first_seq, last: last_seq };
  }

  /** Resolves at the next bell, when it is time to look by oneself, or when `signal` aborts. */
  #rung(signal: AbortSignal): { readonly promise: Promise<void>; stop(): void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ring = () => resolve();
    const timer = setTimeout(ring, WAIT_POLL_MS_MAX);
    this.#listeners.add(ring);
    signal.addEventListener("abort", ring, { once: true });
    const stop = (): void => {
      clearTimeout(timer);
      this.#listeners.delete(ring);
      signal.removeEventListener("abort", ring);
    };
    return { promise, stop };
  }

  async #untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
    const { signal, onAway } = this.#options;
    for (;;) {
      try {
        const answer = await ask();
        this.#isAway = false;
        return answer;
      } catch (error) {
        if (this.#connection.isClosed() || signal?.aborted) throw error;
        if (!this.#isAway) onAway?.(error);
        this.#isAway = true;
        await pause(RETRY_MS);
      }
    }
  }
}
