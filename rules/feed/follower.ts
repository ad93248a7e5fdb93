/**
 * Follows the journal: every entry through the core, and what comes of it into the store.
 *
 * What people must see is committed at once. Entries that change no alarm wait for company, at most
 * {@link COMMIT_MS_MAX}: nobody sees them, and a crash only reads them again.
 */
import { JournalDecoder, type JournalEntry, type ReadJournal } from "@campus-ops/broker/journal";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Effect, RefusedEffect } from "../core/effect.ts";
import type { Engine } from "../core/engine.ts";
import type { PeopleInput } from "../core/input.ts";
import type { RulesStore, StreamRow } from "../store/rules-store.ts";
import { inputsOf } from "./inputs.ts";

/** Entries in one transaction at most. */
export const BATCH_ENTRIES_MAX = 1_024;
export const COMMIT_MS_MAX = 250;

export interface FollowerOptions {
  readonly journal: ReadJournal;
  /** The one in force: rules may be exchanged between two entries. */
  readonly engine: () => Engine;
  readonly store: RulesStore;
  readonly onRows: (rows: readonly StreamRow[]) => void;
  readonly onEffects: (effects: readonly Effect[]) => void;
  /** The journal's retention has deleted entries that were never read: numbers, both included. */
  readonly onGap: (from: number, to: number) => void;
}

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

  /** Runs until `signal` aborts, then commits. Rejects when the store or the journal fails. */
  async run(signal: AbortSignal): Promise<void> {
    const { journal } = this.#options;
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
        if (either.aborted) break;
        this.#take(entries, fail);
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

  /** What a person does, ordered after everything read so far. Durable when it returns. */
  act(action: PeopleAct): RefusedEffect | undefined {
    const engine = this.#options.engine();
    const input: PeopleInput = { ...action, seq: this.seq };
    const effects = engine.step(input);
    const refused = effects.find((effect) => effect.kind === "refused");
    if (refused === undefined) this.commit(effects, input);
    return refused;
  }

  #take(entries: readonly JournalEntry[], fail: (error: unknown) => void): void {
    const engine = this.#options.engine();
    const effects: Effect[] = [];
    for (const entry of entries) {
      if (entry.seq > this.seq + 1 && this.seq > 0) this.#options.onGap(this.seq + 1, entry.seq - 1);
      const decoded = this.#decoder.decode(entry);
      if (decoded.problem !== undefined) this.unreadable += 1;
      for (const input of inputsOf(decoded)) for (const effect of engine.step(input)) effects.push(effect);
      this.seq = entry.seq;
      this.receivedAt = entry.receivedAt;
      this.entries += 1;
    }
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

  commit(effects: readonly Effect[], action?: PeopleInput): void {
    clearTimeout(this.#commitTimer);
    this.#commitTimer = undefined;
    if (effects.length === 0 && action === undefined && !this.#uncommitted) return;
    const { store, onRows, onEffects } = this.#options;
    const engine = this.#options.engine();
    const rows = store.commit({ ...engine.saveHead(), seq: this.seq }, engine.takeChanges(), effects, action);
    this.#uncommitted = false;
    onEffects(effects);
    if (rows.length > 0) onRows(rows);
  }
}
