/** A rule as the core runs it: checked, its durations in milliseconds, its parameters filled in. */
import {
  type AssetPath,
  type DeviceClass,
  type EventName,
  isWithin,
  type LocalText,
  type MetricName,
} from "@campus-ops/device-profiles/vocabulary";
import type { AlarmDetail, AlarmState, Priority } from "../api.ts";
import type { Scalar } from "./input.ts";
import type { Area, Route } from "./route.ts";

export interface Rule {
  readonly id: string;
  readonly version: number;
  readonly pack: string;
  readonly title: LocalText;
  readonly priority: Priority;
  readonly selector: Selector;
  readonly condition: ConditionSpec;
  /** In force only inside, or only outside, these windows of the school's calendar; always when absent. */
  readonly schedule?: { readonly inside: boolean; readonly windows: readonly string[] };
  /** `*`: one alarm for each instance in the metric's name · a field of the events: one for each of its values. */
  readonly instance?: string;
  readonly onDelay_ms: number;
  readonly offDelay_ms: number;
  /** Stays until a person resets it, and can be neither shelved nor taken out of service: panic and fire. */
  readonly latching: boolean;
  /** Explains the symptoms of everything that hangs from its device. */
  readonly cause: boolean;
  /** Is suppressed by design while something upstream explains it. */
  readonly symptom: boolean;
  /** What becomes of something older than `lateness_ms`: written down only, or shown all the same, marked as late. */
  readonly late: "record" | "show";
  readonly lateness_ms: number;
  readonly card: AlarmDetail["card"];
  readonly respondWithin_ms: number;
  /** Metrics of the same device that belong to the evidence though the condition does not look at them. */
  readonly evidence: readonly MetricName[];
  /** By device key: instances that are watched from the start, though nothing has been heard of them. */
  readonly expected?: Readonly<Record<string, readonly string[]>>;
  /** Only a reading that a person enters confirms it. */
  readonly confirm?: Confirm;
  /** What is otherwise at these places and below, the deepest first. */
  readonly at?: readonly AtPlace[];
  /** By device key: where it is to be, for conditions that look at positions. */
  readonly routes?: Readonly<Record<string, Route>>;
  /** The nearest camera is asked for a picture when it raises an alarm. */
  readonly picture?: true;
}

/** The numbers of a rule at one place, where they differ from those elsewhere. */
export interface AtPlace extends Pick<Rule, "condition" | "onDelay_ms" | "offDelay_ms"> {
  readonly within: AssetPath;
}

/** A rule's numbers for what is at `path`. */
export function numbersAt(rule: Rule, path: AssetPath): Omit<AtPlace, "within"> {
  return rule.at?.find(({ within }) => isWithin(path, within)) ?? rule;
}

/** Readings from `from` to `to` can be one at all; from `atLeast` on they confirm. */
export interface Confirm {
  readonly from: number;
  readonly to: number;
  readonly atLeast: number;
}

/** Undefined for what is no reading. */
export function outcomeOf(
  { from, to, atLeast }: Confirm,
  reading: number,
): "confirmed" | "refuted" | undefined {
  if (!(reading >= from && reading <= to)) return undefined;
  return reading >= atLeast ? "confirmed" : "refuted";
}

export interface Selector {
  /** Any of these; every class when absent. */
  readonly classes?: readonly DeviceClass[];
  readonly exceptClasses?: readonly DeviceClass[];
  /** At or below any of these. */
  readonly within?: readonly AssetPath[];
  /** Has metrics of each of these capabilities in its birth. */
  readonly capabilities?: readonly string[];
}

export type ConditionSpec =
  | StateSpec
  | ThresholdSpec
  | UnreachableSpec
  | FlappingSpec
  | AbsentSpec
  | OccurrencesSpec
  | SequenceSpec
  | UnaccompaniedSpec
  | WindowSpec
  | DriftSpec
  | DifferenceSpec
  | FewerSpec
  | ImbalanceSpec
  | NewcomerSpec
  | PositionSpec
  | AlarmStateSpec
  | { readonly kind: "all" | "any"; readonly of: readonly ConditionSpec[] }
  | { readonly kind: "not"; readonly of: ConditionSpec };

/** The metric's value is one of `is`; with `from`, only once it has been one of those before. */
export interface StateSpec {
  readonly kind: "state";
  readonly metric: MetricName;
  readonly is: readonly Scalar[];
  readonly from?: readonly Scalar[];
}

/** Above or below a limit; it ends when the value has come back by `deadband`. */
export interface ThresholdSpec {
  readonly kind: "threshold";
  readonly metric: MetricName;
  readonly side: "above" | "below";
  readonly limit: number;
  readonly deadband: number;
}

/** A device: dead by DDEATH, or its own edge box says that it is not online. An edge box: dead by NDEATH. */
export interface UnreachableSpec {
  readonly kind: "unreachable";
}

/** It has gone away at least so often within the last `within_ms`, however soon it was back. Going with its box is not counted. */
export interface FlappingSpec {
  readonly kind: "flapping";
  readonly atLeast: number;
  readonly within_ms: number;
}

