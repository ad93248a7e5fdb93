/** Applies scenes: a few commands at a time, each followed to its read-back, until all are settled or somebody cancels. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { RoomItem, RoomRun } from "./api.ts";
import type { RoomStore } from "./room-store.ts";

/** More would only wait in the same serial lines and radio cells. */
const AT_ONCE_MAX = 8;
export const RUNS_AT_ONCE_MAX = 10;
/** A campus of 500 rooms with four settings each. */
export const ITEMS_MAX = 2_000;

/** Sends it and resolves when it is settled; what it could not be sent for is an outcome too. */
export type SendCommand = (
  item: RoomItem,
  run: RoomRun,
) => Promise<{ readonly state: "confirmed" | "unknown" | "refused"; readonly detail?: string }>;

export class RoomRunner {
  readonly #store: RoomStore;
  readonly #send: SendCommand;
  readonly #now: () => Timestamp;
  readonly #running = new Map<number, { run: RoomRun; cancelled: boolean; ended: Promise<void> }>();

  constructor(store: RoomStore, send: SendCommand, now: () => Timestamp) {
    this.#store = store;
    this.#send = send;
    this.#now = now;
  }

  /** Undefined when too many are under way. */
  start(run: Omit<RoomRun, "id" | "state" | "startedAt">): RoomRun | undefined {
    if (this.#running.size >= RUNS_AT_ONCE_MAX) return undefined;
    const begun = this.#store.begin({ ...run, state: "running", startedAt: this.#now() });
    const entry = { run: begun, cancelled: false, ended: Promise.resolve() };
    this.#running.set(begun.id, entry);
    entry.ended = this.#work(entry);
    return begun;
  }

  get(id: number): RoomRun | undefined {
    return this.#running.get(id)?.run ?? this.#store.run(id);
  }

  /** What is under way is settled; what was not sent stays unsent. */
  cancel(id: number): void {
    const entry = this.#running.get(id);
    if (entry !== undefined) entry.cancelled = true;
  }

  /** Resolves when the run has ended. */
  async ended(id: number): Promise<void> {
    await this.#running.get(id)?.ended;
  }

  async #work(entry: { run: RoomRun; cancelled: boolean }): Promise<void> {
    // One device's settings one after the other: a projector is not asked for two things at once.
    const byDevice = [...Map.groupBy(entry.run.items.keys(), (index) => entry.run.items[index]?.device)];
    const queue = byDevice.map(([, indexes]) => indexes);
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        for (const index of next) await this.#one(entry, index);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE_MAX }, worker));
    const state = entry.cancelled ? "cancelled" : "done";
    entry.run = { ...entry.run, state, endedAt: this.#now() };
    this.#store.save(entry.run);
    this.#running.delete(entry.run.id);
  }

  async #one(entry: { run: RoomRun; cancelled: boolean }, index: number): Promise<void> {
    const item = entry.run.items[index];
    if (item?.state !== "waiting") return;
    if (entry.cancelled) return this.#set(entry, index, { ...item, state: "cancelled" });
    this.#set(entry, index, { ...item, state: "requested" });
    const outcome = await this.#send(item, entry.run).catch((error: unknown) => ({
      state: "unknown" as const,
      detail: error instanceof Error ? error.message : String(error),
    }));
    this.#set(entry, index, { ...item, ...outcome });
    this.#store.save(entry.run);
  }

  #set(entry: { run: RoomRun }, index: number, item: RoomItem): void {
    entry.run = { ...entry.run, items: entry.run.items.with(index, item) };
  }
}
