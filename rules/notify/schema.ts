/** The `notify` section of a hub's configuration: who is told of an alarm, and how. */
import { ROBOTS } from "./channels/robots.ts";

const id = { type: "string", pattern: "^[a-z0-9][a-z0-9-]{0,63}$" } as const;
const text = { type: "string", minLength: 1, maxLength: 500 } as const;
const file = { ...text, description: "of mode 0600, beside this file or by its whole path" } as const;
const language = { type: "string", enum: ["zh", "en"], description: "`zh` unless said" } as const;
const scalar = { type: ["string", "number", "boolean"] } as const;
const duration = { type: "string", pattern: "^\\d+(\\.\\d+)?(ms|s|m|h)$" } as const;

const common = {
  language,
  perMinute: { type: "integer", minimum: 1, maximum: 6_000, description: "messages it takes a minute" },
  tells: {
    type: "array",
    uniqueItems: true,
    items: { type: "string", enum: ["raised", "escalated", "settled"] },
    description: "all three unless said; settled: somebody has acknowledged, or it is over",
  },
} as const;

interface ChannelCase {
  readonly kinds: readonly string[];
  readonly schema: object;
}

const channel = (kinds: readonly string[], required: readonly string[], properties: object): ChannelCase => ({
  kinds,
  schema: {
    type: "object",
    additionalProperties: false,
    required: ["kind", ...required],
    properties: { kind: { type: "string", enum: kinds }, ...common, ...properties },
  },
});

const login = { username: text, passwordFile: file, caFile: text } as const;

const CHANNELS: readonly ChannelCase[] = [
  channel(["mail"], ["url", "from", "to"], {
    url: { type: "string", pattern: "^smtps?://", description: "smtp://host:25 or smtps://host:465" },
    from: text,
    to: { type: "array", minItems: 1, maxItems: 50, items: text },
    ...login,
  }),
  channel(["webhook"], ["url"], {
    url: { type: "string", pattern: "^https?://" },
    secretFile: { ...file, description: "signs each message (Standard Webhooks)" },
  }),
  channel(ROBOTS, ["urlFile"], {
    urlFile: { ...file, description: "holds the robot's whole address, which is a secret by itself" },
    secretFile: file,
  }),
  channel(["sms"], ["url", "body", "phones"], {
    url: { type: "string", pattern: "^https?://" },
    method: { type: "string", enum: ["POST", "PUT"], description: "`POST` unless said" },
    contentType: { ...text, description: "`application/json` unless said" },
    headers: { type: "object", required: [], additionalProperties: text },
    body: { ...text, maxLength: 5_000, description: "with {phone}, {text}, {id} and {secret} filled in" },
    phones: {
      type: "array",
      minItems: 1,
      maxItems: 50,
      items: { type: "string", pattern: "^\\+?[0-9]{5,20}$" },
    },
    secretFile: file,
    success: {
      type: "object",
      additionalProperties: false,
      required: ["field", "equals"],
      properties: { field: text, equals: scalar },
      description: "what the gateway's JSON answer holds when it took the message",
    },
  }),
  channel(["mqtt"], ["url", "topic"], {
    url: { type: "string", pattern: "^mqtts?://" },
    topic: { type: "string", pattern: "^[^+#]{1,200}$" },
    ...login,
  }),
  channel(["device"], ["device", "metric"], {
    device: { ...text, description: "campus/node/device of a siren, a beacon, a public address" },
    metric: text,
    on: { ...scalar, description: "`true` unless said" },
    off: { ...scalar, description: "`false` unless said" },
  }),
];

/** By cases, so that an error is about the kind that was meant. */
const CHANNEL = {
  type: "object",
  required: ["kind"],
  properties: { kind: { type: "string", enum: CHANNELS.flatMap(({ kinds }) => kinds) } },
  allOf: CHANNELS.map(({ kinds, schema }) => ({
    if: { type: "object", required: ["kind"], properties: { kind: { type: "string", enum: kinds } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
    then: schema,
  })),
} as const;

const steps = {
  type: "array",
  maxItems: 10,
  default: [],
  items: {
    type: "object",
    additionalProperties: false,
    required: ["desks"],
    properties: {
      after: { ...duration, default: "0s", description: "since the alarm began to ask for a person" },
      desks: { type: "array", minItems: 1, maxItems: 20, items: id },
    },
  },
} as const;

export const NOTIFY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  default: {},
  description: "who is told of an alarm beside the console, and how",
  properties: {
    console: { type: "string", pattern: "^https?://", description: "where messages lead to" },
    channels: {
      type: "object",
      required: [],
      default: {},
      propertyNames: id,
      additionalProperties: CHANNEL,
    },
    desks: {
      type: "object",
      required: [],
      default: {},
      propertyNames: id,
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        required: ["title", "channels"],
        properties: {
          title: {
            type: "object",
            additionalProperties: false,
            required: ["zh", "en"],
            properties: { zh: text, en: text },
          },
          scope: {
            type: "array",
            default: [],
            items: text,
            description: "asset paths whose alarms it answers for; all, when empty",
          },
          during: { ...text, description: "window of the school calendar in which somebody is there" },
          channels: { type: "array", maxItems: 20, items: id },
        },
      },
    },
    escalation: {
      type: "object",
      additionalProperties: false,
      default: {},
      properties: { "1": steps, "2": steps, "3": steps, "4": steps },
      description: "by priority: which desks are told, and which next when nobody acknowledges",
    },
  },
} as const;
