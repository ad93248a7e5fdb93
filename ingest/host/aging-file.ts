/** The time by which the hub judges what is too old, over restarts. */
import { readFileSync, writeFileSync } from "node:fs";
import { AgingClock, type Timestamp } from "@campus-ops/device-profiles/vocabulary";

export interface MachineClock {
  readonly now: () => Timestamp;
  /** Never steps back. */
  readonly uptime_ms: () => number;
}

/** Nothing is deleted for its age faster than time really passes; see {@link AgingClock}. */
export class AgingFile {
  readonly #path: string;
  readonly #machine: MachineClock;
  readonly #clock: AgingClock;

  constructor(path: string, machine: MachineClock) {
    this.#path = path;
    this.#machine = machine;
    this.#clock = new AgingClock(reached(path));
    this.now();
  }

  now(): Timestamp {
    return Math.floor(this.#clock.at(this.#machine.now(), this.#machine.uptime_ms()));
  }

  /** Without it a restart believes the wall clock; throws when the disk does not take it. */
  save(): void {
    writeFileSync(this.#path, `${this.now()}\n`, { mode: 0o600 });
  }
}

function reached(path: string): Timestamp | undefined {
  try {
    const time = Number(readFileSync(path, "utf8"));
    return Number.isSafeInteger(time) && time > 0 ? time : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
