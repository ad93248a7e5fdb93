/**
 * The durable queue between the drivers and the network: the core's queue over an SQLite file, with timers.
 *
 * A record is in it from the moment {@link Outbox.append} resolves until the host has said that its journal holds it.
 * Every commit is on the disk (`synchronous=FULL`) before anybody hears of it; commits are grouped, so that whatever is
 * waiting shares one.
 */

import type { OutboxAccount, Run } from "@campus-ops/broker/sparkplug";
import {
  DATA_CLASSES,
  type DataClass,
  type DeviceId,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { UntrustedEra } from "../core/box-clock.ts";
import type { OffsetStore } from "../core/offset-ledger.ts";
import type { Loss } from "../core/outbox-policy.ts";
import { type CommitWish, OutboxQueue } from "../core/outbox-queue.ts";
import type { DeviceCursor, NewRecord, OutboxRecord } from "../core/record.ts";
import { retimedRecord } from "../core/retiming.ts";
import type { Alias } from "./dictionary.ts";
import type { KeepLimits } from "./kept-records.ts";
import { isDamage, openFile } from "./open.ts";
import { type EncodedBody, RecordFile } from "./record-file.ts";

export { RecordGivenUpError, WAITING_RECORDS_MAX } from "../core/outbox-queue.ts";

/** Alarm and access records are committed at once; the others wait so long for company. */
export const GROUP_MS_MAX = 50;
/** After a failed commit the next attempt waits so long. */
export const COMMIT_RETRY_MS = 1_000;

/** Starts without a clock whose corrections are remembered; more of them than this do not wait in one outbox. */
export const ERAS_MAX = 8;

export interface OutboxOptions {
  readonly file: string;
  /** Records and their overhead; the file itself is a little larger. */
  readonly bytesMax: number;
  readonly daysMax: number;
  /** How long, and in how much room, what the host has confirmed is kept for it; nothing unless said. */
  readonly keep?: KeepLimits;
  readonly now: () => Timestamp;
  /** The time by which age limits are judged; `now` unless given. */
  readonly ageNow?: () => Timestamp;
  /** Turns a loss into the record that tells the hub of it. */
  readonly lossRecord: (loss: Loss, at: Timestamp) => NewRecord;
  /** What an operator must hear of: a damaged file, a disk that refuses to write. */
  readonly onTrouble: (message: string, error?: unknown) => void;
}

export interface OutboxStats {
  readonly records: number;
  readonly bytes: number;
  readonly perClass: Readonly<Record<DataClass, { readonly records: number; readonly bytes: number }>>;
  /** Event time of the oldest record, or undefined when the outbox is empty. */
  readonly oldest: Timestamp | undefined;
  /** What the host has confirmed and is kept for it a while longer. */
  readonly kept: { readonly records: number; readonly bytes: number };
  /** Samples given up since the file was begun. */
  readonly lostSamples: number;
  /** Samples numbered since the file was begun. */
  readonly samples: number;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #queue: OutboxQueue<EncodedBody>;
  #file: RecordFile;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #closed = false;
  #knownEras: readonly UntrustedEra[] | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    const { file, loss } = open(options);
    this.#file = file;
    this.#queue = new OutboxQueue<EncodedBody>({
      ...options,
      medium: file,
      wish: (when) => this.#schedule(when),
      replace: (error) => this.#replace(error),
    });
    if (loss !== undefined) this.#queue.lose(loss);
    this.#commit();
  }

  /** Milliseconds since the Unix epoch when the file was begun; part of every record's identity. */
  get epoch(): number {
    return this.#queue.epoch;
  }

  /** Commits made since opening. */
  get commits(): number {
    return this.#queue.commits;
  }

  /** Records neither acknowledged nor given up. */
  get recordCount(): number {
    return this.#queue.recordCount;
  }

  /** See {@link OutboxQueue.append}. */
  append(records: readonly NewRecord[], cursor?: DeviceCursor): Promise<readonly OutboxRecord[]> {
    return this.#queue.append(records, cursor);
  }

  /** Records something that was lost before it could become a record. It is told with the next commit. */
  lose(loss: Loss): void {
    this.#queue.lose(loss);
  }

  /** See {@link OutboxQueue.next}. What was recorded before the time was known comes with its time corrected. */
  next(
    limit: number,
    excluded: ReadonlyMap<number, unknown>,
    classes: readonly DataClass[] = DATA_CLASSES,
  ): OutboxRecord[] {
    return this.#queue.next(limit, excluded, classes).map((record) => retimedRecord(record, this.#eras()));
  }

  /** The time has become known: what was recorded from then to then is sent with its time corrected. */
  keepEra({ by_ms, from, to }: UntrustedEra): void {
    const count = this.remembered("eras") ?? 0;
    const slot = `era${count % ERAS_MAX}`;
    this.remember(`${slot}.from`, from);
    this.remember(`${slot}.to`, to);
    this.remember(`${slot}.by`, by_ms);
    this.remember("eras", count + 1);
    this.#knownEras = undefined;
  }

  /** See {@link OutboxQueue.acknowledge}. */
  acknowledge(runs: readonly Run[]): void {
    this.#queue.acknowledge(runs);
  }

  /** See {@link OutboxQueue.recall}. */
  recall(runs: readonly Run[]): number {
    return this.#queue.recall(runs);
  }

  stats(): OutboxStats {
    const { bytes, kept, lostSamples, records, samples } = this.#file;
    const perClass = Object.fromEntries(
      DATA_CLASSES.map((each) => [each, { records: records[each], bytes: bytes[each] }]),
    ) as OutboxStats["perClass"];
    const oldest = this.#file.oldest();
    return { records: sum(records), bytes: sum(bytes), perClass, oldest, kept, lostSamples, samples };
  }

  /** What a birth states; see the host's `Handoff/Dispute`. */
  account(): OutboxAccount {
    return this.#file.account();
  }

  /** A session begins: whatever is in the file may be sent from now on. */
  beginSending(): void {
    try {
      this.#file.beginSending();
    } catch (error) {
      // At worst the host disputes what was sent, and records are told twice.
      this.#options.onTrouble("the outbox could not note that it is being sent", error);
    }
  }

  endSending(): void {
    this.#file.endSending();
  }

  /**
   * Begins a new epoch, because the numbers of the old one are somebody else's: what waits keeps its numbers and is
   * new to the host, and a loss record says that something may be missing. Throws when the disk does not take it.
   */
  renew(): void {
    const { lossRecord, now } = this.#options;
    this.#commit();
    const at = now();
    const loss: Loss = { dataClass: "unknown", count: 0, from: at, to: at, reason: "restored" };
    this.#file.transaction(() => {
      this.#file.renew(Math.max(at, this.#file.epoch + 1));
      this.#file.insert(this.#file.encode(lossRecord(loss, at)));
    });
  }

  /** See {@link RecordFile.mustRetell}. */
  get mustRetell(): boolean {
    return this.#file.mustRetell;
  }

  /** All was told anew. */
  retold(): void {
    this.#attempt("that all was told anew", () => this.#file.retold());
  }

  /** Gives up what is older than the configured days, and tells the hub so. */
  expire(): void {
    this.#queue.expire();
  }

  /** The cursor that {@link append} kept last for a device. */
  cursor(device: string): string | undefined {
    return this.#file.cursor(device);
  }

  /** Devices whose records wait. */
  devicesWaiting(): readonly DeviceId[] {
    return this.#file.devicesWaiting();
  }

  /** Every metric this outbox has ever carried for a device. */
  metricsOf(device: string): readonly Alias[] {
    return this.#file.dictionary.metricsOf(device);
  }

  /** A small number that must survive a restart, such as the last bdSeq. */
  remembered(key: string): number | undefined {
    return this.#file.remembered(key);
  }

  /** Devices' clock offsets, kept with what they correct. */
  readonly offsets: OffsetStore = {
    read: (device) => {
      const offset_ms = this.remembered(`offset ${device}`);
      const uncertainty_ms = this.remembered(`offset uncertainty ${device}`);
      return offset_ms === undefined || uncertainty_ms === undefined
        ? undefined
        : { offset_ms, uncertainty_ms };
    },
    keep: (device, { offset_ms, uncertainty_ms }) => {
      this.remember(`offset ${device}`, Math.round(offset_ms));
      this.remember(`offset uncertainty ${device}`, Math.ceil(uncertainty_ms));
    },
  };

  /** A disk that takes nothing more is no reason to stay away from the host: only draining makes room again. */
  remember(key: string, value: number): void {
    this.#attempt(key, () => this.#file.remember(key, value));
  }

  #attempt(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onTrouble(`the outbox could not keep ${what}; it goes on without`, error);
    }
  }

  /** Commits what is waiting and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.close();
    this.#unschedule();
    this.#file.close();
  }

  #eras(): readonly UntrustedEra[] {
    if (this.#knownEras !== undefined) return this.#knownEras;
    const slots = Array.from({ length: Math.min(ERAS_MAX, this.remembered("eras") ?? 0) }, (_, slot) => slot);
    const read = (slot: number, what: string): number => this.remembered(`era${slot}.${what}`) ?? 0;
    this.#knownEras = slots.map((slot) => ({
      from: read(slot, "from"),
      to: read(slot, "to"),
      by_ms: read(slot, "by"),
    }));
    return this.#knownEras;
  }

  #schedule(when: CommitWish): void {
    if (this.#closed) return;
    if (when === "now") this.#immediate ??= setImmediate(() => this.#commit());
    else this.#timer ??= setTimeout(() => this.#commit(), when === "soon" ? GROUP_MS_MAX : COMMIT_RETRY_MS);
  }

  #unschedule(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
  }

  #commit(): void {
    this.#unschedule();
    this.#queue.commit();
  }

  #replace(error: unknown): RecordFile | undefined {
    if (!isDamage(error)) return undefined;
    this.#options.onTrouble("the outbox's file was damaged while in use", error);
    this.#file.close();
    const { file, loss } = open(this.#options);
    this.#file = file;
    if (loss !== undefined) this.#queue.lose(loss);
    return file;
  }
}

const NOTHING_KEPT: KeepLimits = { keep_ms: 0, bytesMax: 0 };

function open({ file, keep = NOTHING_KEPT, now, onTrouble }: OutboxOptions): {
  file: RecordFile;
  loss: Loss | undefined;
} {
  const { database, setAside } = openFile(file, now());
  const opened = new RecordFile(database, now, keep);
  if (setAside === undefined) return { file: opened, loss: undefined };
  onTrouble(
    `the outbox ${file} is damaged (${setAside.reason}). It was set aside as ${setAside.file} for inspection; ` +
      "what it held and was not acknowledged is not sent. A new one was begun and the loss is reported to the hub",
  );
  const at = now();
  return { file: opened, loss: { dataClass: "unknown", count: 0, from: at, to: at, reason: "corrupt" } };
}

function sum(counts: Readonly<Record<DataClass, number>>): number {
  return DATA_CLASSES.reduce((total, each) => total + counts[each], 0);
}
