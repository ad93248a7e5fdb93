/**
 * Writes the journal into NATS JetStream.
 *
 * Every message names the one it must follow, so the stream is exactly the sequence of what this writer was given: after
 * a lost connection or a restart of the server it asks what is there, and sends the rest again. A message that another
 * writer has put in between breaks the chain, and the writer that was overtaken ends.
 */
import { setTimeout as pause } from "node:timers/promises";
import { addressKey } from "@campus-ops/device-profiles/vocabulary";
import { DeliverPolicy, type JetStreamClient, type JetStreamManager, type PubAck } from "@nats-io/jetstream";
import { type NatsConnection, nuid } from "@nats-io/transport-node";
import {
  JournalLockedError,
  JournalOverloadedError,
  type JournalWriter,
  type NewEntry,
  WAITING_BYTES_MAX,
} from "../journal.ts";
import { ReceivedRanges } from "../received-ranges.ts";
import { RETRY_MS } from "./connection.ts";
import { listSnapshots, receivedRuns } from "./snapshot.ts";
import type { SnapshotKeeper } from "./snapshot-keeper.ts";
import {
  bellSubject,
  entryHeaders,
  entrySubject,
  rangeIn,
  type Streams,
  storedMessage,
  streamInfo,
  toEntry,
  writerSubject,
} from "./streams.ts";

/** Messages that were sent and not answered yet. */
const IN_FLIGHT_MAX = 512;
/** A message that is not answered for so long is looked after. */
const ANSWER_MS_MAX = 3_000;
/** A server that is away holds up a writer's end for so long. */
const CLOSE_MS_MAX = 3_000;
/** Headers take this much of the server's `max_payload` at most. */
const HEADERS_BYTES_MAX = 1_024;
const MESSAGE_ID = "Nats-Msg-Id";

/** The server no longer holds what it had confirmed. Nothing more is written: the numbers would be given twice. */
export class JournalRolledBackError extends Error {
  override readonly name = "JournalRolledBackError";
}

interface Waiting {
  readonly entry: NewEntry;
  readonly bytes: number;
  /** Of the last entry of an append. */
  readonly settle?: { resolve(last: number): void; reject(error: unknown): void };
}

interface Sent extends Waiting {
  readonly seq: number;
}

export interface WriterParts {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly client: JetStreamClient;
  readonly streams: Streams;
  readonly keeper: SnapshotKeeper;
  /** The server is away or refuses; told each time that something was not confirmed. */
  readonly onAway?: (error: unknown) => void;
  /** Another writer has taken over, or the server lost what it had confirmed: nothing will ever be written again. */
  readonly onEnded?: (error: Error) => void;
}

