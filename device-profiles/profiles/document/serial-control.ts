/** Central controllers, projectors and displays as documents: the table of bytes that a manual prints. */
import { BytePattern, BytePatternError } from "../../codecs/byte-pattern.ts";
import { type MetricName, metricDefinition, type SampleValue } from "../../vocabulary/index.ts";
import type { Profile } from "../catalogue.ts";
import {
  type Interlock,
  listen,
  type Saying,
  type SerialControlProfile,
  type SerialPoint,
  serialControlProblems,
} from "../serial-control-profile.ts";
import {
  checkMetric,
  type DocumentKind,
  ENTRIES_MAX,
  type ProfileDocument,
  type Report,
  type TestcaseDocument,
  withoutMetrics,
} from "./document.ts";

/** A frame with the number in it, or a frame for each value. */
type Frames = string | Readonly<Record<string, string>>;

interface PointDocument {
  readonly ask?: string;
  readonly says: Frames;
  readonly set?: Frames;
  readonly scale?: number;
}

interface SerialControlDocument extends ProfileDocument {
  readonly line?: SerialControlProfile["line"];
  readonly gap_ms?: number;
  readonly answer_ms?: number;
  readonly retries?: number;
  readonly deviceNumber?: number;
  readonly points?: Readonly<Record<MetricName, PointDocument>>;
  readonly accepted?: readonly string[];
  readonly refused?: readonly string[];
  readonly tellsChanges?: boolean;
  readonly interlocks?: readonly Interlock[];
}

interface SerialControlTestcaseDocument extends TestcaseDocument {
  readonly bytes: string;
}

const HEX = "^[0-9A-Fa-f]{2}( [0-9A-Fa-f]{2})*$";
const PATTERN_CHARACTERS_MAX = 1_000;
const pattern = { type: "string", minLength: 1, maxLength: PATTERN_CHARACTERS_MAX } as const;
const frames = {
  anyOf: [pattern, { type: "object", minProperties: 1, maxProperties: 64, additionalProperties: pattern }],
} as const;
const milliseconds = (maximum: number) => ({ type: "integer", minimum: 0, maximum });
const value = { type: ["string", "number", "boolean"] } as const;

export const serialControlDocument: DocumentKind = {
  properties: {
    line: {
      type: "object",
      additionalProperties: false,
      required: ["baud", "dataBits", "parity", "stopBits"],
      description: "串口参数与 TCP 端口 · serial settings, and the TCP port where there is one",
      properties: {
        baud: { type: "integer", minimum: 300, maximum: 921_600 },
        dataBits: { type: "integer", enum: [7, 8] },
        parity: { type: "string", enum: ["none", "even", "odd"] },
        stopBits: { type: "integer", enum: [1, 2] },
        port: { type: "integer", minimum: 1, maximum: 65_535 },
      },
    },
    gap_ms: { ...milliseconds(1_000), description: "两帧之间的静默 · silence between frames" },
    answer_ms: { ...milliseconds(5_000), description: "应答时限 · how long it may take to answer" },
    retries: { type: "integer", minimum: 0, maximum: 5, description: "重发次数 · how often to ask again" },
    deviceNumber: {
      type: "integer",
      minimum: 0,
      maximum: 255,
      description: "帧中的 {id} · {id} in its frames",
    },
    points: {
      type: "object",
      maxProperties: ENTRIES_MAX,
      description: "每个量：询问、应答、设置的字节 · for each metric the bytes that ask, say and set it",
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        required: ["says"],
        properties: {
          ask: { ...pattern, description: "询问帧 · asks for it" },
          says: {
            ...frames,
            description: "应答帧：含 {value}，或每个值一帧 · with {value}, or a frame for each value",
          },
          set: { ...frames, description: "设置帧 · sets it" },
          scale: {
            type: "number",
            exclusiveMinimum: 0,
            description: "{value} 的单位 · what one count is worth",
          },
        },
      },
    },
    accepted: {
      type: "array",
      maxItems: 16,
      items: pattern,
      description: "已接受 · said when a command was taken",
    },
    refused: {
      type: "array",
      maxItems: 16,
      items: pattern,
      description: "被拒绝 · said when it cannot be done now",
    },
    tellsChanges: { type: "boolean", description: "会主动上报变化 · says by itself what changed" },
    interlocks: {
      type: "array",
      maxItems: 16,
      description: "联锁：如先关投影机、散热后再断电 · what must be so before a command is given",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["metric", "value", "first", "until"],
        properties: {
          metric: { type: "string" },
          value,
          until: value,
          first: {
            type: "object",
            additionalProperties: false,
            required: ["metric", "value"],
            properties: { metric: { type: "string" }, value },
          },
        },
      },
    },
  },
  required: ["line", "points"],
  testcase: {
    properties: {
      bytes: { type: "string", pattern: HEX, description: "设备发出的字节 · what the device sends" },
    },
    required: ["bytes"],
  },
  compile(document, common, base, report) {
    const own = document as SerialControlDocument;
    const inherited = isSerialControl(base) ? base : undefined;
    const patterns = (texts: readonly string[] | undefined, field: string): readonly BytePattern[] =>
      (texts ?? []).flatMap((text, i) => compilePattern(text, `${field}.${i}`, report) ?? []);
    const profile: SerialControlProfile = {
      ...common,
      protocol: "serial-control",
      line: own.line ?? inherited?.line ?? { baud: 9_600, dataBits: 8, parity: "none", stopBits: 1 },
      gap_ms: own.gap_ms ?? inherited?.gap_ms ?? 50,
      answer_ms: own.answer_ms ?? inherited?.answer_ms ?? 1_000,
      retries: own.retries ?? inherited?.retries ?? 1,
      deviceNumber: own.deviceNumber ?? inherited?.deviceNumber ?? 0,
      points: {
        ...withoutMetrics(inherited?.points, own.without),
        ...Object.fromEntries(
          Object.entries(own.points ?? {}).map(([metric, point]) => [
            metric,
            compilePoint(metric, point, report),
          ]),
        ),
      },
      accepted: own.accepted === undefined ? (inherited?.accepted ?? []) : patterns(own.accepted, "accepted"),
      refused: own.refused === undefined ? (inherited?.refused ?? []) : patterns(own.refused, "refused"),
      tellsChanges: own.tellsChanges ?? inherited?.tellsChanges ?? false,
      interlocks: own.interlocks ?? inherited?.interlocks ?? [],
    };
    for (const problem of serialControlProblems(profile)) report("points", { zh: problem, en: problem });
    checkInterlocks(profile, report);
    return profile;
  },
  play(profile, testcase) {
    if (!isSerialControl(profile)) return new Map();
    const bytes = Uint8Array.from((testcase as SerialControlTestcaseDocument).bytes.split(" "), (byte) =>
      Number.parseInt(byte, 16),
    );
    const { said } = listen(profile, bytes, profile.deviceNumber);
    return new Map(
      said.flatMap((each) =>
        each.kind === "told"
          ? [[each.heard.metric, { value: each.heard.value, quality: { status: "good" as const } }] as const]
          : [],
      ),
    );
  },
};

