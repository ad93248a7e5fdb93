/** LoRaWAN devices behind ChirpStack as documents: how the payload is laid out, and what its fields are. */
import { decodePayload, type PayloadField, type PayloadLayout } from "../../codecs/payload-fields.ts";
import { DURATION_PATTERN, duration_ms, eventDefinition, GOOD } from "../../vocabulary/index.ts";
import type { Profile } from "../catalogue.ts";
import type { ChirpstackProfile } from "../chirpstack-profile.ts";
import { readValue } from "../source-value.ts";
import {
  checkMetric,
  type DocumentKind,
  ENTRIES_MAX,
  HEX_PATTERN,
  hexBytes,
  type ProfileDocument,
  type TestcaseDocument,
  withoutMetrics,
} from "./document.ts";
import { checkSourceValues, SOURCE_VALUES_SCHEMA, sourceValues, WORD_SCHEMA } from "./source-values.ts";

const NUMBERS = {
  u8: { bytes: 1, signed: false },
  i8: { bytes: 1, signed: true },
  u16: { bytes: 2, signed: false },
  i16: { bytes: 2, signed: true },
  u32: { bytes: 4, signed: false },
  i32: { bytes: 4, signed: true },
} as const;

/** Without a type it is only stepped over. */
interface FieldDocument {
  readonly name: string;
  readonly type?: keyof typeof NUMBERS;
  readonly order?: "LE" | "BE";
  readonly mask?: number;
  readonly length?: number;
}

type ChirpstackDocument = ProfileDocument &
  Partial<Pick<ChirpstackProfile, "values" | "actions" | "downlinks">> & {
    readonly channels?: Readonly<Record<string, FieldDocument>>;
    readonly fields?: readonly FieldDocument[];
    readonly silence?: string;
  };

interface ChirpstackTestcaseDocument extends TestcaseDocument {
  readonly payload: string;
}

const FIELD_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: { type: "string", minLength: 1, maxLength: 64 },
    type: { type: "string", enum: Object.keys(NUMBERS), description: "省略则跳过 · left out: stepped over" },
    order: { type: "string", enum: ["LE", "BE"], description: "字节序 · order of bytes, LE unless said" },
    mask: { type: "integer", minimum: 1, maximum: 0xffff_ffff, description: "有效位 · bits that count" },
    length: { type: "integer", minimum: 1, maximum: 242, description: "占用字节数 · bytes that it takes" },
  },
} as const;

export const chirpstackDocument: DocumentKind = {
  properties: {
    channels: {
      type: "object",
      maxProperties: ENTRIES_MAX,
      propertyNames: { pattern: "^[0-9a-f]{2} [0-9a-f]{2}$" },
      additionalProperties: FIELD_SCHEMA,
      description: "通道与类型 → 字段，如 03 67 · channel and type → field",
    },
    fields: {
      type: "array",
      maxItems: ENTRIES_MAX,
      items: FIELD_SCHEMA,
      description: "依次排列的字段 · fields in fixed places",
    },
    values: { ...SOURCE_VALUES_SCHEMA, description: "字段名 → 量 · name of the field → metric" },
    actions: {
      type: "object",
      maxProperties: 16,
      description: "字段名 → 事件 · name of the field → what happened",
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        required: ["event", "words"],
        properties: {
          event: { type: "string", minLength: 1 },
          words: {
            type: "object",
            propertyNames: { pattern: "^[0-9]+$" },
            additionalProperties: { type: "string", minLength: 1, maxLength: 64 },
          },
        },
      },
    },
    downlinks: {
      type: "object",
      maxProperties: 64,
      description: "下行命令：每个值一帧 · commands: a payload for each value",
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        required: ["port", "payloads"],
        properties: {
          port: { type: "integer", minimum: 1, maximum: 223 },
          payloads: {
            type: "array",
            minItems: 1,
            maxItems: 64,
            items: {
              type: "array",
              items: [WORD_SCHEMA, { type: "string", pattern: HEX_PATTERN }],
              minItems: 2,
              maxItems: 2,
            },
          },
        },
      },
    },
    silence: {
      type: "string",
      pattern: DURATION_PATTERN,
      description: "多久没有上行算离线 · silent for so long it is gone",
    },
  },
  required: ["values", "silence"],
  testcase: {
    properties: {
      payload: { type: "string", pattern: HEX_PATTERN, description: "上行数据，十六进制 · payload in hex" },
    },
    required: ["payload"],
  },
  compile(document, common, base, report) {
    const own = document as ChirpstackDocument;
    const inherited = isChirpstack(base) ? base : undefined;
    const payload = layoutOf(own) ?? inherited?.payload ?? { kind: "fixed", fields: [] };
    checkSourceValues(own.values, "values", report);
    const values = sourceValues(own.values, inherited?.values, own.without);
    const names = namesIn(payload);
    for (const name of Object.keys(own.values ?? {})) {
      if (names.has(name)) continue;
      const known = [...names].join(", ");
      report(`values.${name}`, {
        zh: `数据中没有字段“${name}”；有 ${known}`,
        en: `the payload has no field ${name}; it has ${known}`,
      });
    }
    for (const [name, { event }] of Object.entries(own.actions ?? {})) {
      if (eventDefinition(event) !== undefined) continue;
      report(`actions.${name}.event`, {
        zh: `能力词典中没有“${event}”这个事件`,
        en: `the capability dictionary has no event ${event}`,
      });
    }
    for (const metric of Object.keys(own.downlinks ?? {})) checkMetric(metric, `downlinks.${metric}`, report);
    const actions = own.actions ?? inherited?.actions;
    const downlinks = { ...withoutMetrics(inherited?.downlinks, own.without), ...own.downlinks };
    return {
      ...common,
      protocol: "chirpstack",
      payload,
      values,
      ...(actions === undefined ? {} : { actions }),
      ...(Object.keys(downlinks).length === 0 ? {} : { downlinks }),
      silenceMax_ms: own.silence === undefined ? (inherited?.silenceMax_ms ?? 0) : duration_ms(own.silence),
    };
  },
  play(profile, testcase) {
    if (!isChirpstack(profile)) return new Map();
    const fields = decodePayload(profile.payload, hexBytes((testcase as ChirpstackTestcaseDocument).payload));
    return new Map(
      [...fields].flatMap(([name, raw]) => {
        const source = profile.values[name];
        if (source === undefined) return [];
        const { quality = GOOD, value } = readValue(source, raw);
        return [[source.metric, { value, quality }] as const];
      }),
    );
  },
};

function layoutOf({ channels, fields }: ChirpstackDocument): PayloadLayout | undefined {
  if (channels !== undefined) {
    const entries = Object.entries(channels).map(([key, field]) => [key, fieldOf(field)] as const);
    return { kind: "channels", fields: Object.fromEntries(entries) };
  }
  return fields === undefined ? undefined : { kind: "fixed", fields: fields.map(fieldOf) };
}

function fieldOf({ length, mask, name, order = "LE", type }: FieldDocument): PayloadField {
  if (type === undefined) return { name, length: length ?? 1 };
  const number = { ...NUMBERS[type], order, ...(mask === undefined ? {} : { mask }) };
  return { name, length: length ?? number.bytes, number };
}

const namesIn = ({ fields }: PayloadLayout): ReadonlySet<string> =>
  new Set(Object.values(fields).map(({ name }) => name));

const isChirpstack = (profile: Profile | undefined): profile is ChirpstackProfile =>
  profile?.protocol === "chirpstack";
