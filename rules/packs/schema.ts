/** The shape of a rule pack and of the tests beside it, as JSON schemas: what an editor checks, and what loading checks. */
import { ALARM_STATES } from "../core/lifecycle.ts";
import { AREAS } from "../core/route.ts";
import { PLACES } from "../core/rule.ts";

const text = {
  type: "object",
  additionalProperties: false,
  required: ["zh", "en"],
  properties: { zh: { type: "string", minLength: 1 }, en: { type: "string", minLength: 1 } },
} as const;

const PARAMETER = "\\$[a-z][A-Za-z0-9]*";
const duration = { type: "string", pattern: `^(\\d+(\\.\\d+)?(ms|s|m|h|d)|${PARAMETER})$` } as const;
const amount = { anyOf: [{ type: "number" }, { type: "string", pattern: `^${PARAMETER}$` }] } as const;
const scalar = { type: ["boolean", "number", "string"] } as const;
const scalars = { type: "array", minItems: 1, items: scalar } as const;
const names = { type: "array", minItems: 1, items: { type: "string" } } as const;

const strict = (required: readonly string[], properties: object): object => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
});

const where = {
  type: "array",
  items: strict(["field"], {
    field: { type: "string" },
    is: scalars,
    atLeast: amount,
    atMost: amount,
  }),
} as const;

const event = strict(["name"], { name: { type: "string" }, where });
const trigger = {
  ...strict([], { metric: { type: "string" }, is: scalars, event }),
  minProperties: 1,
};

const metric = { type: "string" } as const;
/** A metric, or a field of an event. */
const source = { metric, event, field: { type: "string" } } as const;
const limit = { above: amount, below: amount, deadband: amount } as const;
const place = { enum: PLACES } as const;
const area = { enum: AREAS } as const;
const either = (...names: readonly string[]): object => ({
  oneOf: names.map((name) => ({ properties: { [name]: {} }, required: [name] })),
});
const counted = (more: object): object => ({
  ...strict([], { metric, event, ...more }),
  ...either("metric", "event"),
});

const condition = { $ref: "#/$defs/condition" } as const;
const CONDITION = {
  ...strict([], {
    state: strict(["metric", "is"], { metric: { type: "string" }, is: scalars, from: scalars }),
    threshold: {
      ...strict(["metric"], { metric: { type: "string" }, above: amount, below: amount, deadband: amount }),
      minProperties: 2,
    },
    unreachable: strict([], {}),
    flapping: strict(["atLeast", "within"], { atLeast: amount, within: duration }),
    absent: strict(["for"], { metric: { type: "string" }, for: duration }),
    event: strict(["name", "within"], { name: { type: "string" }, where, atLeast: amount, within: duration }),
    sequence: strict(["steps", "within", "holds"], {
      steps: { type: "array", minItems: 2, items: event },
      apart: duration,
      within: duration,
      holds: duration,
    }),
    unaccompanied: strict(["trigger", "by", "after"], {
      trigger,
      by: { type: "array", minItems: 1, items: trigger },
      before: duration,
      after: duration,
      until: { type: "string", minLength: 1 },
      holds: duration,
    }),
    window: {
      ...strict(["statistic", "over"], {
        ...source,
        ...limit,
        statistic: { enum: ["mean", "minimum", "maximum", "range", "rise", "fall", "increase"] },
        over: duration,
        atLeast: amount,
      }),
      allOf: [either("metric", "event"), either("above", "below")],
    },
    rate: {
      ...strict(["metric", "over"], { metric, over: duration, rises: amount, falls: amount }),
      ...either("rises", "falls"),
    },
    stuck: {
      ...strict(["for"], { ...source, for: duration, within: amount, atLeast: amount }),
      ...either("metric", "event"),
    },
    drift: {
      ...strict(["over", "baseline", "by"], {
        ...source,
        over: duration,
        baseline: amount,
        by: amount,
        atLeast: amount,
      }),
      ...either("metric", "event"),
    },
    difference: {
      ...strict(["of", "less"], { of: metric, less: names, ...limit }),
      ...either("above", "below"),
    },
    fewer: strict(["name", "than", "within"], {
      name: { type: "string" },
      where,
      than: amount,
      within: duration,
    }),
    imbalance: strict(["more", "than", "within"], {
      more: counted({}),
      than: counted({ near: place, class: names }),
      within: duration,
      settle: duration,
      by: amount,
    }),
    newcomer: strict(["metric", "learn", "holds"], { metric, learn: duration, holds: duration }),
    position: {
      ...strict(["event"], { event, inside: area, outside: area, missed: area, within: duration }),
      ...either("inside", "outside", "missed"),
      dependencies: { missed: ["within"], within: ["missed"] },
    },
    alarm: strict(["rule"], {
      rule: names,
      state: { type: "array", minItems: 1, items: { enum: ALARM_STATES } },
      near: place,
      class: names,
      atLeast: amount,
    }),
    all: { type: "array", minItems: 2, items: condition },
    any: { type: "array", minItems: 2, items: condition },
    not: condition,
  }),
  minProperties: 1,
  maxProperties: 1,
};

