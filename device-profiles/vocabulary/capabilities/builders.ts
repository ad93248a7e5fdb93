/** The usual kinds of entries, so that the dictionary reads as a table. */
import { DataType } from "../datatype.ts";
import type { DataClass } from "../retention.ts";
import type { LocalText } from "../text.ts";
import type { Unit } from "../units.ts";
import type { MetricDefinition } from "./definition.ts";

export const text = (zh: string, en: string): LocalText => ({ zh, en });

export const flag = (
  zh: string,
  en: string,
  dataClass: DataClass = "state",
  more: Partial<MetricDefinition> = {},
): MetricDefinition => ({
  title: text(zh, en),
  datatype: DataType.Boolean,
  kind: "state",
  dataClass,
  ...more,
});

export const gauge = (
  zh: string,
  en: string,
  unit: Unit,
  plausible: readonly [number, number],
  deadband: number,
  more: Partial<MetricDefinition> = {},
): MetricDefinition => ({
  title: text(zh, en),
  datatype: DataType.Double,
  kind: "gauge",
  dataClass: "telemetry",
  unit,
  plausible,
  deadband,
  ...more,
});

export const counter = (zh: string, en: string, unit: Unit): MetricDefinition => ({
  title: text(zh, en),
  datatype: DataType.UInt64,
  kind: "counter",
  dataClass: "telemetry",
  unit,
});

/** A meter's reading: only grows, in fractions of its unit, and starts again when the meter is replaced. */
export const total = (zh: string, en: string, unit: Unit): MetricDefinition => ({
  ...counter(zh, en, unit),
  datatype: DataType.Double,
});

export const choice = (
  zh: string,
  en: string,
  values: Readonly<Record<string, LocalText>>,
  more: Partial<MetricDefinition> = {},
): MetricDefinition => ({
  title: text(zh, en),
  datatype: DataType.String,
  kind: "state",
  dataClass: "state",
  values,
  ...more,
});

export const attribute = (zh: string, en: string): MetricDefinition => ({
  title: text(zh, en),
  datatype: DataType.String,
  kind: "attribute",
  dataClass: "state",
});

/** Written to have something done; it never holds anything. */
export const wish = (zh: string, en: string): MetricDefinition => ({
  ...attribute(zh, en),
  kind: "state",
  writable: true,
});

export const OK_WARNING_ERROR = {
  ok: text("正常", "ok"),
  warning: text("警告", "warning"),
  error: text("故障", "error"),
} as const;
