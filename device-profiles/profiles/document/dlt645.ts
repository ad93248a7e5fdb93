/** DL/T 645-2007 meters as documents: what they are asked for, and how the digits of each answer lie. */
import { Dlt645Splitter, splitIdentifier } from "../../codecs/dlt645.ts";
import type { MetricName, SampleValue } from "../../vocabulary/index.ts";
import type { Profile } from "../catalogue.ts";
import {
  amount,
  type Dlt645Field,
  type Dlt645Item,
  type Dlt645Profile,
  digits,
  readItem,
  statusBit,
} from "../dlt645-profile.ts";
import {
  checkMetric,
  type DocumentKind,
  ENTRIES_MAX,
  HEX_PATTERN,
  hexBytes,
  type ProfileDocument,
  type Report,
  type TestcaseDocument,
  withoutMetrics,
} from "./document.ts";

/** A number; with `digits: true` its digits as they are; with `bit` a bit of a status word. */
interface FieldDocument {
  readonly metric: MetricName;
  readonly bytes: number;
  readonly decimals?: number;
  readonly signed?: boolean;
  readonly digits?: boolean;
  readonly bit?: number;
}

interface ItemDocument {
  readonly identifier: string;
  readonly fields: readonly FieldDocument[];
}

interface Dlt645Document extends ProfileDocument {
  readonly identity?: readonly ItemDocument[];
  readonly items?: readonly ItemDocument[];
  readonly atRest?: Readonly<Record<MetricName, SampleValue>>;
}

interface Dlt645TestcaseDocument extends TestcaseDocument {
  readonly exchanges: readonly (readonly [request: string, response: string])[];
}

const itemsSchema = (description: string): object => ({
  type: "array",
  maxItems: ENTRIES_MAX,
  description,
  items: {
    type: "object",
    additionalProperties: false,
    required: ["identifier", "fields"],
    properties: {
      identifier: {
        type: "string",
        pattern: "^[0-9A-Fa-f]{8}$",
        description: "数据标识 DI3 DI2 DI1 DI0，如 02010100 · data identifier",
      },
      fields: {
        type: "array",
        minItems: 1,
        maxItems: 64,
        items: {
          type: "object",
          additionalProperties: false,
          required: ["metric", "bytes"],
          properties: {
            metric: { type: "string", minLength: 1 },
            bytes: { type: "integer", minimum: 1, maximum: 16, description: "字节数 · its bytes" },
            decimals: {
              type: "integer",
              minimum: 0,
              maximum: 8,
              description: "小数位 · digits behind the point",
            },
            signed: { type: "boolean", description: "最高位为符号 · the highest bit says minus" },
            digits: {
              type: "boolean",
              description: "数字串，如表号 · digits as they are: a number on a plate",
            },
            bit: {
              type: "integer",
              minimum: 0,
              maximum: 127,
              description: "状态字的位 · bit of a status word",
            },
          },
        },
      },
    },
  },
});

export const dlt645Document: DocumentKind = {
  properties: {
    identity: itemsSchema("只读一次的信息 · facts that are asked for once"),
    items: itemsSchema("每次轮询的数据标识 · what is asked for at each poll"),
    atRest: {
      type: "object",
      additionalProperties: { type: ["string", "number", "boolean", "null"] },
      description: "模拟器的初始值 · where the simulator starts",
    },
  },
  required: ["items"],
  testcase: {
    properties: {
      exchanges: {
        type: "array",
        minItems: 1,
        maxItems: 100,
        description: "请求与应答的完整帧，十六进制 · whole frames of request and response in hex",
        items: { type: "array", items: { type: "string", pattern: HEX_PATTERN }, minItems: 2, maxItems: 2 },
      },
    },
    required: ["exchanges"],
  },
  compile(document, common, base, report) {
    const { atRest, identity, items, without = [] } = document as Dlt645Document;
    const inherited = isDlt645(base) ? base : undefined;
    return {
      ...common,
      protocol: "dlt645",
      identity: [...compileItems(identity, "identity", report), ...keptItems(inherited?.identity, without)],
      items: [...compileItems(items, "items", report), ...keptItems(inherited?.items, without)],
      atRest: { ...withoutMetrics(inherited?.atRest, without), ...atRest },
    };
  },
  play(profile, testcase) {
    if (!isDlt645(profile)) return new Map();
    const known = [...profile.identity, ...profile.items];
    const samples = (testcase as Dlt645TestcaseDocument).exchanges.flatMap(([request, response]) => {
      const [asked, answered] = [request, response].map(dataIn);
      const item = known.find(({ identifier }) => identifier === answered?.identifier);
      if (item === undefined || answered === undefined) throw new Error(`${response} answers no item`);
      if (asked?.identifier !== item.identifier) throw new Error(`${response} does not answer ${request}`);
      return readItem(item, answered.value, 0);
    });
    return new Map(samples.map((each) => [each.metric, each]));
  },
};

function dataIn(hex: string): ReturnType<typeof splitIdentifier> {
  const [frame, ...more] = new Dlt645Splitter().push(hexBytes(hex));
  if (frame === undefined || more.length > 0) throw new Error(`${hex} is not one frame`);
  return splitIdentifier(frame.data);
}

function compileItems(items: readonly ItemDocument[] = [], field: string, report: Report): Dlt645Item[] {
  return items.map(({ fields, identifier }, i) => ({
    identifier: Number.parseInt(identifier, 16),
    fields: fields.map((each, at) => {
      checkMetric(each.metric, `${field}.${i}.fields.${at}.metric`, report);
      return compileField(each);
    }),
  }));
}

function compileField({
  bit,
  bytes,
  decimals,
  digits: asDigits,
  metric,
  signed,
}: FieldDocument): Dlt645Field {
  if (bit !== undefined) return statusBit(metric, bytes, bit);
  if (asDigits === true) return digits(metric, bytes);
  return amount(metric, bytes, decimals ?? 0, signed === undefined ? {} : { signed });
}

/** An item goes when none of its metrics is wanted. */
const keptItems = (
  items: readonly Dlt645Item[] = [],
  without: readonly MetricName[],
): readonly Dlt645Item[] =>
  items.filter(({ fields }) => fields.some(({ metric }) => !without.includes(metric)));

const isDlt645 = (profile: Profile | undefined): profile is Dlt645Profile => profile?.protocol === "dlt645";
