/** What changed since the state was last stored. */
import type { Device } from "./device.ts";
import type { Changes } from "./engine-state.ts";
import type { Monitor } from "./monitor.ts";

export class ChangeLog {
  readonly #devices = new Set<Device>();
  #monitors: Monitor[] = [];
  #forgotten: number[] = [];

  device(device: Device): void {
    this.#devices.add(device);
  }

  /** Called for every reading of some conditions: a mark on the monitor is cheaper than a set of them. */
  monitor(monitor: Monitor): void {
    if (monitor.unsaved) return;
    monitor.unsaved = true;
    this.#monitors.push(monitor);
  }

  forget(monitor: Monitor): void {
    monitor.unsaved = false;
    this.#forgotten.push(monitor.ordinal);
  }

  take(): Changes {
    const monitors = this.#monitors.filter(({ unsaved }) => unsaved);
    for (const monitor of monitors) monitor.unsaved = false;
    const changes = { devices: [...this.#devices], monitors, forgotten: this.#forgotten };
    this.#devices.clear();
    this.#monitors = [];
    this.#forgotten = [];
    return changes;
  }
}
