/**
 * The storage medium: tables, transactions, and what a crash leaves of them. A transaction is written whole or not at
 * all; what was written is lost with the machine until it was synced, the last first. A sync is where a machine may
 * stop: before anything of it is durable, or after all of it is and nobody has heard.
 */

type Undo = () => void;

interface Transaction {
  readonly undo: Undo[];
  readonly durable: () => void;
}

/** The machine stops here: nothing after it in this turn happens. */
export class PowerCutError extends Error {
  override readonly name = "PowerCutError";
}

export class DiskFullError extends Error {
  override readonly name = "DiskFullError";
}

export interface DiskFaults {
  /** Whether the machine stops at this sync. */
  cut(): "before" | "after" | undefined;
  /** The machine has stopped. */
  onCut(): void;
}

export class SimulatedDisk {
  readonly #faults: DiskFaults;
  #open: Undo[] | undefined;
  #unsynced: Transaction[] = [];
  /** Takes nothing more. */
  isFull = false;

  constructor(faults: DiskFaults) {
    this.#faults = faults;
  }

  table<Key, Value>(): Table<Key, Value> {
    return new Table((undo) => {
      if (this.#open === undefined) throw new Error("written outside of a transaction");
      this.#open.push(undo);
    });
  }

  /** All of `work` or nothing of it; `durable` is told when it can no longer be lost. */
  transaction(work: () => void, durable: () => void = () => undefined): void {
    if (this.isFull) throw new DiskFullError("the simulated disk is full");
    const undo: Undo[] = [];
    this.#open = undo;
    try {
      work();
    } catch (error) {
      revert(undo);
      throw error;
    } finally {
      this.#open = undefined;
    }
    this.#unsynced.push({ undo, durable });
  }

  sync(): void {
    const cut = this.#faults.cut();
    if (cut !== "before") this.#settle(this.#unsynced.length);
    if (cut === undefined) return;
    this.#faults.onCut();
    throw new PowerCutError("the simulated machine stopped");
  }

  /** What was not synced is lost, but for the first `survivors` of it that had reached the disk by themselves. */
  crash(survivors: (unsynced: number) => number): void {
    this.#settle(survivors(this.#unsynced.length));
    for (const { undo } of this.#unsynced.reverse()) revert(undo);
    this.#unsynced = [];
  }

  #settle(count: number): void {
    for (const { durable } of this.#unsynced.splice(0, count)) durable();
  }
}

function revert(undo: Undo[]): void {
  for (const each of undo.reverse()) each();
}

export class Table<Key, Value> {
  #rows = new Map<Key, Value>();
  readonly #note: (undo: Undo) => void;

  constructor(note: (undo: Undo) => void) {
    this.#note = note;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: Key): Value | undefined {
    return this.#rows.get(key);
  }

  /** In the order in which they were first put. */
  values(): MapIterator<Value> {
    return this.#rows.values();
  }

  put(key: Key, value: Value): void {
    const before = this.#rows.get(key);
    this.#note(before === undefined ? () => this.#rows.delete(key) : () => this.#rows.set(key, before));
    this.#rows.set(key, value);
  }

  delete(key: Key): void {
    if (!this.#rows.has(key)) return;
    const before = [...this.#rows];
    this.#note(() => {
      this.#rows = new Map(before);
    });
    this.#rows.delete(key);
  }
}