export class JetStreamWriter implements JournalWriter {
  readonly received = new ReceivedRanges();
  readonly #parts: WriterParts;
  readonly #id = nuid.next();
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** In order; the first of them is the one after {@link last}. */
  #sent: Sent[] = [];
  #last = 0;
  #lastReceivedAt = 0;
  /** The chain begins anew with the number alone: the server may have forgotten the last message's id. */
  #chained = false;
  #recovering = false;
  /** Counts the recoveries: what was sent before one and fails after it says nothing new. */
  #generation = 0;
  #ended: Error | undefined;
  #closed = false;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  get last(): number {
    return this.#last;
  }

  get lastReceivedAt(): number {
    return this.#lastReceivedAt;
  }

  /** Learns what the journal holds; before anything is appended. Throws {@link JournalLockedError}. */
  async open(): Promise<void> {
    const { connection, manager, client, streams, keeper } = this.#parts;
    const subject = writerSubject(streams);
    const other = await connection
      .request(subject, undefined, { timeout: ANSWER_MS_MAX })
      .catch(() => undefined);
    if (other !== undefined)
      throw new JournalLockedError(
        `another process writes the journal ${streams.entries} on ${connection.getServer()}; stop it first, or give this one a stream of its own`,
      );
    connection.subscribe(subject, {
      callback: (_, message) => {
        message.respond();
      },
    });

    const state = (await streamInfo(manager, streams.entries))?.state;
    this.#last = state?.last_seq ?? 0;
    const newest = await storedMessage(manager, streams.entries, this.#last);
    this.#lastReceivedAt = newest === undefined ? 0 : toEntry(newest).receivedAt;
    const snapshot = (await listSnapshots(manager, streams)).at(-1) ?? 0;
    for await (const { node, ...range } of receivedRuns(manager, streams, snapshot))
      this.received.add(node, range);
    if (this.#last > snapshot) {
      const consumer = await client.consumers.get(streams.entries, {
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: snapshot + 1,
        headers_only: true,
      });
      for await (const message of await consumer.consume()) {
        const found = message.headers === undefined ? undefined : rangeIn(message.headers);
        if (found !== undefined) this.received.add(found.node, found.range);
        if (message.seq >= this.#last) break;
      }
    }
    keeper.begin(this.#last - snapshot);
    void this.#watch();
  }

  append(entries: readonly NewEntry[]): Promise<number> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#closed) return Promise.reject(new Error("the journal is closed"));
    if (entries.length === 0) return Promise.resolve(this.#last);
    const refusal = this.#refusal(entries);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      entries.forEach((entry, index) => {
        const bytes = entry.payload.byteLength;
        const isLast = index === entries.length - 1;
        this.#waitingBytes += bytes;
        this.#waiting.push(isLast ? { entry, bytes, settle: { resolve, reject } } : { entry, bytes });
      });
      this.#send();
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const patience = AbortSignal.timeout(CLOSE_MS_MAX);
    while (this.#ended === undefined && this.#sent.length > 0 && !patience.aborted) await pause(1);
    await Promise.race([
      this.#parts.keeper.settled(),
      new Promise((resolve) => patience.addEventListener("abort", resolve)),
    ]);
    await this.#parts.connection.close();
    this.#end(
      new Error("the journal was closed before its server had confirmed; nothing of it is acknowledged"),
    );
  }

  #refusal(entries: readonly NewEntry[]): Error | undefined {
    const bytes = entries.reduce((sum, { payload }) => sum + payload.byteLength, 0);
    if (this.#waitingBytes + bytes > WAITING_BYTES_MAX)
      return new JournalOverloadedError(
        `${this.#waitingBytes} bytes wait for the journal's server; nothing of this append was written`,
      );
    const bytesMax = (this.#parts.connection.info?.max_payload ?? 1_048_576) - HEADERS_BYTES_MAX;
    const largest = Math.max(...entries.map(({ payload }) => payload.byteLength));
    if (largest > bytesMax)
      return new RangeError(
        `an entry of ${largest} bytes is more than the NATS server takes; nothing of this append was written; raise max_payload there`,
      );
    return undefined;
  }

  #send(): void {
    while (!this.#recovering && this.#ended === undefined && this.#sent.length < IN_FLIGHT_MAX) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      // Receive times never go back, whatever the wall clock does.
      const floor = this.#sent.at(-1)?.entry.receivedAt ?? this.#lastReceivedAt;
      const entry = next.entry.receivedAt < floor ? { ...next.entry, receivedAt: floor } : next.entry;
      const sent = { ...next, entry, seq: this.#last + this.#sent.length + 1 };
      this.#sent.push(sent);
      this.#publish(sent);
    }
  }

  #publish({ seq, entry }: Sent): void {
    const { client, streams } = this.#parts;
    const expect = this.#chained ? { lastMsgID: `${this.#id}:${seq - 1}` } : { lastSequence: seq - 1 };
    this.#chained = true;
    const generation = this.#generation;
    client
      .publish(entrySubject(streams, entry.kind), entry.payload, {
        headers: entryHeaders(entry),
        msgID: `${this.#id}:${seq}`,
        expect,
        timeout: ANSWER_MS_MAX,
      })
      .then(
        (ack) => this.#answered(seq, ack),
        (error: unknown) => {
          if (generation === this.#generation) this.#recover(error);
        },
      );
  }

  #answered(seq: number, ack: PubAck): void {
    if (ack.seq === seq) this.#confirm(seq);
    else this.#recover(new Error(`entry ${seq} was stored as ${ack.seq}`));
  }

  /** All up to `seq` are stored, as each follows the one before it. */
  #confirm(seq: number): void {
    const { connection, streams, keeper } = this.#parts;
    const count = this.#sent.findIndex((sent) => sent.seq > seq);
    const stored = this.#sent.splice(0, count < 0 ? this.#sent.length : count);
    for (const { seq: number, entry, bytes, settle } of stored) {
      this.#last = number;
      this.#lastReceivedAt = entry.receivedAt;
      this.#waitingBytes -= bytes;
      const { address, range } = entry;
      if (address !== undefined && range !== undefined)
        this.received.add(addressKey({ campus: address.campus, node: address.node }), range);
      settle?.resolve(number);
      keeper.stored(bytes);
    }
    if (stored.length === 0) return;
    connection.publish(bellSubject(streams));
    keeper.keep({ seq: this.#last, receivedAt: this.#lastReceivedAt }, this.received);
    this.#send();
  }

  /** Something was not confirmed: finds out what the server holds, and goes on from there. */
  #recover(cause: unknown): void {
    if (this.#recovering || this.#ended !== undefined) return;
    this.#recovering = true;
    this.#parts.onAway?.(cause);
    this.#findOut().then(
      () => {
        this.#recovering = false;
        this.#send();
      },
      (error: Error) => this.#end(error),
    );
  }

  async #findOut(): Promise<void> {
    const { connection, manager, streams } = this.#parts;
    for (;;) {
      // A server that refuses (its disk is full) is not asked as fast as it can answer. What is still under way and
      // arrives after this question is known by its id when it is sent again.
      await pause(RETRY_MS);
      try {
        const state = (await streamInfo(manager, streams.entries))?.state;
        const newest =
          state === undefined ? undefined : await storedMessage(manager, streams.entries, state.last_seq);
        this.#takeUp(state?.last_seq ?? 0, newest?.header.get(MESSAGE_ID) ?? "");
        return;
      } catch (error) {
        if (
          error instanceof JournalRolledBackError ||
          error instanceof JournalLockedError ||
          connection.isClosed()
        )
          throw error;
      }
    }
  }

  #takeUp(stored: number, id: string): void {
    const { entries } = this.#parts.streams;
    if (stored < this.#last)
      throw new JournalRolledBackError(
        `the NATS server had confirmed entry ${this.#last} of ${entries} and now ends with ${stored}: what it confirmed was lost with its machine. Restore the stream from a replica or a backup, or begin a new one by another name; see docs/decisions/0007`,
      );
    if (stored > this.#last && id !== `${this.#id}:${stored}`)
      throw new JournalLockedError(`another process has taken over the journal ${entries}; this one ends`);
    this.#confirm(stored);
    // Sent, and not there: it goes again, under the number that it had.
    this.#waiting.unshift(...this.#sent.splice(0));
    this.#chained = false;
    this.#generation += 1;
  }

  /** What was under way when a connection broke is not answered any more. */
  async #watch(): Promise<void> {
    for await (const { type } of this.#parts.connection.status())
      if (type === "reconnect" && this.#sent.length > 0)
        this.#recover(new Error("the connection to NATS was lost"));
  }

  #end(error: Error): void {
    this.#ended = error;
    for (const { settle } of [...this.#sent.splice(0), ...this.#waiting.splice(0)]) settle?.reject(error);
    this.#waitingBytes = 0;
    if (!this.#closed) this.#parts.onEnded?.(error);
  }
}
