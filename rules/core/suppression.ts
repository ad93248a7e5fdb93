/**
 * Suppression by design that people declare (IEC 62682 clause 11.8): while the power of a building is off for repair,
 * its alarms say nothing. It names a place, a reason and an end; panic and fire take no notice of it.
 */
import { type AssetPath, isWithin, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Monitor } from "./monitor.ts";

/** A suppression ends by itself after at most this long. */
export const SUPPRESSION_MS_MAX = 7 * 24 * 3_600_000;
/** Suppressions at one time. */
export const SUPPRESSIONS_MAX = 200;

export interface Suppression {
  readonly id: string;
  /** Alarms of devices at or below this place. */
  readonly path: AssetPath;
  /** Only of these rules; of all when absent. */
  readonly rules?: readonly string[];
  readonly from: Timestamp;
  readonly until: Timestamp;
  readonly by: string;
  readonly reason: string;
}

export function concerns({ path, rules }: Suppression, { rule, device }: Monitor): boolean {
  return (
    !rule.latching &&
    isWithin(device.facts.path, path) &&
    (rules === undefined || rules.length === 0 || rules.includes(rule.id))
  );
}

/** Those that hold at `now`; the longest of several that concern one alarm. */
export class Suppressions {
  #all: readonly Suppression[] = [];

  restore(stored: readonly Suppression[]): void {
    this.#all = stored;
  }

  save(): readonly Suppression[] {
    return this.#all;
  }

  /** Answers with why not, when it cannot be. */
  declare(suppression: Suppression, now: Timestamp): string | undefined {
    const { until, reason } = suppression;
    if (reason.trim() === "") return "suppressing needs a reason";
    if (!(until > now) || until > now + SUPPRESSION_MS_MAX)
      return `suppressing needs an end that is still to come, within ${SUPPRESSION_MS_MAX} ms (seven days)`;
    const others = this.#all.filter((each) => each.id !== suppression.id && each.until > now);
    if (others.length >= SUPPRESSIONS_MAX)
      return `there are ${SUPPRESSIONS_MAX} suppressions already; end one first`;
    this.#all = [...others, suppression];
    return undefined;
  }

  /** Answers with what ended, or undefined when there is none of this id. */
  end(id: string): Suppression | undefined {
    const ended = this.#all.find((each) => each.id === id);
    this.#all = this.#all.filter((each) => each !== ended);
    return ended;
  }

  of(monitor: Monitor, now: Timestamp): Suppression | undefined {
    let longest: Suppression | undefined;
    for (const each of this.#all) {
      if (each.until > now && concerns(each, monitor) && each.until > (longest?.until ?? 0)) longest = each;
    }
    return longest;
  }
}
