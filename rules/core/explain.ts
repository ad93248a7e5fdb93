/** Puts values into words, in the names the capability dictionary gives them. */
import {
  CAPABILITIES,
  eventDefinition,
  type LocalText,
  type MetricName,
  metricDefinition,
  parseMetricName,
  QUALITY_REASONS,
  type Quality,
  UNITS,
  type Unit,
} from "@campus-ops/device-profiles/vocabulary";
import type { Scalar } from "./input.ts";
import type { EventMatch, FieldTest } from "./rule.ts";

export const text = (zh: string, en: string): LocalText => ({ zh, en });

const BOOLEANS: Readonly<Record<string, LocalText>> = { true: text("是", "yes"), false: text("否", "no") };
const UNKNOWN = text("未知", "unknown");

export function metricTitle(name: MetricName): LocalText {
  const parsed = parseMetricName(name);
  const definition = metricDefinition(name);
  if (parsed === undefined || definition === undefined) return text(name, name);
  const capability = (CAPABILITIES as Readonly<Record<string, { title: LocalText }>>)[parsed.capability]
    ?.title;
  const instance = parsed.instance === undefined ? "" : ` ${parsed.instance}`;
  return text(
    `${capability?.zh ?? ""}${instance}“${definition.title.zh}”`,
    `${capability?.en ?? ""}${instance} “${definition.title.en}”`,
  );
}

export function valueText(
  value: Scalar,
  unit: Unit | undefined,
  values?: Readonly<Record<string, LocalText>>,
): LocalText {
  if (value === null) return UNKNOWN;
  const word = values?.[String(value)] ?? (typeof value === "boolean" ? BOOLEANS[String(value)] : undefined);
  if (word !== undefined) return word;
  const shown =
    typeof value === "number" && !Number.isInteger(value)
      ? String(Math.round(value * 100) / 100)
      : String(value);
  const suffix = unit === undefined || UNITS[unit] === "" ? "" : ` ${UNITS[unit]}`;
  return text(shown + suffix, shown + suffix);
}

export function metricValueText(name: MetricName, value: Scalar): LocalText {
  const definition = metricDefinition(name);
  return valueText(value, definition?.unit, definition?.values);
}

export function qualityText(quality: Quality): LocalText {
  return quality.status === "good" ? text("有效", "good") : QUALITY_REASONS[quality.reason];
}

export function eventTitle(match: EventMatch): LocalText {
  return eventDefinition(match.event)?.title ?? text(match.event, match.event);
}

/**
 * The tests an event passed. Personal values (a child's temperature, a credential) stay out of the sentence, which
 * everybody at the desk reads; they are in the evidence, which is shown by role.
 */
export function fieldTestsText(match: EventMatch): LocalText {
  const parts = match.where.map((test) => fieldTestText(match, test));
  return text(parts.map(({ zh }) => zh).join("，"), parts.map(({ en }) => en).join(", "));
}

function fieldTestText(match: EventMatch, test: FieldTest): LocalText {
  const field = eventDefinition(match.event)?.fields[test.field];
  const title = field?.title ?? text(test.field, test.field);
  const say = (value: Scalar): LocalText => valueText(value, field?.unit, field?.values);
  if (test.is !== undefined) {
    const values = test.is.map(say);
    return text(
      `${title.zh}为${values.map(({ zh }) => zh).join("或")}`,
      `${title.en} is ${values.map(({ en }) => en).join(" or ")}`,
    );
  }
  const bounds: LocalText[] = [];
  if (test.atLeast !== undefined) {
    const limit = say(test.atLeast);
    bounds.push(text(`不低于 ${limit.zh}`, `at least ${limit.en}`));
  }
  if (test.atMost !== undefined) {
    const limit = say(test.atMost);
    bounds.push(text(`不高于 ${limit.zh}`, `at most ${limit.en}`));
  }
  return text(
    `${title.zh}${bounds.map(({ zh }) => zh).join("、")}`,
    `${title.en} ${bounds.map(({ en }) => en).join(" and ")}`,
  );
}

/** 90 s → “1 分 30 秒”, “1 min 30 s”. */
export function durationText(duration_ms: number): LocalText {
  if (duration_ms < 1000) return text(`${duration_ms} 毫秒`, `${duration_ms} ms`);
  const seconds = Math.round(duration_ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), " 小时", " h"],
    [Math.floor((seconds % 3600) / 60), " 分钟", " min"],
    [seconds % 60, " 秒", " s"],
  ] as const;
  const kept = parts.filter(([amount]) => amount > 0);
  return text(
    kept.map(([amount, zh]) => `${amount}${zh}`).join(" "),
    kept.map(([amount, , en]) => `${amount}${en}`).join(" "),
  );
}

export function joinTexts(parts: readonly LocalText[], zh: string, en: string): LocalText {
  return text(parts.map((part) => part.zh).join(zh), parts.map((part) => part.en).join(en));
}
