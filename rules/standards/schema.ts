/** The shape of a standard's file. What a shape cannot say, `load.ts` checks. */
import { DEVICE_CLASSES } from "@campus-ops/device-profiles/vocabulary";

const id = { type: "string", pattern: "^[a-z][a-z0-9-]{0,63}$" } as const;
const text = {
  type: "object",
  required: ["zh", "en"],
  additionalProperties: false,
  properties: {
    zh: { type: "string", minLength: 1, maxLength: 500 },
    en: { type: "string", minLength: 1, maxLength: 1_000 },
  },
} as const;
const metric = { type: "string", pattern: "^[A-Za-z]+(/[A-Za-z0-9*]+)+$" } as const;
const classes = { type: "array", minItems: 1, items: { enum: Object.keys(DEVICE_CLASSES) } } as const;
const points = { type: "number", minimum: 0, maximum: 1_000 } as const;

function shape(properties: Readonly<Record<string, object>>, required = Object.keys(properties)) {
  return { type: "object", additionalProperties: false, required, properties } as const;
}

const query = {
  type: "object",
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  description: "what would show it; one of these",
  properties: {
    intact: shape({ class: classes }, []),
    utilisation: shape({ room: id }),
    least: shape({ metrics: { type: "array", minItems: 1, items: metric }, of: classes, covers: classes }, [
      "metrics",
      "of",
    ]),
    mean: shape({ metric }),
    classLinks: shape({ atLeast: { type: "number", exclusiveMinimum: 0, description: "Mbit/s" } }),
    daily: shape({ event: metric, field: { type: "string", minLength: 1, maxLength: 64 } }),
    present: shape({ class: classes }),
    tested: shape({ class: classes, rule: id }),
    retained: shape({ what: { type: "string", minLength: 1, maxLength: 64 } }),
    declared: shape({ kind: { enum: ["number", "yes"] } }),
  },
} as const;

const threshold = shape(
  {
    atLeast: { type: "number" },
    rises: shape({
      with: id,
      from: { type: "number" },
      to: { type: "number" },
      every: { type: "number", exclusiveMinimum: 0 },
    }),
  },
  ["atLeast"],
);

export const STANDARD_SCHEMA = shape(
  {
    id,
    title: text,
    source: text,
    total: { ...points, default: 0 },
    examinedEvery: { type: "integer", minimum: 1, maximum: 120, default: 12, description: "months" },
    facts: { type: "object", default: {}, propertyNames: id, additionalProperties: text },
    items: {
      type: "array",
      minItems: 1,
      maxItems: 500,
      items: shape(
        {
          id,
          title: text,
          clause: { type: "string", minLength: 1, maxLength: 200 },
          level: { enum: ["must", "should"] },
          points: { ...points, default: 0 },
          veto: { type: "boolean", default: false },
          checks: {
            type: "array",
            minItems: 1,
            maxItems: 50,
            items: shape({ id, title: text, query, threshold }),
          },
        },
        ["id", "title", "clause", "level", "checks"],
      ),
    },
  },
  ["id", "title", "source", "items"],
);
