/** Values of other people's gateways and systems in documents: what a member of theirs means here. */
import type { MetricName } from "../../vocabulary/index.ts";
import type { SourceValue } from "../source-value.ts";
import { checkMetric, ENTRIES_MAX, type Report } from "./document.ts";

export const WORD_SCHEMA = { type: ["string", "number", "boolean"] } as const;

/** Pairs: their word, ours. */
export const WORDS_SCHEMA = {
  type: "array",
  maxItems: 64,
  items: { type: "array", items: WORD_SCHEMA, minItems: 2, maxItems: 2 },
  description: "对方的词 → 本平台的词 · their word, ours",
} as const;

export const SCALE_SCHEMA = {
  type: "number",
  exclusiveMinimum: 0,
  description: "乘以多少得到本平台单位 · times this it is in the metric’s unit",
} as const;

export const SOURCE_VALUES_SCHEMA = {
  type: "object",
  maxProperties: ENTRIES_MAX,
  additionalProperties: {
    type: "object",
    additionalProperties: false,
    required: ["metric"],
    properties: {
      metric: { type: "string", minLength: 1, description: "能力词典中的量 · metric of the dictionary" },
      scale: SCALE_SCHEMA,
      words: WORDS_SCHEMA,
      sentinels: {
        type: "array",
        maxItems: 16,
        items: { type: "number" },
        description: "表示无读数的值 · what it sends when it has no reading",
      },
    },
  },
} as const;

type SourceValues = Readonly<Record<string, SourceValue>>;

/** The document's own beside what it inherits, without the metrics that it takes out. */
export function sourceValues(
  own: SourceValues = {},
  inherited: SourceValues = {},
  without: readonly MetricName[] = [],
): SourceValues {
  const kept = Object.entries(inherited).filter(([, { metric }]) => !without.includes(metric));
  return { ...Object.fromEntries(kept), ...own };
}

export function checkSourceValues(values: SourceValues = {}, field: string, report: Report): void {
  for (const [name, { metric }] of Object.entries(values))
    checkMetric(metric, `${field}.${name}.metric`, report);
}