/** Nothing has come, of the metric or of the device at all, for so long, although its edge box is there. */
export interface AbsentSpec {
  readonly kind: "absent";
  readonly metric?: MetricName;
  readonly for_ms: number;
}

/** At least so many matching events within the last `within_ms` of event time. */
export interface OccurrencesSpec {
  readonly kind: "occurrences";
  readonly match: EventMatch;
  readonly atLeast: number;
  readonly within_ms: number;
}

/** Events matching each step in turn, neighbours at least `apart_ms` apart, all within `within_ms`; true for `holds_ms`. */
export interface SequenceSpec {
  readonly kind: "sequence";
  readonly steps: readonly EventMatch[];
  readonly apart_ms: number;
  readonly within_ms: number;
  readonly holds_ms: number;
}

/**
 * The trigger, with none of its companions from `before_ms` before it to `after_ms` after it. A trigger on a metric
 * lasts while the metric keeps the value; one on an event lasts `holds_ms`.
 */
export interface UnaccompaniedSpec {
  readonly kind: "unaccompanied";
  readonly trigger: Trigger;
  readonly by: readonly Trigger[];
  readonly before_ms: number;
  readonly after_ms: number;
  readonly holds_ms: number;
  /** A field of the trigger's event: if it holds a moment after the event, `after_ms` ends there. */
  readonly until?: string;
}

/** Numbers over time: a metric's values, each holding until the next, or a field of an event. */
export type ReadingSource =
  | { readonly metric: MetricName }
  | { readonly event: EventMatch; readonly field: string };

/** `rise` and `fall`: from the lowest and highest value of the window to the newest · `increase`: of a counter. */
export type WindowStatistic = "mean" | "minimum" | "maximum" | "range" | "rise" | "fall" | "increase";

/** A statistic over the last `over_ms` is beyond a limit; at it, too, where `inclusive`. */
export interface WindowSpec {
  readonly kind: "window";
  readonly source: ReadingSource;
  readonly statistic: WindowStatistic;
  readonly over_ms: number;
  readonly side: "above" | "below";
  readonly limit: number;
  readonly deadband: number;
  readonly inclusive: boolean;
  /** Readings of an event's field that it takes to say anything. */
  readonly atLeast: number;
}

/** The median of one period differs by more than `by` from that of the `baseline` periods before it. */
export interface DriftSpec {
  readonly kind: "drift";
  readonly source: ReadingSource;
  readonly over_ms: number;
  readonly baseline: number;
  readonly by: number;
  /** Readings that it takes, of the period and of those before it together. */
  readonly atLeast: number;
}

/** `of` − Σ `less`, metrics of one device, beyond a limit. */
export interface DifferenceSpec {
  readonly kind: "difference";
  readonly of: MetricName;
  readonly less: readonly MetricName[];
  readonly side: "above" | "below";
  readonly limit: number;
  readonly deadband: number;
}

/** Fewer than so many matching events within the last `within_ms`. */
export interface FewerSpec {
  readonly kind: "fewer";
  readonly match: EventMatch;
  readonly fewerThan: number;
  readonly within_ms: number;
}

/** What can be counted: a counter's steps, or events. */
export type CountSource = { readonly metric: MetricName } | { readonly event: EventMatch };

/** Within `within_ms`, `by` or more of `more` here than of `than` at the devices near by; judged after `settle_ms`. */
export interface ImbalanceSpec {
  readonly kind: "imbalance";
  readonly more: CountSource;
  readonly than: CountSource;
  readonly near: Nearness;
  readonly within_ms: number;
  readonly settle_ms: number;
  readonly by: number;
}

/** A word in a list that was not in it for the first `learn_ms`; news for `holds_ms`. */
export interface NewcomerSpec {
  readonly kind: "newcomer";
  readonly metric: MetricName;
  readonly learn_ms: number;
  readonly holds_ms: number;
}

/**
 * inside, outside: so is the newest position · missed: none of the last `within_ms` was inside. The event has the fields
 * `latitude` and `longitude`.
 */
export interface PositionSpec {
  readonly kind: "position";
  readonly match: EventMatch;
  readonly side: "inside" | "outside" | "missed";
  readonly area: Area;
  /** 0 unless missed. */
  readonly within_ms: number;
}

/** At least so many alarms of these rules near by are active; with `states`, are in one of them. */
export interface AlarmStateSpec {
  readonly kind: "alarm";
  readonly rules: readonly string[];
  readonly states?: readonly AlarmState[];
  readonly near: Nearness;
  readonly atLeast: number;
}

/** Which devices are near: the same one, or those of these classes in the same space, floor, building or campus. */
export interface Nearness {
  readonly place: Place;
  readonly classes?: readonly DeviceClass[];
}

export const PLACES = ["device", "space", "floor", "building", "campus"] as const;
export type Place = (typeof PLACES)[number];

export type Trigger =
  | { readonly metric: MetricName; readonly is: readonly Scalar[] }
  | { readonly event: EventMatch };

export interface EventMatch {
  readonly event: EventName;
  readonly where: readonly FieldTest[];
}

export interface FieldTest {
  readonly field: string;
  readonly is?: readonly Scalar[];
  readonly atLeast?: number;
  readonly atMost?: number;
}
