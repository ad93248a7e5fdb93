/**
 * Follows the journal: every entry through the core, and what comes of it into the store.
 *
 * What people must see is committed at once. Entries that change no alarm wait for company, at most
 * {@link COMMIT_MS_MAX}: nobody sees them, and a crash only reads them again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  discontinuityText,
  findDiscontinuity,
  JournalDecoder,
  type JournalEntry,
  type ReadJournal,
} from "@campus-ops/broker/journal";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { OperatorError } from "@campus-ops/service";
import type { Effect, RefusedEffect } from "../core/effect.ts";
import type { Engine } from "../core/engine.ts";
import type { PeopleInput } from "../core/input.ts";
import type { AlarmReplica } from "../core/replica/alarm-replica.ts";
import type { AlarmBook, BookChanges } from "../core/replica/book.ts";
import { carryOver } from "../core/replica/carry.ts";
import { StoreFullError } from "../store/database.ts";
import type { RulesStore, StreamRow } from "../store/rules-store.ts";
import { inputsOf } from "./inputs.ts";

/** Entries in one transaction at most. */
export const BATCH_ENTRIES_MAX = 1_024;
export const COMMIT_MS_MAX = 250;
/** How often a full disk is tried again. */
export const FULL_RETRY_MS = 1_000;

export interface FollowerOptions {
  readonly journal: ReadJournal;
  /** The one in force: rules may be exchanged between two entries. */
  readonly engine: () => Engine;
  readonly store: RulesStore;
  /** What this hub and others know of alarms; absent where nobody asks. */
  readonly book?: AlarmBook;
  /** Facts of alarms were committed. */
  readonly onFacts?: () => void;
  readonly onRows: (rows: readonly StreamRow[]) => void;
  readonly onEffects: (effects: readonly Effect[]) => void;
  /** The journal's retention has deleted entries that were never read: numbers, both included. */
  readonly onGap: (from: number, to: number) => void;
  /** The store's disk is full: nothing is read on until it has room, and what is not kept is shown to nobody. */
  readonly onFull?: (error: StoreFullError) => void;
  readonly onRoom?: () => void;
  /** Nothing more is read until it resolves. */
  readonly room?: () => Promise<void>;
  /** After entries were taken: when something falls due next, and the time by the journal. */
  readonly onDue?: (due: Timestamp, now: Timestamp) => void;
  /** Everything up to this entry was taken, and what came of it is kept. */
  readonly onTaken?: (seq: number) => void;
}

/** What one transaction keeps. */
type Batch = Parameters<RulesStore["commit"]>;

/** What a person does, before it has its place in the order of things. */
export type PeopleAct = PeopleInput extends infer Each
  ? Each extends PeopleInput
    ? Omit<Each, "seq">
    : never
  : never;