const isSerialControl = (profile: Profile | undefined): profile is SerialControlProfile =>
  profile?.protocol === "serial-control";

function compilePoint(
  metric: MetricName,
  { ask, says, scale, set }: PointDocument,
  report: Report,
): SerialPoint {
  const field = `points.${metric}`;
  checkMetric(metric, field, report);
  const query = ask === undefined ? undefined : compilePattern(ask, `${field}.ask`, report);
  return {
    ...(query === undefined ? {} : { query }),
    sayings: compileFrames(metric, says, scale, `${field}.says`, report),
    ...(set === undefined ? {} : { commands: compileFrames(metric, set, scale, `${field}.set`, report) }),
  };
}

function compileFrames(
  metric: MetricName,
  written: Frames,
  scale: number | undefined,
  field: string,
  report: Report,
): readonly Saying[] {
  if (typeof written === "string") {
    const compiled = compilePattern(written, field, report);
    return compiled === undefined ? [] : [{ pattern: compiled, ...(scale === undefined ? {} : { scale }) }];
  }
  const known = Object.keys(metricDefinition(metric)?.values ?? {});
  return Object.entries(written).flatMap(([word, text]) => {
    if (known.length > 0 && !known.includes(word)) {
      report(`${field}.${word}`, {
        zh: `没有“${word}”这个状态；可用：${known.join("、")}`,
        en: `it cannot be ${word}; it can be ${known.join(", ")}`,
      });
    }
    const compiled = compilePattern(text, `${field}.${word}`, report);
    return compiled === undefined ? [] : [{ pattern: compiled, value: valueOfWord(word) }];
  });
}

function valueOfWord(word: string): SampleValue {
  if (word === "true" || word === "false") return word === "true";
  return word;
}

function compilePattern(text: string, field: string, report: Report): BytePattern | undefined {
  try {
    return new BytePattern(text);
  } catch (error) {
    if (!(error instanceof BytePatternError)) throw error;
    report(field, { zh: `字节写法有误：${error.message}`, en: error.message });
    return undefined;
  }
}

/** An interlock that names what the device does not have would never let go. */
function checkInterlocks({ interlocks = [], points }: SerialControlProfile, report: Report): void {
  for (const [i, { first, metric }] of interlocks.entries()) {
    for (const each of [metric, first.metric]) {
      if (Object.hasOwn(points, each)) continue;
      report(`interlocks.${i}`, { zh: `本设备没有 ${each}`, en: `this device has no ${each}` });
    }
  }
}
