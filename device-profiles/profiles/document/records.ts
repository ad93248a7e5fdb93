/** Systems that post JSON, and lists or CSV files at an address, as documents: what their records say. */
import { DURATION_PATTERN, duration_ms, eventDefinition, nearest } from "../../vocabulary/index.ts";
import type { Profile } from "../catalogue.ts";
import type { PullProfile } from "../pull-profile.ts";
import { readRecords, recordsOf, recordsOfDocument } from "../pull-reading.ts";
import { type RecordMapping, readRecord } from "../record-mapping.ts";
import { parseJson } from "../source-message.ts";
import type { WebhookProfile } from "../webhook-profile.ts";
import {
  bySample,
  type DocumentKind,
  type ProfileDocument,
  type Report,
  type TestcaseDocument,
} from "./document.ts";
import {
  checkSourceValues,
  SCALE_SCHEMA,
  SOURCE_VALUES_SCHEMA,
  WORD_SCHEMA,
  WORDS_SCHEMA,
} from "./source-values.ts";

interface WebhookDocument extends ProfileDocument {
  readonly records?: string;
  readonly mappings?: readonly RecordMapping[];
  readonly silence?: string;
}

type PullDocument = ProfileDocument &
  Partial<Pick<PullProfile, "format" | "records" | "cursor" | "mappings">>;

interface RecordTestcaseDocument extends TestcaseDocument {
  readonly document: string;
}

const path = {
  type: "string",
  minLength: 1,
  maxLength: 200,
  description: "成员路径，如 data.visit.id；CSV 为列名 · path of the member; a CSV column’s name",
} as const;
const timeFormat = { type: "string", enum: ["iso", "epoch-s", "epoch-ms", "beijing"] } as const;

const MAPPINGS = {
  type: "array",
  minItems: 1,
  maxItems: 32,
  description: "记录的含义，先符合者为准 · what a record means; the first that it is of decides",
  items: {
    type: "object",
    additionalProperties: false,
    properties: {
      when: {
        type: "object",
        additionalProperties: false,
        required: ["path", "is"],
        description: "哪些记录 · which records",
        properties: { path, is: WORD_SCHEMA },
      },
      id: { ...path, description: "唯一编号；事件必填 · names the record for ever; needed for events" },
      time: {
        type: "object",
        additionalProperties: false,
        required: ["path", "format"],
        properties: { path, format: timeFormat },
      },
      samples: { ...SOURCE_VALUES_SCHEMA, description: "成员 → 量 · member → metric" },
      instance: {
        ...path,
        description: "所属班级、房间等，替换量名中的 * · whose it is: stands for * in the metrics",
      },
      event: {
        type: "object",
        additionalProperties: false,
        required: ["name", "fields"],
        properties: {
          name: { type: "string", minLength: 1 },
          fields: {
            type: "object",
            maxProperties: 64,
            additionalProperties: {
              type: "object",
              additionalProperties: false,
              required: ["path"],
              properties: {
                path,
                words: WORDS_SCHEMA,
                scale: SCALE_SCHEMA,
                isIdentity: {
                  type: "boolean",
                  description: "卡号等身份：只传假名 · only its pseudonym leaves the box",
                },
                time: timeFormat,
              },
            },
          },
        },
      },
    },
  },
} as const;
const RECORDS = { ...path, description: "记录所在位置 · where the records stand" } as const;
const TESTCASE = {
  properties: { document: { type: "string", description: "收到的内容 · what is posted, or stands there" } },
  required: ["document"],
} as const;

