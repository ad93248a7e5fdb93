import {
  CAPABILITIES,
  type CapabilityDefinition,
  type EventDefinition,
  type EventFieldDefinition,
  eventDefinition,
  type Language,
  type MetricDefinition,
  metricDefinition,
  parseMetricName,
  QUALITY_REASONS,
  type Quality,
  UNITS,
  type Unit,
} from "@campus-ops/device-profiles/vocabulary";
import { CATALOGUES, LOCALES, localText } from "../text/language.tsx";
import type { Catalogue } from "../text/zh.ts";
import { bytesText, numberText } from "./number.ts";
import { spanText } from "./time.ts";

export type PlainValue = boolean | number | string | null;

const NO_VALUE = "—";
const FRACTION_DIGITS = 2;
const capabilities: Readonly<Record<string, CapabilityDefinition>> = CAPABILITIES;

type Meaning = Pick<EventFieldDefinition, "unit" | "values">;

/** A value as a person reads it: text states spelled out, units attached. The definition may be unknown. */
export function valueText(
  value: PlainValue,
  meaning: Meaning | undefined,
  language: Language,
  fractionDigits = FRACTION_DIGITS,
): string {
  const t: Catalogue = CATALOGUES[language];
  if (value === null || value === "") return NO_VALUE;
  if (typeof value === "boolean") return value ? t.yes : t.no;
  const unit = meaning?.unit;
  if (typeof value === "string") {
    const spelled =
      meaning?.values !== undefined && Object.hasOwn(meaning.values, value)
        ? meaning.values[value]
        : undefined;
    if (spelled !== undefined) return localText(spelled, language);
    // 64-bit counters travel as decimal strings.
    return unit !== undefined && /^-?\d+$/.test(value)
      ? quantityText(Number(value), unit, language, fractionDigits)
      : value;
  }
  return quantityText(value, unit, language, fractionDigits);
}

function quantityText(
  value: number,
  unit: Unit | undefined,
  language: Language,
  fractionDigits: number,
): string {
  const locale = LOCALES[language];
  if (unit === "By") return bytesText(value, locale);
  if (unit === "s" && (value >= 120 || (value >= 0 && Number.isInteger(value))))
    return spanText(value * 1000, CATALOGUES[language]);
  const number = numberText(value, locale, fractionDigits);
  const symbol = unit === undefined ? "" : UNITS[unit];
  if (symbol === "") return number;
  return symbol === "%" ? `${number}%` : `${number} ${symbol}`;
}

/** The dictionary's title of a metric or an event, with its instance; the name itself when the dictionary is older. */
export function metricTitle(name: string, language: Language): string {
  const parsed = parseMetricName(name);
  const definition: MetricDefinition | EventDefinition | undefined =
    metricDefinition(name) ?? eventDefinition(name);
  if (parsed === undefined || definition === undefined) return name;
  const title = localText(definition.title, language);
  if (parsed.instance === undefined) return capitalised(title);
  const kind = capabilities[parsed.capability]?.instance;
  return `${capitalised(kind === undefined ? "" : localText(kind, language))} ${parsed.instance} · ${title}`;
}

export function capabilityTitle(capability: string, language: Language): string {
  const definition = Object.hasOwn(capabilities, capability) ? capabilities[capability] : undefined;
  return definition === undefined ? capability : capitalised(localText(definition.title, language));
}

/** The dictionary writes English titles in lower case, as they stand inside a sentence. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export function metricValueText(name: string, value: PlainValue, language: Language): string {
  const definition = metricDefinition(name);
  return valueText(value, definition, language, digitsFor(definition?.deadband));
}

/** What a device would not have reported as a change is not worth showing. */
function digitsFor(deadband: number | undefined): number {
  if (deadband === undefined) return FRACTION_DIGITS;
  return deadband >= 10 ? 0 : 1;
}

/** The fields of an event's record in the dictionary's order and words, leaving out what the device did not say. */
export function eventFieldsText(
  name: string,
  fields: Readonly<Record<string, PlainValue>>,
  language: Language,
): readonly { readonly title: string; readonly value: string }[] {
  const known = eventDefinition(name)?.fields ?? {};
  return Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => {
      const field = Object.hasOwn(known, key) ? known[key] : undefined;
      return {
        title: field === undefined ? key : capitalised(localText(field.title, language)),
        value: valueText(value, field, language),
      };
    });
}

/** Why a value is not good; undefined when it is. */
export function qualityReason(quality: Quality, language: Language): string | undefined {
  return quality.status === "good" ? undefined : localText(QUALITY_REASONS[quality.reason], language);
}
