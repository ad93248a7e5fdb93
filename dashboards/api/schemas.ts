/**
 * JSON schemas of requests (enforced) and answers (documented in OpenAPI, and proven against real answers by tests).
 * Their TypeScript twins are in `api.ts`.
 */
import { ROLLUP_COUNTS } from "@campus-ops/device-profiles/vocabulary";

export const string = { type: "string" } as const;
export const boolean = { type: "boolean" } as const;
const integer = { type: "integer" } as const;
export const number = { type: "number" } as const;
export const timestamp = { type: "number", description: "milliseconds since the Unix epoch, UTC" } as const;
const scalar = { type: ["boolean", "number", "string", "null"] } as const;
const scope = {
  type: "string",
  default: "",
  maxLength: 400,
  description: "asset path; everything at or below it",
} as const;

export const array = <T>(items: T) => ({ type: "array", items }) as const;

/** An object whose properties are all there, but for those named in `optional`. */
export function object<P extends Record<string, unknown>>(
  properties: P,
  optional: readonly (keyof P & string)[] = [],
) {
  const required = Object.keys(properties).filter((key) => !optional.includes(key));
  return { type: "object", required, properties, additionalProperties: false } as const;
}

export const text = object({ zh: string, en: string });

const quality = object({ status: { enum: ["good", "uncertain", "bad"] }, reason: string }, ["reason"]);

export const idParams = object({ id: { type: "string", minLength: 1, maxLength: 128 } });
export const scopeQuery = object({ scope }, ["scope"]);
export const rangeQuery = object({ from: timestamp, to: timestamp }, ["from", "to"]);

const places = { type: "object", additionalProperties: text } as const;
const campus = object({ id: string, title: text, places }, ["places"]);
const county = object({ code: string, title: text, campuses: array(campus) });
export const siteSchema = object({ city: object({ code: string, title: text }), counties: array(county) });

const priority = { enum: [1, 2, 3, 4] } as const;
const state = {
  enum: [
    "normal",
    "unacknowledged",
    "acknowledged",
    "returned-unacknowledged",
    "latched",
    "shelved",
    "suppressed-by-design",
    "out-of-service",
  ],
} as const;

const alarmProperties = {
  id: string,
  occurrence: integer,
  rule: string,
  priority,
  state,
  title: text,
  device: object({ key: string, title: text, class: string, path: string, campus: string }),
  instance: string,
  raisedAt: timestamp,
  receivedAt: timestamp,
  returnedAt: timestamp,
  acknowledged: object({ by: string, at: timestamp, comment: string }, ["comment"]),
  assigned: object({ to: string, by: string, at: timestamp }),
  causeId: string,
  symptoms: integer,
  updatedAt: timestamp,
  late: boolean,
  drill: string,
  shelvedUntil: timestamp,
  hub: string,
  lastKnown: timestamp,
} as const;
const alarmOptional = [
  "instance",
  "returnedAt",
  "acknowledged",
  "assigned",
  "causeId",
  "late",
  "drill",
  "shelvedUntil",
  "hub",
  "lastKnown",
] as const;

const card = object({ cause: text, consequence: text, action: text });

export const alarmView = object(alarmProperties, alarmOptional);
const alarmPicture = object(
  {
    id: string,
    occurrence: integer,
    kind: string,
    after_ms: integer,
    state: string,
    camera: object({ key: string, title: text, path: string }),
    why: string,
    reason: string,
    detail: string,
    since: timestamp,
    settledAt: timestamp,
    takenAt: timestamp,
    recorder: string,
    sha256: string,
    bytes: integer,
    contentType: string,
  },
  [
    "camera",
    "why",
    "reason",
    "detail",
    "since",
    "settledAt",
    "takenAt",
    "recorder",
    "sha256",
    "bytes",
    "contentType",
  ],
);
export const alarmDetail = object(
  {
    ...alarmProperties,
    ruleVersion: integer,
    explanation: text,
    card,
    respondWithin_ms: number,
    evidence: array(
      object(
        {
          device: string,
          name: string,
          value: scalar,
          fields: { type: "object", additionalProperties: scalar },
          quality,
          eventTime: timestamp,
          journalSeq: integer,
        },
        ["fields"],
      ),
    ),
    transitions: array(
      object(
        {
          at: timestamp,
          from: state,
          to: state,
          event: string,
          occurrence: integer,
          by: string,
          comment: string,
          assignee: { type: ["string", "null"] },
        },
        ["comment", "assignee"],
      ),
    ),
    symptomIds: array(string),
    pictures: array(alarmPicture),
    confirmable: object({ from: number, to: number }),
  },
  [...alarmOptional, "confirmable"],
);
export const alarmListQuery = object(
  {
    state: { enum: ["active", "all"], default: "active" },
    scope,
    limit: { type: "integer", minimum: 1, maximum: 5_000, default: 500 },
    before: string,
  },
  ["state", "scope", "limit", "before"],
);
export const alarmListSchema = object({ alarms: array(alarmView), before: string }, ["before"]);
export const alarmActionBody = object(
  {
    comment: { type: "string", maxLength: 2_000 },
    duration_ms: { type: "integer", minimum: 1_000, maximum: 8 * 3_600_000 },
    assignee: {
      type: ["string", "null"],
      maxLength: 128,
      description: "for assign: a name or an account; null takes the alarm back",
    },
  },
  ["comment", "duration_ms", "assignee"],
);

