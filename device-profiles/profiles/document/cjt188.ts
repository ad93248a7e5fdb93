/** CJ/T 188 meters as documents: how the bytes of their reading follow one another. */
import { answerTo, Cjt188Splitter, READING } from "../../codecs/cjt188.ts";
import type { MetricName, SampleValue } from "../../vocabulary/index.ts";
import type { Profile } from "../catalogue.ts";
import { type Cjt188Field, type Cjt188Profile, readCjt188 } from "../cjt188-profile.ts";
import {
  checkMetric,
  type DocumentKind,
  ENTRIES_MAX,
  HEX_PATTERN,
  hexBytes,
  type ProfileDocument,
  type TestcaseDocument,
} from "./document.ts";

interface Cjt188Document extends ProfileDocument {
  readonly meterType?: number;
  readonly layout?: readonly Cjt188Field[];
  readonly atRest?: Readonly<Record<MetricName, SampleValue>>;
}

interface Cjt188TestcaseDocument extends TestcaseDocument {
  readonly frames: readonly string[];
  readonly readAt?: string;
}

const bits = { type: "integer", minimum: 0, maximum: 0xffff };

/** What each kind of field has beside its kind. */
const PARTS: Readonly<Record<Cjt188Field["kind"], readonly string[]>> = {
  quantity: ["metric", "decimals"],
  number: ["metric", "bytes", "decimals"],
  clock: [],
  status: ["flags"],
  skip: ["bytes"],
};

export const cjt188Document: DocumentKind = {
  properties: {
    meterType: {
      type: "integer",
      minimum: 0x10,
      maximum: 0x49,
      description: "仪表类型，如 16 冷水、17 热水、32 热量、48 燃气 · kind of meter, 16 cold water",
    },
    layout: {
      type: "array",
      minItems: 1,
      maxItems: ENTRIES_MAX,
      description: "数据标识 901F 之后的字段，按顺序 · the fields that follow identifier 901F, in order",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["kind"],
        properties: {
          kind: {
            enum: Object.keys(PARTS),
            description:
              "quantity 带单位的量 4+1 字节，number 数，clock 时钟 7 字节，status 状态 2 字节，skip 跳过 · what lies here",
          },
          metric: { type: "string", minLength: 1 },
          bytes: { type: "integer", minimum: 1, maximum: 16, description: "字节数 · its bytes" },
          decimals: {
            type: "integer",
            minimum: 0,
            maximum: 8,
            description: "小数位 · digits behind the point",
          },
          flags: {
            type: "object",
            minProperties: 1,
            description: "状态位 · set where the bits of mask are equals",
            additionalProperties: {
              type: "object",
              additionalProperties: false,
              required: ["mask", "equals"],
              properties: { mask: bits, equals: bits },
            },
          },
        },
      },
    },
    atRest: {
      type: "object",
      additionalProperties: { type: ["string", "number", "boolean", "null"] },
      description: "模拟器的初始值 · where the simulator starts",
    },
  },
  required: ["meterType", "layout"],
  testcase: {
    properties: {
      frames: {
        type: "array",
        minItems: 1,
        maxItems: 100,
        description: "应答的完整帧，十六进制 · whole frames of answers in hex",
        items: { type: "string", pattern: HEX_PATTERN },
      },
      readAt: {
        type: "string",
        pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(Z|[+-]\\d{2}:\\d{2})$",
        description: "读表时刻，用于时钟偏差 · when it was read, for the clock's offset",
      },
    },
    required: ["frames"],
  },
  compile(document, common, base, report) {
    const own = document as Cjt188Document;
    const inherited = isCjt188(base) ? base : undefined;
    for (const [index, each] of (own.layout ?? []).entries()) {
      for (const part of PARTS[each.kind].filter((name) => !Object.hasOwn(each, name)))
        report(`layout.${index}.${part}`, {
          zh: `${each.kind} 字段缺少 ${part}`,
          en: `a field of the kind ${each.kind} needs ${part}`,
        });
      if ("metric" in each) checkMetric(each.metric, `layout.${index}.metric`, report);
      if (each.kind !== "status") continue;
      for (const name of Object.keys(each.flags ?? {}))
        checkMetric(name, `layout.${index}.flags.${name}`, report);
    }
    return {
      ...common,
      protocol: "cjt188",
      meterType: own.meterType ?? inherited?.meterType ?? 0,
      layout: own.layout ?? inherited?.layout ?? [],
      atRest: { ...inherited?.atRest, ...own.atRest },
    };
  },
  play(profile, testcase) {
    if (!isCjt188(profile)) return new Map();
    const { frames, readAt } = testcase as Cjt188TestcaseDocument;
    const at = readAt === undefined ? 0 : Date.parse(readAt);
    const samples = frames.flatMap((hex) => {
      const [frame, ...more] = new Cjt188Splitter().push(hexBytes(hex));
      const answer = frame === undefined || more.length > 0 ? undefined : answerTo(READING, frame.data);
      if (answer === undefined) throw new Error(`${hex} is not one reading`);
      return readCjt188(profile.layout, answer.value, at);
    });
    return new Map(samples.map((each) => [each.metric, each]));
  },
};

const isCjt188 = (profile: Profile | undefined): profile is Cjt188Profile => profile?.protocol === "cjt188";
