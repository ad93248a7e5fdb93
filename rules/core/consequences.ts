/** Alarms that follow from alarms: who looks at one that has changed is looked at, and so on, until nothing changes. */
import { CONSEQUENCES_MAX } from "./engine-bounds.ts";
import type { Monitor } from "./monitor.ts";

export interface ConsequencesOptions {
  /** Those whose condition looks at this alarm. */
  readonly lookingAt: (monitor: Monitor) => readonly Monitor[];
  /** Nobody has forgotten it since. */
  readonly isThere: (monitor: Monitor) => boolean;
  readonly evaluate: (monitor: Monitor, at: number) => void;
  /** This one was next when they had gone round too often. */
  readonly failed: (monitor: Monitor, error: Error) => void;
}

export class Consequences {
  readonly #options: ConsequencesOptions;
  /** Alarms that changed since they were last followed. */
  readonly #changed = new Set<Monitor>();

  constructor(options: ConsequencesOptions) {
    this.#options = options;
  }

  of(monitor: Monitor): void {
    this.#changed.add(monitor);
  }

  follow(): void {
    if (this.#changed.size === 0) return;
    const { evaluate, failed, isThere, lookingAt } = this.#options;
    let consequences = 0;
    for (const monitor of this.#changed) {
      this.#changed.delete(monitor);
      for (const other of lookingAt(monitor)) {
        consequences += 1;
        if (consequences > CONSEQUENCES_MAX) {
          this.#changed.clear();
          failed(other, new Error("alarms that follow from alarms went round in a circle"));
          return;
        }
        if (isThere(other)) evaluate(other, Math.max(monitor.lookedAt, other.lookedAt));
      }
    }
  }
}
