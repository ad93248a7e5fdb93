/** What calls in, as documents: bus terminals (JT/T 808) and fire transmitters (GB/T 26875.3). Which bit is which metric. */
import { Gbt26875Splitter } from "../../codecs/gbt26875-frame.ts";
import { parseFireObjects } from "../../codecs/gbt26875-objects.ts";
import { Jt808Splitter } from "../../codecs/jt808-frame.ts";
import { Jt808Message } from "../../codecs/jt808-messages.ts";
import { DURATION_PATTERN, duration_ms, type MetricName } from "../../vocabulary/index.ts";
import type { FireBits, Gbt26875Profile } from "../gbt26875-profile.ts";
import { FireHost } from "../gbt26875-reading.ts";
import type { Jt808Item, Jt808Profile } from "../jt808-profile.ts";
import { type BusState, readLocation } from "../jt808-reading.ts";
import {
  bySample,
  checkMetric,
  type DocumentKind,
  ENTRIES_MAX,
  HEX_PATTERN,
  hexBytes,
  type PlayedSample,
  type ProfileDocument,
  type Report,
  type TestcaseDocument,
  withoutMetrics,
} from "./document.ts";

type Bits = Readonly<Record<MetricName, readonly number[]>>;

interface Jt808Document extends ProfileDocument {
  readonly edition?: 2013 | 2019;
  readonly alarms?: Bits;
  readonly states?: Bits;
  readonly items?: Readonly<Record<number, Jt808Item>>;
  readonly silence?: string;
}

interface Gbt26875Document extends ProfileDocument {
  readonly bits?: Readonly<Record<MetricName, FireBits>>;
  readonly silence?: string;
}

interface CallTestcaseDocument extends TestcaseDocument {
  readonly frames: readonly string[];
}

const bit = { type: "integer", minimum: 0, maximum: 31 } as const;
const bitsSchema = (description: string): object => ({
  type: "object",
  maxProperties: ENTRIES_MAX,
  additionalProperties: { type: "array", minItems: 1, maxItems: 32, items: bit },
  description,
});
const SILENCE = {
  type: "string",
  pattern: DURATION_PATTERN,
  description: "多久没有消息算离线 · silent for so long it is gone",
} as const;
const TESTCASE = {
  properties: {
    frames: {
      type: "array",
      minItems: 1,
      maxItems: 100,
      description: "完整报文，十六进制 · whole frames in hex",
      items: { type: "string", pattern: HEX_PATTERN },
    },
  },
  required: ["frames"],
} as const;

export const jt808Document: DocumentKind = {
  properties: {
    edition: { type: "integer", enum: [2013, 2019], description: "标准年份 · edition of the standard" },
    alarms: bitsSchema("量 → 报警标志位 · metric → bits of the alarm word"),
    states: bitsSchema("量 → 状态位 · metric → bits of the status word"),
    items: {
      type: "object",
      maxProperties: 255,
      propertyNames: { pattern: "^[1-9][0-9]{0,2}$" },
      description: "附加信息 ID（十进制）→ 量 · id of the additional item, decimal → metric",
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        required: ["metric", "bytes", "scale"],
        properties: {
          metric: { type: "string", minLength: 1 },
          bytes: { type: "integer", enum: [1, 2, 4] },
          scale: { type: "number", exclusiveMinimum: 0 },
        },
      },
    },
    silence: SILENCE,
  },
  required: ["edition", "alarms", "states", "silence"],
  testcase: TESTCASE,
  compile(document, common, base, report) {
    const { alarms, edition, items = {}, silence, states, without = [] } = document as Jt808Document;
    const inherited = base?.protocol === "jt808" ? base : undefined;
    checkMetrics(alarms, "alarms", report);
    checkMetrics(states, "states", report);
    for (const [id, { metric }] of Object.entries(items)) checkMetric(metric, `items.${id}.metric`, report);
    const kept = Object.entries(inherited?.items ?? {}).filter(([, { metric }]) => !without.includes(metric));
    return {
      ...common,
      protocol: "jt808",
      edition: edition ?? inherited?.edition ?? 2019,
      alarms: { ...withoutMetrics(inherited?.alarms, without), ...alarms },
      states: { ...withoutMetrics(inherited?.states, without), ...states },
      items: { ...Object.fromEntries(kept), ...items },
      silenceMax_ms: silence === undefined ? (inherited?.silenceMax_ms ?? 0) : duration_ms(silence),
    };
  },
  play(profile, testcase) {
    return profile.protocol === "jt808"
      ? playLocations(profile, testcase as CallTestcaseDocument)
      : new Map();
  },
};

export const gbt26875Document: DocumentKind = {
  properties: {
    bits: {
      type: "object",
      maxProperties: ENTRIES_MAX,
      description:
        "量 → 状态位（系统、部件、传输装置）· metric → bit of the state of a system, component, transmitter",
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        minProperties: 1,
        properties: { system: bit, component: bit, transmitter: bit },
      },
    },
    silence: SILENCE,
  },
  required: ["bits", "silence"],
  testcase: TESTCASE,
  compile(document, common, base, report) {
    const { bits, silence, without } = document as Gbt26875Document;
    const inherited = base?.protocol === "gbt26875" ? base : undefined;
    checkMetrics(bits, "bits", report);
    return {
      ...common,
      protocol: "gbt26875",
      silenceMax_ms: silence === undefined ? (inherited?.silenceMax_ms ?? 0) : duration_ms(silence),
      bits: { ...withoutMetrics(inherited?.bits, without), ...bits },
    };
  },
  play(profile, testcase) {
    return profile.protocol === "gbt26875"
      ? playFireObjects(profile, testcase as CallTestcaseDocument)
      : new Map();
  },
};

function checkMetrics(
  named: Readonly<Record<MetricName, unknown>> = {},
  field: string,
  report: Report,
): void {
  for (const metric of Object.keys(named)) checkMetric(metric, `${field}.${metric}`, report);
}

type Played = ReadonlyMap<MetricName, PlayedSample>;

/** The terminal's own time stands for the receipt: what is proven here is what its bits mean. */
function playLocations(profile: Jt808Profile, { frames }: CallTestcaseDocument): Played {
  const splitter = new Jt808Splitter();
  let newest: BusState | undefined;
  const samples = frames.flatMap((frame) =>
    splitter.push(hexBytes(frame)).flatMap(({ body, message, serial }) => {
      if (message !== Jt808Message.Location) throw new Error("only locations can be played");
      const receipt = { receivedAt: NEVER, live: false, serial, pseudonym: (card: string) => card };
      const step = readLocation(profile, body, receipt, newest);
      newest = step.newest;
      return step.reading.samples;
    }),
  );
  if (splitter.bad > 0) throw new Error("a frame that is none");
  return bySample(samples);
}

function playFireObjects(profile: Gbt26875Profile, { frames }: CallTestcaseDocument): Played {
  const splitter = new Gbt26875Splitter();
  const host = new FireHost(profile);
  const samples = frames
    .flatMap((frame) => splitter.push(hexBytes(frame)))
    .flatMap(({ data, serial }) =>
      parseFireObjects(data).flatMap(
        (object) => host.read(object, { receivedAt: NEVER, clockOffset_ms: 0, serial }).samples,
      ),
    );
  if (splitter.bad > 0) throw new Error("a frame that is none");
  return bySample(samples);
}

/** Later than whatever a recorded frame says. */
const NEVER = Date.UTC(2099, 0);
