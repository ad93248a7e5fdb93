/**
 * A condition, bound to one device and instance. It keeps what it must remember between inputs and can hand that over
 * as JSON, so that it goes on elsewhere as if nothing had happened.
 *
 * Three values: a reading of bad quality, or a device that nobody can see, makes a condition unknown. Unknown is never
 * false: it neither raises an alarm nor ends one.
 */
import type { LocalText, MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmState, EvidenceSample } from "../../api.ts";
import type { Calendar } from "../calendar.ts";
import type { Device, Series } from "../device.ts";
import type { EventInput, Scalar } from "../input.ts";
import type { Route } from "../route.ts";
import type { Nearness } from "../rule.ts";

export type Verdict = boolean | "unknown";

/** What a condition is bound to. */
export interface Subject {
  readonly device: Device;
  readonly instance: string | undefined;
  /** Of an instance that is expected: since when it has been watched, heard of or not. */
  readonly expectedSince?: Timestamp;
  readonly calendar: Calendar;
  /** Where the device is to be, if that is declared. */
  readonly route?: Route;
  /** False while the device or its edge box is away: then nobody knows. */
  readonly reachable: () => boolean;
  /** False while its edge box is away. */
  readonly nodeOnline: () => boolean;
  /** When its edge box came or went. */
  readonly nodeSince: () => Timestamp;
  /** The devices near by, itself included where it is of those classes. */
  readonly peers: (near: Nearness) => readonly Device[];
  /** Alarms of these rules at the devices near by that have been raised once. */
  readonly alarms: (rules: readonly string[], near: Nearness) => readonly OtherAlarm[];
}

/** What one alarm's condition sees of another. */
export interface OtherAlarm {
  readonly active: boolean;
  readonly state: AlarmState;
  readonly title: LocalText;
  readonly device: LocalText;
  readonly evidence: readonly EvidenceSample[];
}

export type Memory =
  | null
  | boolean
  | number
  | string
  | readonly Memory[]
  | { readonly [key: string]: Memory };

/** A decoded event with its place in time: `at` is its event time, or the time of receipt where that is not to be trusted. */
export interface PlacedEvent {
  readonly event: EventInput;
  readonly at: Timestamp;
  readonly seq: number;
}

export interface BoundCondition {
  /** A reading that says the same as the one before is news too. */
  readonly everyReading?: true;
  /** A watched series has just taken a new value, at event time `at`. */
  sample(series: Series, at: Timestamp): void;
  event(placed: PlacedEvent): void;
  /** The same of a device near by. */
  peerSample?(device: Device, series: Series, at: Timestamp): void;
  peerEvent?(device: Device, placed: PlacedEvent): void;
  /** An event so old that it raises nothing by itself; it may still end what its absence had raised. */
  backfill?(placed: PlacedEvent): void;
  /** Would such an old event, had it come in time, have counted for anything? Unless this says no, it would. */
  lateEvent?(placed: PlacedEvent): boolean;
  verdict(at: Timestamp): Verdict;
  /** False where the device has nothing that it looks at, by its birth or by what is declared of it. */
  applies?(): boolean;
  /** Certainly not true now, and nothing but a new input can make it so: there is nothing to look at. */
  rests?(at: Timestamp): boolean;
  /** The next moment after `at` at which the verdict may change although nothing arrives. */
  due(at: Timestamp): Timestamp;
  /** Would this reading alone, from the past, have made it true? */
  late(name: MetricName, value: Scalar): boolean;
  /** The condition, with the values that decide it. */
  explain(at: Timestamp): LocalText;
  evidence(): readonly EvidenceSample[];
  /** Gives up what makes it true at that moment; what came beside it still counts. */
  dismiss?(at: Timestamp): void;
  save(): Memory;
  /** The device went away by itself, not with its edge box; an edge box lost its connection. */
  lost?(at: Timestamp, seq: number): void;
  /** Nothing it remembers can matter any more: what was made for one instance may be forgotten. */
  idle(at: Timestamp): boolean;
}

export const NEVER = Number.POSITIVE_INFINITY;

/** `Port/*\/Oper` and instance `7` → `Port/7/Oper`. */
export function withInstance(metric: MetricName, instance: string | undefined): MetricName {
  return instance === undefined ? metric : metric.replace("*", instance);
}
