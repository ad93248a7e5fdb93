/** A standard as data: what it asks for, where it says so, and what would show that it is met. */
import type { DeviceClass, LocalText, MetricName } from "@campus-ops/device-profiles/vocabulary";

export interface StandardPack {
  readonly id: string;
  readonly title: LocalText;
  readonly source: LocalText;
  /** Points of the whole standard, those that no platform can measure included; 0 where it gives none. */
  readonly total: number;
  /** Months after which it is to be examined again; what a person declared counts no longer than that. */
  readonly examinedEvery: number;
  /** Numbers of the campus that thresholds depend on, which only a person can state. */
  readonly facts: Readonly<Record<string, LocalText>>;
  readonly items: readonly StandardItem[];
}

export interface StandardItem {
  readonly id: string;
  readonly title: LocalText;
  readonly clause: string;
  readonly level: "must" | "should";
  readonly points: number;
  /** Where this is not met, nothing else counts. */
  readonly veto: boolean;
  /** All of them have to be met. */
  readonly checks: readonly StandardCheck[];
}

export interface StandardCheck {
  readonly id: string;
  readonly title: LocalText;
  readonly query: EvidenceQuery;
  readonly threshold: Threshold;
}

export interface Threshold {
  /** In the unit of the query. */
  readonly atLeast: number;
  /** From so many of a fact on it is `to`, and one more for every further `every`. */
  readonly rises?: {
    readonly with: string;
    readonly from: number;
    readonly to: number;
    readonly every: number;
  };
}

/** One key each. */
export interface EvidenceQuery {
  /** Share of the registered devices that are in working order, 0…1; all classes unless said. */
  readonly intact?: { readonly class?: readonly DeviceClass[] };
  /** Class-hours used ÷ class-hours there were, of one kind of special room. Without a record it is not met. */
  readonly utilisation?: { readonly room: string };
  /**
   * The least that any device tells now. A device of the classes `of` that tells nothing is unknown; where fewer tell
   * than there are devices of the classes `covers`, the rest is.
   */
  readonly least?: {
    readonly metrics: readonly MetricName[];
    readonly of: readonly DeviceClass[];
    readonly covers?: readonly DeviceClass[];
  };
  /** Mean over the range. */
  readonly mean?: { readonly metric: MetricName };
  /** Share of the classes the link of whose room carries so many Mbit/s now, 0…1. */
  readonly classLinks?: { readonly atLeast: number };
  /** The fewest of these events on a day of the range, at the point (`field`) that had the fewest. */
  readonly daily?: { readonly event: string; readonly field: string };
  /** Working devices. */
  readonly present?: { readonly class: readonly DeviceClass[] };
  /** Share of the devices for which the rule's alarm rang within the range, in drills too. */
  readonly tested?: { readonly class: readonly DeviceClass[]; readonly rule: string };
  /** Days for which the hub keeps a class of records. */
  readonly retained?: { readonly what: string };
  /** Only a person can state it: a number, or yes (1) or no (0). */
  readonly declared?: { readonly kind: "number" | "yes" };
}

/** What a check of this pack, or a number of the campus, can be declared under. */
export function declarable(pack: StandardPack): ReadonlyMap<string, "number" | "yes"> {
  return new Map([
    ...Object.keys(pack.facts).map((fact) => [fact, "number"] as const),
    ...pack.items.flatMap(({ checks }) =>
      checks.flatMap(({ id, query }) =>
        query.declared === undefined ? [] : [[id, query.declared.kind] as const],
      ),
    ),
  ]);
}
