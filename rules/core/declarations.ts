/** What people have declared about places, suppression and drills, and what follows when it begins or ends. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { Drills } from "./drill.ts";
import type { RefusalReason } from "./effect.ts";
import type { DeclarationInput } from "./input.ts";
import type { Monitor } from "./monitor.ts";
import { concerns, type Suppression, Suppressions } from "./suppression.ts";

export interface DeclarationParts {
  monitors(): Iterable<Monitor>;
  refused(reason: RefusalReason, detail: string): void;
  /** Looks at the monitor again, now. */
  evaluate(monitor: Monitor): void;
}

export class Declarations {
  readonly suppressions = new Suppressions();
  readonly drills = new Drills();
  readonly #parts: DeclarationParts;

  constructor(parts: DeclarationParts) {
    this.#parts = parts;
  }

  take(input: DeclarationInput, now: Timestamp): void {
    switch (input.kind) {
      case "suppress":
        this.#suppress(input.suppression, Math.max(now, input.receivedAt));
        return;
      case "end-suppression":
        this.#endSuppression(input.id, now);
        return;
      case "drill": {
        const detail = this.drills.declare(input.drill, Math.max(now, input.receivedAt));
        if (detail !== undefined) this.#parts.refused("invalid-request", detail);
        return;
      }
      case "end-drill":
        if (!this.drills.end(input.id)) this.#parts.refused("unknown-alarm", `there is no drill ${input.id}`);
    }
  }

  #suppress(suppression: Suppression, now: Timestamp): void {
    const detail = this.suppressions.declare(suppression, now);
    if (detail !== undefined) this.#parts.refused("invalid-request", detail);
    else for (const monitor of this.#concerned(suppression)) monitor.suppress(suppression);
  }

  #endSuppression(id: string, now: Timestamp): void {
    const ended = this.suppressions.end(id);
    if (ended === undefined) {
      this.#parts.refused("unknown-alarm", `there is no suppression ${id}`);
      return;
    }
    for (const monitor of this.#concerned(ended)) {
      if (monitor.alarm.causeId !== null) continue;
      monitor.graceUntil(now);
      this.#parts.evaluate(monitor);
    }
  }

  #concerned(suppression: Suppression): readonly Monitor[] {
    return [...this.#parts.monitors()].filter((monitor) => concerns(suppression, monitor));
  }
}