const rule = strict(
  ["id", "version", "title", "priority", "selector", "condition", "card", "respondWithin"],
  {
    id: { type: "string", pattern: "^[a-z][a-z0-9-]{1,63}$" },
    version: { type: "integer", minimum: 1 },
    title: text,
    priority: { type: "integer", enum: [1, 2, 3, 4] },
    selector: strict([], { class: names, except: names, within: names, capability: names }),
    condition,
    schedule: { ...strict([], { during: names, outside: names }), minProperties: 1, maxProperties: 1 },
    instance: { type: "string", minLength: 1 },
    onDelay: duration,
    offDelay: duration,
    latching: { type: "boolean" },
    cause: { type: "boolean" },
    symptom: { type: "boolean" },
    late: { type: "string", enum: ["record", "show"] },
    lateness: duration,
    card: strict(["cause", "consequence", "action"], { cause: text, consequence: text, action: text }),
    respondWithin: duration,
    evidence: names,
    picture: { type: "boolean" },
    confirm: strict(["from", "to", "atLeast"], { from: amount, to: amount, atLeast: amount }),
  },
);

/** A line is drawn by points; a mapped road has one every hundred metres or so. */
export const ROUTE_POINTS_MAX = 2_000;
/** Lines that one bus drives: morning, afternoon, and those it stands in for. */
export const ROUTE_LINES_MAX = 8;

const position = {
  type: "array",
  minItems: 2,
  maxItems: 2,
  items: [
    { type: "number", minimum: -90, maximum: 90 },
    { type: "number", minimum: -180, maximum: 180 },
  ],
  description: "latitude and longitude, WGS 84 degrees",
} as const;

/** Places at which a site sets numbers of the packs otherwise. */
export const PLACES_MAX = 50;

/** Where one bus is to be: for the hub's configuration, and for traces. */
export const ROUTE_SCHEMA = strict(["school", "lines"], {
  school: position,
  schoolRadius: { type: "number", minimum: 20, maximum: 5_000, default: 150, description: "metres" },
  corridor: {
    type: "number",
    minimum: 20,
    maximum: 5_000,
    default: 200,
    description: "metres to each side of a line that the bus may keep",
  },
  lines: {
    type: "array",
    minItems: 1,
    maxItems: ROUTE_LINES_MAX,
    items: strict(["points"], {
      during: {
        type: "array",
        minItems: 1,
        items: { type: "string", minLength: 1 },
        default: ["arrival", "departure"],
        description: "windows of the calendar in which the bus drives this line",
      },
      points: { type: "array", minItems: 2, maxItems: ROUTE_POINTS_MAX, items: position },
    }),
  },
});

/** Parameters by name, for a pack and for the hub's configuration that overrides them. */
export const PARAMETERS = {
  type: "object",
  propertyNames: { pattern: "^[a-z][A-Za-z0-9]*$" },
  additionalProperties: { type: ["number", "string"] },
} as const;

export const PACK_SCHEMA: object = {
  ...strict(["pack", "title", "rules"], {
    pack: { type: "string", pattern: "^[a-z][a-z0-9-]{1,63}$" },
    title: text,
    parameters: PARAMETERS,
    picture: { type: "boolean" },
    rules: { type: "array", minItems: 1, maxItems: 1_000, items: rule },
  }),
  $defs: { condition: CONDITION },
};

/** `*.tests.yaml`: compact traces. Times are offsets from the beginning of the trace, which is 2026-09-07 08:00 UTC+8. */
export const PACK_TESTS_SCHEMA: object = strict(["pack", "cases"], {
  pack: { type: "string" },
  cases: {
    type: "array",
    minItems: 1,
    items: strict(["rule", "title", "device", "trace", "expect"], {
      rule: { type: "string" },
      title: { type: "string" },
      /** Class of the device under test; `upstream` puts a switch between it and its edge box. */
      device: { type: "string" },
      upstream: { type: "boolean" },
      /** Other devices in the same space: their classes by id. */
      peers: { type: "object", additionalProperties: { type: "string" } },
      /** Between CLOCK entries; a second unless said. */
      tick: { type: "string" },
      /** Named windows that are open, from and to, as offsets; none unless said. */
      windows: {
        type: "object",
        additionalProperties: { type: "array", items: { type: "array", items: { type: "string" } } },
      },
      /** Where the device under test is to be. */
      route: ROUTE_SCHEMA,
      trace: {
        type: "array",
        minItems: 1,
        items: strict(["at"], {
          at: { type: "string" },
          on: { type: "string" },
          repeat: { type: "integer", minimum: 2, maximum: 1_000 },
          every: { type: "string" },
          set: { type: "object", additionalProperties: { type: ["boolean", "number", "string", "null"] } },
          event: { type: "string" },
          fields: { type: "object", additionalProperties: { type: ["boolean", "number", "string", "null"] } },
          quality: { type: "string" },
          /** It became known only now, and had happened so long before. */
          late: { type: "string" },
          /** online · offline: the device's birth and death; box-online · box-offline: its edge box's. */
          device: {
            type: "string",
            enum: ["online", "offline", "box-online", "box-offline", "upstream-offline"],
          },
        }),
      },
      /** `<offset> <from> → <to>` of the rule under test, in order; empty when nothing may happen. */
      expect: { type: "array", items: { type: "string" } },
    }),
  },
});