const metricView = object({
  name: string,
  value: scalar,
  quality,
  eventTime: timestamp,
  receivedAt: timestamp,
});

const health = { enum: ["working", "faulty", "unreachable", "stale", "retired"] } as const;
export const deviceView = object(
  {
    key: string,
    campus: string,
    node: string,
    device: string,
    class: string,
    profile: string,
    title: text,
    path: string,
    dependsOn: string,
    proven: string,
    health,
    since: timestamp,
    heardAt: timestamp,
    metrics: array(metricView),
  },
  ["dependsOn", "heardAt"],
);
export const nodeView = object(
  {
    key: string,
    campus: string,
    node: string,
    title: text,
    online: boolean,
    since: timestamp,
    metrics: array(metricView),
    samples: object({ expected: number, received: number, lost: number }),
    twin: object({ epochs: array(number), at: timestamp }),
  },
  ["twin"],
);
export const deviceListQuery = object(
  {
    scope,
    metrics: {
      enum: ["all", "none"],
      default: "all",
      description: "none: devices without their last values, where a list of thousands is wanted",
    },
    class: { type: "string", maxLength: 100, description: "device class" },
    health,
    text: { type: "string", maxLength: 200, description: "part of a key or a title" },
  },
  ["scope", "metrics", "class", "health", "text"],
);
export const deviceList = object({ devices: array(deviceView), nodes: array(nodeView) });

export const queryBody = object(
  {
    metric: { type: "string", minLength: 3, maxLength: 200 },
    scope: { type: "string", maxLength: 400 },
    device: { type: "string", maxLength: 200 },
    from: timestamp,
    to: timestamp,
    step_ms: { type: "integer", minimum: 1 },
    aggregation: { enum: ["mean", "min", "max", "sum", "count", "last", "first"] },
    groupBy: { enum: ["device", "campus", "county", "city", "none"] },
    limit: { type: "integer", minimum: 1, maximum: 100_000 },
  },
  ["scope", "device", "step_ms", "aggregation", "groupBy", "limit"],
);
export const queryResult = object({
  series: array(
    object({ key: string, points: array({ type: "array", items: number, minItems: 2, maxItems: 2 }) }),
  ),
  truncated: boolean,
});

const commandProperties = {
  device: { type: "string", maxLength: 200 },
  metric: { type: "string", minLength: 3, maxLength: 200 },
  value: scalar,
  reason: { type: "string", maxLength: 500 },
} as const;
export const commandBody = object(commandProperties, ["reason"]);
export const commandView = object(
  {
    ...commandProperties,
    by: string,
    id: string,
    state: { enum: ["requested", "confirmed", "unknown", "refused"] },
    requestedAt: timestamp,
    settledAt: timestamp,
    detail: string,
  },
  ["reason", "settledAt", "detail"],
);

const counts = object(
  Object.fromEntries(
    Object.entries(ROLLUP_COUNTS).map(([key, { en }]) => [key, { type: "number", description: en }]),
  ),
  Object.keys(ROLLUP_COUNTS),
);
export const rollupView = {
  $id: "RollupView",
  ...object(
    {
      path: string,
      level: { enum: ["city", "county", "campus"] },
      title: text,
      from: timestamp,
      to: timestamp,
      counts,
      completeness: number,
      intactRate: number,
      lastKnown: timestamp,
      children: array({ $ref: "RollupView#" }),
    },
    ["completeness", "intactRate", "lastKnown"],
  ),
};