export class Follower {
  readonly #options: FollowerOptions;
  readonly #decoder = new JournalDecoder();
  #commitTimer: NodeJS.Timeout | undefined;
  #uncommitted = false;
  #behind = false;
  /** What a full disk has not taken yet. The core has gone on to it, and no further. */
  #held: Batch | undefined;
  /** The newest entry that was taken. */
  seq: number;
  receivedAt: Timestamp;
  entries = 0;
  /** Entries whose payload could not be read. */
  unreadable = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.seq = options.engine().seq;
    this.receivedAt = options.engine().now;
  }

  /** The journal has had more than one batch to read at once. */
  get isBehind(): boolean {
    return this.#behind;
  }

  /** The store's disk is full. */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /** Throws {@link OperatorError} when what was read so far is not of this journal. */
  async refuseAnotherJournal(): Promise<void> {
    const read = { seq: this.seq, receivedAt: this.receivedAt };
    const found = await findDiscontinuity(this.#options.journal, read);
    if (found === undefined) return;
    const lost = "; what people did to alarms is in it alone";
    throw new OperatorError(discontinuityText(read, found, { file: "rules.sqlite", lost }));
  }

  /** Runs until `signal` aborts, then commits. Rejects when the store or the journal fails, or is another one. */
  async run(signal: AbortSignal): Promise<void> {
    const { journal } = this.#options;
    await this.refuseAnotherJournal();
    this.#decoder.prime(await journal.births(this.seq));
    let failed: unknown;
    const failing = new AbortController();
    const either = AbortSignal.any([signal, failing.signal]);
    const fail = (error: unknown): void => {
      failed = error;
      failing.abort();
    };
    try {
      while (!either.aborted) {
        const entries = await journal.read(this.seq, BATCH_ENTRIES_MAX);
        this.#behind = entries.length === BATCH_ENTRIES_MAX;
        await this.#untilKept(either);
        if (either.aborted) break;
        this.#take(entries, fail);
        await this.#untilKept(either);
        if (entries.length > 0) this.#options.onTaken?.(this.seq);
        await this.#options.room?.();
        if (entries.length === 0) await journal.waitFor(this.seq, either);
        // People ask and watch while a backlog is worked through.
        else await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      // A journal that was away and is asked no more is no failure.
      if (!signal.aborted) throw error;
    }
    if (failed !== undefined) throw failed;
    this.commit([]);
  }

  /**
   * What a person does, ordered after everything read so far. Durable when it returns. Throws {@link StoreFullError} when
   * the disk is full; then nothing was done, or it is done as soon as there is room.
   */
  act(action: PeopleAct): RefusedEffect | undefined {
    if (this.#held !== undefined) throw new StoreFullError("the disk is full; nothing was done");
    const { book } = this.#options;
    const input: PeopleInput = { ...action, seq: this.seq };
    const told = input.kind === "action" && book?.isTold(input.alarm) === true ? input : undefined;
    const effects = told === undefined ? this.#options.engine().step(input) : (book?.act(told) ?? []);
    const refused = effects.find((effect) => effect.kind === "refused");
    if (refused !== undefined) return refused;
    if (told === undefined) book?.observe(effects);
    this.commit(effects, told === undefined ? [input] : []);
    if (this.isHeld) throw new StoreFullError("the disk is full; it will be done when there is room");
    return undefined;
  }

  /**
   * What was done to an alarm on another hub. False where the alarm is unknown. Durable when it returns; throws as
   * {@link act} does.
   */
  hear(said: AlarmReplica, receivedAt: Timestamp): boolean {
    if (this.#held !== undefined) throw new StoreFullError("the disk is full; nothing was done");
    const { book, engine } = this.#options;
    const carried = book === undefined ? undefined : carryOver(engine(), book, said, this.seq, receivedAt);
    if (carried === undefined) return false;
    const { actions, effects } = carried;
    this.commit(effects, actions, true);
    if (this.isHeld) throw new StoreFullError("the disk is full; it will be done when there is room");
    return true;
  }

  #take(entries: readonly JournalEntry[], fail: (error: unknown) => void): void {
    const { book } = this.#options;
    const engine = this.#options.engine();
    const effects: Effect[] = [];
    for (const entry of entries) {
      if (entry.seq > this.seq + 1 && this.seq > 0) this.#options.onGap(this.seq + 1, entry.seq - 1);
      const decoded = this.#decoder.decode(entry);
      if (decoded.problem !== undefined) this.unreadable += 1;
      for (const input of inputsOf(decoded)) {
        const own = engine.step(input);
        book?.observe(own);
        for (const effect of own) effects.push(effect);
        for (const effect of book?.take(input, entry.seq) ?? []) effects.push(effect);
      }
      this.seq = entry.seq;
      this.receivedAt = entry.receivedAt;
      this.entries += 1;
    }
    if (entries.length > 0) this.#options.onDue?.(engine.nextDue, engine.now);
    if (effects.length > 0 || entries.length === BATCH_ENTRIES_MAX) {
      this.commit(effects);
    } else if (entries.length > 0) {
      this.#uncommitted = true;
      this.#commitTimer ??= setTimeout(() => {
        try {
          this.commit([]);
        } catch (error) {
          fail(error);
        }
      }, COMMIT_MS_MAX);
    }
  }

  /** `anyway`: though nothing has been seen to move. */
  commit(effects: readonly Effect[], actions: readonly PeopleInput[] = [], anyway = false): void {
    clearTimeout(this.#commitTimer);
    this.#commitTimer = undefined;
    // What is held comes first, and nothing has been taken since.
    if (this.#held !== undefined) return;
    if (effects.length === 0 && actions.length === 0 && !this.#uncommitted && !anyway) return;
    const engine = this.#options.engine();
    this.#uncommitted = false;
    const head = { ...engine.saveHead(), seq: this.seq };
    const book: BookChanges | undefined = this.#options.book?.takeChanges();
    this.#keep([head, engine.takeChanges(), effects, actions, book]);
  }

  #keep(batch: Batch): void {
    const { store, onEffects, onFacts, onFull, onRows } = this.#options;
    let rows: readonly StreamRow[];
    try {
      rows = store.commit(...batch);
    } catch (error) {
      if (!(error instanceof StoreFullError)) throw error;
      if (this.#held === undefined) onFull?.(error);
      this.#held = batch;
      return;
    }
    this.#held = undefined;
    const [, , effects, , book] = batch;
    onEffects(effects);
    if (book !== undefined && book.entries.size > 0) onFacts?.();
    if (rows.length > 0) onRows(rows);
  }

  async #untilKept(signal: AbortSignal): Promise<void> {
    while (this.#held !== undefined && !signal.aborted) {
      await sleep(FULL_RETRY_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      this.#keep(this.#held);
      if (!this.isHeld) this.#options.onRoom?.();
    }
  }
}
