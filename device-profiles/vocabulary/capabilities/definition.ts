/** What an entry of the capability dictionary says. */
import type { DataType } from "../datatype.ts";
import type { DataClass } from "../retention.ts";
import type { LocalText } from "../text.ts";
import type { Unit } from "../units.ts";

export type MetricName = string & { readonly __metric?: never };
export type EventName = string & { readonly __event?: never };

/**
 * state: holds until it changes (reported on change) · gauge: a measured quantity (reported by deadband) ·
 * counter: only grows, and may start again at 0 · attribute: a fact about the device, in its birth.
 */
export type MetricKind = "state" | "gauge" | "counter" | "attribute";

export interface MetricDefinition {
  readonly title: LocalText;
  readonly datatype: DataType;
  readonly kind: MetricKind;
  readonly dataClass: DataClass;
  readonly unit?: Unit;
  /** Outside of it a value is physically implausible: its quality is bad. */
  readonly plausible?: readonly [min: number, max: number];
  /** Report by exception: a gauge is sent when it moved by at least this much, in its own unit. */
  readonly deadband?: number;
  /** For text states: every value it can hold, and how to say it. */
  readonly values?: Readonly<Record<string, LocalText>>;
  /** True when it can be written by a command. */
  readonly writable?: boolean;
  /** True when the same value is news for each event time: a count of the five minutes that begin then. */
  readonly eachTime?: boolean;
}

export interface EventFieldDefinition {
  readonly title: LocalText;
  readonly datatype: DataType;
  readonly unit?: Unit;
  readonly plausible?: readonly [min: number, max: number];
  readonly values?: Readonly<Record<string, LocalText>>;
  /** Personal data: kept short, shown only to the roles that need it, never sent to a parent hub. */
  readonly personal?: boolean;
}

export interface EventDefinition {
  readonly title: LocalText;
  readonly dataClass: DataClass;
  readonly fields: Readonly<Record<string, EventFieldDefinition>>;
}

export interface CapabilityDefinition {
  readonly title: LocalText;
  /** What tells one instance from another, where a device has several: “port”, “lamp”. */
  readonly instance?: LocalText;
  readonly metrics: Readonly<Record<string, MetricDefinition>>;
  readonly events?: Readonly<Record<string, EventDefinition>>;
}
