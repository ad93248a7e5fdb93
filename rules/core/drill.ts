/**
 * A drill: alarms that begin at a place while it lasts are part of it, take the whole real road, and say so wherever they
 * are shown or told. A real alarm of that time and place is flagged, too; nothing is ever held back because of a drill.
 */
import { type AssetPath, isWithin, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Monitor } from "./monitor.ts";

/** A drill ends by itself after at most this long: a flag that was forgotten would make a real alarm look like play. */
export const DRILL_MS_MAX = 4 * 3_600_000;
/** Drills at one time. */
export const DRILLS_MAX = 20;

export interface Drill {
  readonly id: string;
  /** Alarms of devices at or below this place. */
  readonly path: AssetPath;
  /** Only of these rules; of all when absent. */
  readonly rules?: readonly string[];
  readonly from: Timestamp;
  readonly until: Timestamp;
  readonly by: string;
  /** What is practised. */
  readonly title: string;
}

export class Drills {
  #all: readonly Drill[] = [];

  restore(stored: readonly Drill[]): void {
    this.#all = stored;
  }

  save(): readonly Drill[] {
    return this.#all;
  }

  /** Answers with why not, when it cannot be. */
  declare(drill: Drill, now: Timestamp): string | undefined {
    if (!(drill.until > now) || drill.until > now + DRILL_MS_MAX)
      return `a drill needs an end that is still to come, within ${DRILL_MS_MAX} ms (four hours)`;
    const others = this.#all.filter((each) => each.id !== drill.id && each.until > now);
    if (others.length >= DRILLS_MAX) return `there are ${DRILLS_MAX} drills already; end one first`;
    this.#all = [...others, drill];
    return undefined;
  }

  /** False when there is none of this id. */
  end(id: string): boolean {
    const before = this.#all.length;
    this.#all = this.#all.filter((each) => each.id !== id);
    return this.#all.length < before;
  }

  /** The drill that an alarm which begins at `now` is part of. */
  of({ device, rule }: Monitor, now: Timestamp): Drill | undefined {
    return this.#all.find(
      ({ path, rules, from, until }) =>
        now >= from &&
        now < until &&
        isWithin(device.facts.path, path) &&
        (rules === undefined || rules.length === 0 || rules.includes(rule.id)),
    );
  }
}