export const webhookDocument: DocumentKind = {
  properties: {
    records: RECORDS,
    mappings: MAPPINGS,
    silence: {
      type: "string",
      pattern: DURATION_PATTERN,
      description: "多久没有上报算离线 · silent for so long it is gone",
    },
  },
  required: ["mappings", "silence"],
  testcase: TESTCASE,
  compile(document, common, base, report) {
    const { mappings, records, silence } = document as WebhookDocument;
    const inherited = isWebhook(base) ? base : undefined;
    checkMappings(mappings, report);
    const at = records ?? inherited?.records;
    return {
      ...common,
      protocol: "webhook",
      ...(at === undefined ? {} : { records: at }),
      mappings: mappings ?? inherited?.mappings ?? [],
      silenceMax_ms: silence === undefined ? (inherited?.silenceMax_ms ?? 0) : duration_ms(silence),
    };
  },
  play(profile, testcase) {
    if (!isWebhook(profile)) return new Map();
    const { document } = testcase as RecordTestcaseDocument;
    const samples = recordsOf(parseJson(document), profile.records).flatMap(
      (record) => readRecord(profile.mappings, record, RECEIPT)?.samples ?? [],
    );
    return bySample(samples);
  },
};

export const pullDocument: DocumentKind = {
  properties: {
    format: { type: "string", enum: ["json", "csv"] },
    records: RECORDS,
    cursor: {
      type: "object",
      additionalProperties: false,
      required: ["path"],
      description: "只增的编号 · a member that only grows",
      properties: {
        path,
        query: {
          type: "string",
          minLength: 1,
          maxLength: 64,
          description: "查询参数 · parameter by which later records only are asked for",
        },
      },
    },
    mappings: MAPPINGS,
  },
  required: ["format", "mappings"],
  testcase: TESTCASE,
  compile(document, common, base, report) {
    const own = document as PullDocument;
    const inherited = isPull(base) ? base : undefined;
    checkMappings(own.mappings, report);
    const [at, cursor] = [own.records ?? inherited?.records, own.cursor ?? inherited?.cursor];
    return {
      ...common,
      protocol: "pull",
      format: own.format ?? inherited?.format ?? "json",
      ...(at === undefined ? {} : { records: at }),
      ...(cursor === undefined ? {} : { cursor }),
      mappings: own.mappings ?? inherited?.mappings ?? [],
    };
  },
  play(profile, testcase) {
    if (!isPull(profile)) return new Map();
    const bytes = new TextEncoder().encode((testcase as RecordTestcaseDocument).document);
    const { samples } = readRecords(profile, recordsOfDocument(profile, bytes), undefined, RECEIPT);
    return bySample(samples);
  },
};

const RECEIPT = { receivedAt: Date.UTC(2099, 0), live: false, pseudonym: (card: string): string => card };

function checkMappings(mappings: readonly RecordMapping[] = [], report: Report): void {
  for (const [i, { event, id, instance, samples }] of mappings.entries()) {
    checkSourceValues(samples, `mappings.${i}.samples`, report);
    const isOfMany = Object.values(samples ?? {}).some(({ metric }) => metric.includes("*"));
    if (isOfMany && instance === undefined) {
      report(`mappings.${i}`, {
        zh: "量名中有 * 时须有 instance",
        en: "metrics with * need an instance: whose they are",
      });
    }
    if (event === undefined) continue;
    const definition = eventDefinition(event.name);
    if (definition === undefined) {
      report(`mappings.${i}.event.name`, {
        zh: `能力词典中没有“${event.name}”这个事件`,
        en: `the capability dictionary has no event ${event.name}`,
      });
      continue;
    }
    if (id === undefined) {
      report(`mappings.${i}`, {
        zh: "事件须有 id",
        en: "an event needs an id: it could not be told from another",
      });
    }
    const known = Object.keys(definition.fields);
    for (const name of Object.keys(event.fields)) {
      if (known.includes(name)) continue;
      const [hint = known.join(", ")] = nearest(name, known);
      report(`mappings.${i}.event.fields.${name}`, {
        zh: `${event.name} 没有字段“${name}”（有 ${hint}）`,
        en: `${event.name} has no field ${name} (it has ${hint})`,
      });
    }
  }
}

const isWebhook = (profile: Profile | undefined): profile is WebhookProfile =>
  profile?.protocol === "webhook";
const isPull = (profile: Profile | undefined): profile is PullProfile => profile?.protocol === "pull";
