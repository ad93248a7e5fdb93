/**
 * Profiles as documents: what a user writes in YAML, beside the profiles that ship. Here is what documents of every
 * protocol have in common; what is the protocol's own lies in a file of its name.
 *
 * A document is checked twice: its shape by a JSON schema, then its meaning by `compile`, which reports everything that
 * is wrong by field and never throws.
 */
import {
  DEVICE_CLASSES,
  type DeviceClass,
  DURATION_PATTERN,
  duration_ms,
  type LocalText,
  type MetricName,
  metricDefinition,
  type Quality,
  type SampleValue,
} from "../../vocabulary/index.ts";
import type { Profile } from "../catalogue.ts";
import type { ProfileCommon } from "../profile.ts";

/** `<class>/<name>`. */
export const PROFILE_ID_PATTERN = `^(${Object.keys(DEVICE_CLASSES).join("|")})/[a-z0-9][a-z0-9-]{0,63}$`;
export const TESTCASES_MAX = 100;
/** Points, columns, topics … of one profile. */
export const ENTRIES_MAX = 1_000;

/** What every profile's document has; fields left out come from the profile it extends. */
export interface ProfileDocument {
  readonly id: string;
  readonly protocol: string;
  /** Id of the profile whose fields stand where this document says nothing. */
  readonly extends?: string;
  /** Metrics of the extended profile that this device does not have. */
  readonly without?: readonly MetricName[];
  readonly vendor?: string;
  readonly model?: string;
  readonly title?: LocalText;
  readonly proven?: "vectors" | "peer" | "hardware";
  readonly sources?: readonly string[];
  readonly poll?: string;
  readonly testcases?: readonly TestcaseDocument[];
}

export interface TestcaseDocument {
  readonly title: string;
  readonly samples: Readonly<Record<MetricName, ExpectedSample>>;
}

/** A value, which is good; or a value and its quality. */
export type ExpectedSample = SampleValue | { readonly value: SampleValue; readonly quality: Quality };

/** Takes what is wrong with a field, dotted: `points.Environment/Temperature.type`. */
export type Report = (field: string, problem: LocalText) => void;

export interface DocumentKind {
  /** JSON schema of the fields beside the common ones, by name. */
  readonly properties: Readonly<Record<string, object>>;
  /** Fields that a document must have which extends nothing. */
  readonly required: readonly string[];
  /** JSON schema of the fields of a testcase beside title and samples. */
  readonly testcase: {
    readonly properties: Readonly<Record<string, object>>;
    readonly required: readonly string[];
  };
  /** `document` has passed the schema, and `base` speaks the same protocol. */
  compile(
    document: ProfileDocument,
    common: ProfileCommon,
    base: Profile | undefined,
    report: Report,
  ): Profile;
  /** What the profile makes of the testcase's frames, by metric. Throws where the frames make no sense. */
  play(profile: Profile, testcase: TestcaseDocument): ReadonlyMap<MetricName, PlayedSample>;
}

export interface PlayedSample {
  readonly value: SampleValue;
  readonly quality: Quality;
}

const text = { type: "string", minLength: 1, maxLength: 200 } as const;
export const LOCAL_TEXT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["zh", "en"],
  properties: { zh: text, en: text },
} as const;

const COMMON_PROPERTIES: Readonly<Record<string, object>> = {
  id: { type: "string", pattern: PROFILE_ID_PATTERN, description: "设备类别/名称 · class/name" },
  extends: { ...text, description: "在哪个设备模型的基础上修改 · the profile it builds on" },
  without: {
    type: "array",
    maxItems: ENTRIES_MAX,
    items: text,
    description: "本设备没有的量 · metrics of the extended profile that this device does not have",
  },
  vendor: { ...text, description: "厂商 · vendor" },
  model: { ...text, description: "型号 · model" },
  title: { ...LOCAL_TEXT_SCHEMA, description: "名称 · title" },
  proven: {
    type: "string",
    enum: ["vectors", "peer", "hardware"],
    description: "验证方式：报文、独立程序、真机 · how far it is proven",
  },
  sources: {
    type: "array",
    minItems: 1,
    maxItems: 20,
    items: { type: "string", minLength: 1, maxLength: 500 },
    description: "数据出处 · documents its numbers were taken from",
  },
  poll: { type: "string", pattern: DURATION_PATTERN, description: "轮询周期，如 5s · how often to look" },
};

