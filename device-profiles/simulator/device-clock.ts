/** The clock of a simulated device, right or wrong. */
import type { SimulatedFault } from "./simulated-device.ts";

export const CLOCK_FAULTS = ["clock-1970", "clock-ahead"] as const satisfies readonly SimulatedFault[];

const AHEAD_ms = 8 * 3_600_000;

export class DeviceClock {
  readonly #now: () => number;
  /** The device's clock minus the right time. */
  offset_ms = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  now(): number {
    return Math.floor(this.#now() + this.offset_ms);
  }

  fault(fault: SimulatedFault | null): void {
    if (fault === "clock-1970") this.offset_ms = -this.#now();
    else if (fault === "clock-ahead") this.offset_ms = AHEAD_ms;
    else if (fault === null) this.offset_ms = 0;
  }
}
