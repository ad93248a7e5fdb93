/** Numbers to watch over time: a metric, or a field of an event. */
import type { MetricName } from "@campus-ops/device-profiles/vocabulary";
import { eventDefinition, type LocalText } from "@campus-ops/device-profiles/vocabulary";
import { isKnown, type Series } from "../device.ts";
import { eventTitle, joinTexts, metricTitle, metricValueText, text, valueText } from "../explain.ts";
import type { ReadingSource } from "../rule.ts";
import type { PlacedEvent, Subject } from "./condition.ts";
import { withInstance } from "./condition.ts";
import { matches } from "./events.ts";

/** Events kept as evidence of what is worked out from many: the newest. */
export const READING_MARKS_MAX = 8;

/** The series of a source that is a metric. */
export function seriesOf(source: ReadingSource, subject: Subject): Series | undefined {
  return "metric" in source ? subject.device.watch(withInstance(source.metric, subject.instance)) : undefined;
}

/** The number an event brings; undefined when it is not the event, or says nothing sound. */
export function numberOf(source: ReadingSource, { event }: PlacedEvent): number | undefined {
  if ("metric" in source || !matches(source.event, event)) return undefined;
  return number(event.fields[source.field]);
}

/** The series' number now; undefined while nobody knows it. */
export function knownNumber(series: Series): number | undefined {
  return isKnown(series.quality) ? number(series.value) : undefined;
}

/** 64-bit counters beyond exact numbers arrive as text. */
function number(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : undefined;
}

export function sourceTitle(source: ReadingSource, instance: string | undefined): LocalText {
  if ("metric" in source) return metricTitle(withInstance(source.metric, instance));
  const field = eventDefinition(source.event.event)?.fields[source.field]?.title;
  return joinTexts([eventTitle(source.event), field ?? text(source.field, source.field)], "的", ": ");
}

export function sourceValue(source: ReadingSource, value: number): LocalText {
  if ("metric" in source) return metricValueText(source.metric as MetricName, value);
  return valueText(value, eventDefinition(source.event.event)?.fields[source.field]?.unit);
}
