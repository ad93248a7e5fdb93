/**
 * What the outbox decides: what shares a commit, what is told together with it, what gives way, what is sent next.
 * Where the records lie is the medium's business, and when a commit is made the caller's.
 *
 * A record is durable from the moment {@link OutboxQueue.append} resolves until the host has said that its journal holds
 * it. Numbers are given in the same transaction as the records they belong to: none is ever used twice, and none is
 * skipped. So are losses told: what gives way and the record that says so are one transaction.
 */
import type { Run } from "@campus-ops/broker/sparkplug";
import {
  DATA_CLASSES,
  type DataClass,
  dataClassRank,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { LOSS_CLASS, lossesIn } from "./loss-record.ts";
import { addLoss, type Loss, type Usage, whoGivesWay } from "./outbox-policy.ts";
import type { DeviceCursor, EncodedRecord, NewRecord, OutboxRecord, StoredRow } from "./record.ts";

/** Records waiting for a commit; beyond it (the disk refuses to write) the least precious give way, and are counted. */
export const WAITING_RECORDS_MAX = 20_000;
/** Event times further back than this come from a clock that was never set; they say nothing about age. */
const CREDIBLE_AGE_MS_MAX = 10 * 365 * 86_400_000;
const DAY_MS = 86_400_000;

/** The outbox's file while it is open. Everything but reading happens inside {@link RecordMedium.transaction}. */
export interface RecordMedium<Encoded extends EncodedRecord> {
  readonly epoch: number;
  /** Records waiting, and their bytes with all overhead. */
  readonly records: Usage;
  readonly bytes: Usage;
  /** All of `work` or nothing of it, on the disk when this returns. Throws when it is not. */
  transaction(work: () => void): void;
  /** Throws when the record cannot be stored. */
  encode(record: NewRecord): Encoded;
  /** Gives the record its numbers. */
  insert(encoded: Encoded): OutboxRecord;
  /** The host holds this record: it waits no more. Does nothing when there is no such record. */
  settle(first: number, last: number): void;
  /** Has settled records that are still kept wait again, under their numbers; how many there were. */
  recall(runs: readonly Run[]): number;
  /** Deletes records of a class whose samples are lost with them, and counts those. */
  giveUp(dataClass: DataClass, rows: readonly StoredRow[]): void;
  /** Samples lost before they were in the file. */
  countLost(samples: number): void;
  keepCursor(cursor: DeviceCursor): void;
  /** The records of a class, the oldest first; `read` throws when a record's bytes make no sense. */
  inOrder(dataClass: DataClass): Iterable<StoredRow & { read(): OutboxRecord }>;
}

/** now: before anything else · soon: when others have had a moment to join · retry: when the disk has had time to recover. */
export type CommitWish = "now" | "soon" | "retry";

export interface OutboxQueueOptions<Encoded extends EncodedRecord> {
  readonly medium: RecordMedium<Encoded>;
  readonly bytesMax: number;
  readonly daysMax: number;
  readonly now: () => Timestamp;
  /** The time by which age limits are judged; `now` unless given. */
  readonly ageNow?: () => Timestamp;
  /** Turns a loss into the record that tells the hub of it. */
  readonly lossRecord: (loss: Loss, at: Timestamp) => NewRecord;
  /** {@link OutboxQueue.commit} is to be called then. A wish stands until it is called; a repeated one changes nothing. */
  readonly wish: (when: CommitWish) => void;
  /** After a failed transaction: the medium to go on with when the old one is damaged, which then holds nothing. */
  readonly replace: (error: unknown) => RecordMedium<Encoded> | undefined;
  readonly onTrouble: (message: string, error?: unknown) => void;
}

/** What an append rejects with when the record was given up before it became durable. The loss is recorded. */
export class RecordGivenUpError extends Error {
  override readonly name = "RecordGivenUpError";
}

interface Waiting<Encoded> {
  readonly encoded: readonly Encoded[];
  readonly cursor: DeviceCursor | undefined;
  readonly resolve: (records: readonly OutboxRecord[]) => void;
  readonly reject: (error: Error) => void;
}

export class OutboxQueue<Encoded extends EncodedRecord> {
  readonly #options: OutboxQueueOptions<Encoded>;
  #medium: RecordMedium<Encoded>;
  #waiting: Waiting<Encoded>[] = [];
  #waitingRecords = 0;
  /** Not yet told. */
  #losses: readonly Loss[] = [];
  /** Acknowledged and not yet deleted: first number → last. */
  #acknowledged = new Map<number, number>();
  /** The last commit failed, and the next attempt waits. */
  #failing = false;
  #closed = false;
  #commits = 0;

  constructor(options: OutboxQueueOptions<Encoded>) {
    this.#options = options;
    this.#medium = options.medium;
  }

  /** Milliseconds since the Unix epoch when the file was begun; part of every record's identity. */
  get epoch(): number {
    return this.#medium.epoch;
  }

  /** Commits made so far. */
  get commits(): number {
    return this.#commits;
  }

  /** Records neither acknowledged nor given up. */
  get recordCount(): number {
    const { records } = this.#medium;
    return DATA_CLASSES.reduce((total, each) => total + records[each], 0) - this.#acknowledged.size;
  }

  /**
   * Takes what one look at a device brought, all of it in one transaction, and resolves once that is on the disk.
   * Rejects with {@link RecordGivenUpError} when it had to give way first; a loss record then stands in its place.
   */
  append(records: readonly NewRecord[], cursor?: DeviceCursor): Promise<readonly OutboxRecord[]> {
    if (this.#closed) return Promise.reject(new Error("the outbox is closed"));
    return new Promise((resolve, reject) => {
      // Encoded here, so that a record that cannot be encoded is refused alone and its group does not suffer.
      const encoded = records.map((record) => this.#medium.encode(record));
      this.#waiting.push({ encoded, cursor, resolve, reject });
      this.#waitingRecords += records.length;
      while (this.#waitingRecords > WAITING_RECORDS_MAX && this.#waiting.length > 1) this.#shed();
      // After a failure the retry decides: a disk that refuses is not asked again for every record.
      this.#options.wish(records.some(isUrgent) && !this.#failing ? "now" : "soon");
    });
  }

  /** Records something that was lost before it could become a record. It is told with the next commit. */
  lose(loss: Loss): void {
    if (this.#closed) return;
    this.#losses = addLoss(this.#losses, loss);
    this.#options.wish("soon");
  }

  /** The most precious and, within a class, the oldest first; leaves out records whose first number is excluded. */
  next(
    limit: number,
    excluded: ReadonlyMap<number, unknown>,
    classes: readonly DataClass[] = DATA_CLASSES,
  ): OutboxRecord[] {
    const found: OutboxRecord[] = [];
    for (const dataClass of classes) {
      for (const row of this.#medium.inOrder(dataClass)) {
        if (found.length >= limit) return found;
        if (excluded.has(row.first) || this.#acknowledged.has(row.first)) continue;
        const record = this.#readable(dataClass, row);
        if (record !== undefined) found.push(record);
      }
    }
    return found;
  }

  /**
   * Deletes what the host holds, with the next commit. Until then a crash brings it back and it is sent again under the
   * same numbers. Runs that are not records of this outbox are ignored.
   */
  acknowledge(runs: readonly Run[]): void {
    if (this.#closed || runs.length === 0) return;
    for (const { first, last } of runs) this.#acknowledged.set(first, last);
    this.#options.wish("soon");
  }

  /**
   * The host has lost what it had confirmed in these runs: what is still kept of it waits again. How many records that
   * is; none when the disk does not take it.
   */
  recall(runs: readonly Run[]): number {
    if (this.#closed) return 0;
    // What was confirmed a moment ago is kept only from then on.
    this.commit();
    let count = 0;
    try {
      this.#medium.transaction(() => {
        count = this.#medium.recall(runs);
      });
      return count;
    } catch (error) {
      this.#options.onTrouble(
        "the outbox could not give back what the hub has lost; it is asked again",
        error,
      );
      return 0;
    }
  }

  /** Gives up what is older than the configured days, and tells the hub so. */
  expire(): void {
    if (this.#closed) return;
    const { ageNow, now: wall } = this.#options;
    const now = (ageNow ?? wall)();
    const before = now - this.#options.daysMax * DAY_MS;
    const tooOld = ({ from }: StoredRow): boolean => from < before && from > now - CREDIBLE_AGE_MS_MAX;
    try {
      this.#medium.transaction(() => {
        let losses = this.#losses;
        for (const dataClass of DATA_CLASSES) losses = this.#giveUp(losses, dataClass, "age", tooOld);
        this.#tell(losses);
      });
      this.#losses = [];
    } catch (error) {
      this.#options.onTrouble("the outbox could not give up what is too old; it tries again later", error);
    }
  }

  /** Everything that waits, in one transaction. After a failure it all waits on, in order. */
  commit(): void {
    const group = this.#waiting;
    const idle = group.length === 0 && this.#losses.length === 0 && this.#acknowledged.size === 0;
    if (this.#closed || idle) return;
    const medium = this.#medium;
    let records: readonly (readonly OutboxRecord[])[] = [];
    try {
      medium.transaction(() => {
        records = group.map(({ encoded }) => encoded.map((each) => medium.insert(each)));
        for (const [first, last] of this.#acknowledged) medium.settle(first, last);
        for (const { cursor } of group) if (cursor !== undefined) medium.keepCursor(cursor);
        for (const { count } of this.#losses) medium.countLost(count);
        this.#tell(this.#makeRoom(this.#losses));
      });
    } catch (error) {
      this.#afterFailure(error);
      return;
    }
    this.#failing = false;
    this.#waiting = [];
    this.#waitingRecords = 0;
    this.#losses = [];
    this.#acknowledged.clear();
    this.#commits += 1;
    for (const [index, { resolve }] of group.entries()) resolve(records[index] ?? []);
  }

  /** Commits what waits; whatever then still waits is refused. The medium may be closed afterwards. */
  close(): void {
    if (this.#closed) return;
    this.commit();
    this.#closed = true;
    const lost = new RecordGivenUpError("the outbox was closed before the disk took the record");
    for (const { reject } of this.#waiting) reject(lost);
  }

  #afterFailure(error: unknown): void {
    const { onTrouble, replace, wish } = this.#options;
    const replacement = replace(error);
    if (replacement === undefined) {
      const waiting = `${this.#waitingRecords} records wait in memory and it tries again`;
      onTrouble(`the outbox cannot write; ${waiting}. Is the disk full?`, error);
    } else {
      this.#acknowledged.clear();
      this.#medium = replacement;
      // The new file has a new dictionary.
      this.#waiting = this.#waiting.map((each) => ({
        ...each,
        encoded: each.encoded.map(({ record }) => replacement.encode(record)),
      }));
    }
    this.#failing = true;
    wish("retry");
  }

  /** Too many wait for a disk that does not write: the least precious of them goes, and is counted. */
  #shed(): void {
    const best = ({ encoded }: Waiting<Encoded>): number =>
      Math.min(...encoded.map(({ record }) => dataClassRank(record.dataClass)));
    const worst = Math.max(...this.#waiting.map(best).filter(Number.isFinite));
    const index = this.#waiting.findIndex((each) => best(each) === worst);
    const [given] = this.#waiting.splice(Math.max(0, index), 1);
    if (given === undefined) return;
    this.#waitingRecords -= given.encoded.length;
    for (const { record, from, to } of given.encoded) {
      const { dataClass, metrics } = record;
      this.#losses = addLoss(this.#losses, { dataClass, count: metrics.length, from, to, reason: "disk" });
    }
    given.reject(new RecordGivenUpError("too many records were waiting for the disk"));
  }

  /** Back within the budget; returns `losses` and what that costs. */
  #makeRoom(losses: readonly Loss[]): readonly Loss[] {
    let all = losses;
    for (;;) {
      const way = whoGivesWay(this.#medium.bytes, this.#options.bytesMax);
      if (way === undefined) return all;
      let freed = 0;
      all = this.#giveUp(all, way.dataClass, "budget", ({ bytes }) => {
        const more = freed < way.bytes;
        if (more) freed += bytes;
        return more;
      });
    }
  }

  /** The oldest of a class, for as long as `goes` says so; returns `losses` and what that costs. */
  #giveUp(
    losses: readonly Loss[],
    dataClass: DataClass,
    reason: Loss["reason"],
    goes: (row: StoredRow) => boolean,
  ): readonly Loss[] {
    let all = losses;
    const going: StoredRow[] = [];
    for (const { read, ...row } of this.#medium.inOrder(dataClass)) {
      if (!goes(row)) break;
      const { first, from, last, to } = row;
      going.push(row);
      all = addLoss(all, { dataClass, count: last - first + 1, from, to, reason });
      // What an older loss record told of is told again, in the name of the record that goes.
      if (dataClass === LOSS_CLASS) for (const told of readLosses(read)) all = addLoss(all, told);
    }
    this.#medium.giveUp(dataClass, going);
    return all;
  }

  /** Loss records join the transaction of the loss. */
  #tell(losses: readonly Loss[]): void {
    const { lossRecord, now } = this.#options;
    for (const loss of losses) this.#medium.insert(this.#medium.encode(lossRecord(loss, now())));
  }

  /** A record whose bytes make no sense must not stop the queue: it goes, and is counted as lost. */
  #readable(dataClass: DataClass, row: StoredRow & { read(): OutboxRecord }): OutboxRecord | undefined {
    try {
      return row.read();
    } catch (error) {
      const { first, from, last, to } = row;
      const count = last - first + 1;
      this.#options.onTrouble(
        `record ${first} of the outbox cannot be read; its ${count} samples are lost`,
        error,
      );
      this.acknowledge([{ first, last }]);
      this.lose({ dataClass, count, from, to, reason: "corrupt" });
      return undefined;
    }
  }
}

function isUrgent({ dataClass }: NewRecord): boolean {
  return dataClass === "alarm" || dataClass === "access";
}

/** A record whose bytes make no sense tells of nothing. */
function readLosses(read: () => OutboxRecord): readonly Loss[] {
  try {
    return lossesIn(read());
  } catch {
    return [];
  }
}