/** Samples by metric. A testcase is played at no time in particular: that its frames are old is not what they mean. */
export function bySample(
  samples: readonly (PlayedSample & { readonly metric: MetricName })[],
): ReadonlyMap<MetricName, PlayedSample> {
  return new Map(
    samples.map(({ metric, quality, value }) => {
      const isOld = quality.status === "uncertain" && OF_TIME.has(quality.reason);
      return [metric, { value, quality: isOld ? { status: "good" } : quality }];
    }),
  );
}

const OF_TIME: ReadonlySet<string> = new Set(["device-clock", "no-event-time"]);

/** Bytes of a testcase, with or without spaces. */
export const HEX_PATTERN = "^([0-9A-Fa-f]{2} ?)+$";

export const hexBytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9A-Fa-f]{2}/g) ?? [], (byte) => Number.parseInt(byte, 16));

/** Needed wherever nothing is extended. */
const COMMON_REQUIRED = ["vendor", "model", "title", "sources", "poll"];

const VALUE = { type: ["string", "number", "boolean", "null"] } as const;
const EXPECTED_SAMPLE = {
  anyOf: [
    VALUE,
    {
      type: "object",
      additionalProperties: false,
      required: ["value", "quality"],
      properties: {
        value: VALUE,
        quality: {
          type: "object",
          additionalProperties: false,
          required: ["status"],
          properties: {
            status: { type: "string", enum: ["good", "uncertain", "bad"] },
            reason: { type: "string" },
          },
        },
      },
    },
  ],
};

export function documentSchema(protocol: string, kind: DocumentKind): object {
  const required = [...COMMON_REQUIRED, ...kind.required];
  return {
    type: "object",
    additionalProperties: false,
    required: ["id", "protocol"],
    if: { properties: { extends: true }, required: ["extends"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: {},
    else: { properties: Object.fromEntries(required.map((name) => [name, true])), required },
    properties: {
      ...COMMON_PROPERTIES,
      protocol: { type: "string", const: protocol },
      ...kind.properties,
      testcases: {
        type: "array",
        maxItems: TESTCASES_MAX,
        description: "报文 → 读数 · frames and what they mean",
        items: {
          type: "object",
          additionalProperties: false,
          required: ["title", "samples", ...kind.testcase.required],
          properties: {
            title: text,
            samples: { type: "object", additionalProperties: EXPECTED_SAMPLE },
            ...kind.testcase.properties,
          },
        },
      },
    },
  };
}

export function commonOf(
  document: ProfileDocument,
  base: Profile | undefined,
  revision: string,
): ProfileCommon {
  const { id } = document;
  return {
    id,
    class: id.slice(0, id.indexOf("/")) as DeviceClass,
    vendor: document.vendor ?? base?.vendor ?? "",
    model: document.model ?? base?.model ?? "",
    title: document.title ?? base?.title ?? { zh: id, en: id },
    // Whoever changes a profile that was proven has proven nothing yet.
    proven: document.proven ?? "vectors",
    sources: [...(document.sources ?? []), ...(base?.sources ?? [])],
    pollInterval_ms: document.poll === undefined ? (base?.pollInterval_ms ?? 0) : duration_ms(document.poll),
    revision: base?.revision === undefined ? revision : `${base.revision} ${revision}`,
  };
}

/** The map without the metrics that the document takes out of it. */
export function withoutMetrics<T>(
  entries: Readonly<Record<MetricName, T>> | undefined,
  without: readonly MetricName[] = [],
): Readonly<Record<MetricName, T>> {
  return Object.fromEntries(Object.entries(entries ?? {}).filter(([metric]) => !without.includes(metric)));
}

/** Reports a metric that the capability dictionary does not know; `*` stands for any instance. */
export function checkMetric(metric: string, field: string, report: Report): void {
  if (metricDefinition(metric.replace("*", "1")) !== undefined) return;
  report(field, {
    zh: `能力词典中没有“${metric}”这个量；见 docs/reference/capabilities.md`,
    en: `the capability dictionary has no metric ${metric}; see docs/reference/capabilities.md`,
  });
}
