/** What every part of one simulated world shares, and which pieces it is put together from. */
import type { ReceivedRanges } from "@campus-ops/broker/journal";
import type { HandoffQueue } from "@campus-ops/edge-agent/core/handoff";
import type { RecordMedium } from "@campus-ops/edge-agent/core/outbox-queue";
import type { EncodedRecord } from "@campus-ops/edge-agent/core/record";
import type { KnowRanges } from "@campus-ops/ingest/core/admission";
import type { IntakeJournal } from "@campus-ops/ingest/core/intake";
import type { SimulatedBroker } from "./broker.ts";
import { type DiskFaults, SimulatedDisk } from "./disk.ts";
import type { Observer } from "./invariants.ts";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";

/** Where a planted bug goes in; by default everything is as it is. */
export interface Pieces {
  /** The number after a restart, from the one that was stored and the highest that still waits. */
  nextNumber(stored: number, highestWaiting: number): number;
  medium(file: RecordMedium<EncodedRecord>, bytesMax: number): RecordMedium<EncodedRecord>;
  drainFrom(queue: HandoffQueue): HandoffQueue;
  received(ranges: ReceivedRanges): KnowRanges;
  journal(journal: IntakeJournal): IntakeJournal;
  /** Makes a projection's output and its checkpoint durable. */
  commit(disk: SimulatedDisk, output: () => void, checkpoint: () => void): void;
}

export const REAL_PIECES: Pieces = {
  nextNumber: (stored) => stored,
  medium: (file) => file,
  drainFrom: (queue) => queue,
  received: (ranges) => ranges,
  journal: (journal) => journal,
  commit: (disk, output, checkpoint) => {
    disk.transaction(() => {
      output();
      checkpoint();
    });
    disk.sync();
  },
};

/** The wall clock when the simulation begins. */
export const WALL_BEGIN = Date.UTC(2026, 8, 7);

export interface World {
  readonly schedule: Schedule;
  readonly broker: SimulatedBroker;
  readonly observer: Observer;
  readonly pieces: Pieces;
  readonly trace: (who: string, what: () => string) => void;
}

/** A machine that can stop at any moment and comes back: its disks stay, its memory does not. */
export abstract class Machine {
  readonly name: string;
  protected readonly world: World;
  protected readonly random: Random;
  readonly #disks: SimulatedDisk[] = [];
  /** Counts lives; what an earlier one had planned does not happen. */
  #life = 0;
  #isRunning = false;
  /** Faults are over: it no longer stops by itself. */
  isSafe = false;
  /** Probability that a sync is the machine's last. */
  cutChance = 0;
  /** How far its wall clock is off. */
  clockOffset_ms = 0;

  constructor(world: World, name: string, random: Random) {
    this.world = world;
    this.name = name;
    this.random = random;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get wall(): number {
    return WALL_BEGIN + this.world.schedule.now_ms + this.clockOffset_ms;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#life += 1;
    this.#isRunning = true;
    this.world.trace(this.name, () => "starts");
    this.boot();
  }

  /** Stops as if its power were cut, and comes back after a while. */
  crash(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.world.trace(this.name, () => "stops without warning");
    for (const disk of this.#disks) disk.crash((unsynced) => this.random.between(0, unsynced));
    this.died();
    this.world.schedule.after(this.random.between(200, 8_000), () => this.start());
  }

  /** Every disk that it will ever have is made once, before it starts. */
  protected disk(): SimulatedDisk {
    const faults: DiskFaults = {
      cut: () => {
        if (this.isSafe || !this.random.chance(this.cutChance)) return undefined;
        return this.random.chance(0.5) ? "before" : "after";
      },
      onCut: () => this.crash(),
    };
    const disk = new SimulatedDisk(faults);
    this.#disks.push(disk);
    return disk;
  }

  /** Happens only if the machine has not stopped meanwhile. */
  protected after(delay_ms: number, work: () => void): void {
    const life = this.#life;
    this.world.schedule.after(Math.round(delay_ms), () => {
      if (this.#isRunning && life === this.#life) work();
    });
  }

  protected every(interval_ms: number, work: () => void): void {
    this.after(interval_ms, () => {
      work();
      this.every(interval_ms, work);
    });
  }

  protected abstract boot(): void;
  protected abstract died(): void;
}
