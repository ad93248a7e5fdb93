/** Modbus profiles as documents. A device's log of events cannot be written here; it can be inherited. */
import { ModbusImage } from "../../codecs/modbus-image.ts";
import { parseRequest, parseResponse } from "../../codecs/modbus-pdu.ts";
import {
  ascii,
  float32,
  hexBytes,
  int16,
  int32,
  type RegisterCodec,
  uint16,
  uint32,
  type WordOrder,
} from "../../codecs/registers.ts";
import { DataType, type MetricName, metricDefinition, type SampleValue } from "../../vocabulary/index.ts";
import type { Profile } from "../catalogue.ts";
import type { ModbusPoint, ModbusProfile, RegisterField } from "../modbus-profile.ts";
import { readPoints } from "../modbus-reading.ts";
import {
  checkMetric,
  type DocumentKind,
  ENTRIES_MAX,
  type ProfileDocument,
  type Report,
  type TestcaseDocument,
  withoutMetrics,
} from "./document.ts";

const NUMBERS: Readonly<Record<string, (order?: WordOrder) => RegisterCodec<number>>> = {
  uint16,
  int16,
  uint32,
  int32,
  float32,
};
const TEXTS: Readonly<Record<string, (registers: number) => RegisterCodec<string>>> = {
  ascii,
  bytes: hexBytes,
};
const TABLES = ["input", "holding", "coil", "discrete"] as const;

interface PointDocument {
  readonly input?: number;
  readonly holding?: number;
  readonly coil?: number;
  readonly discrete?: number;
  readonly makes?: number;
  readonly breaks?: number;
  readonly latchCoil?: number;
  readonly type?: string;
  readonly order?: WordOrder;
  readonly registers?: number;
  readonly divisor?: number;
  readonly sentinels?: readonly number[];
  readonly values?: Readonly<Record<number, string>>;
}

interface ModbusDocument extends ProfileDocument {
  readonly identity?: Readonly<Record<MetricName, PointDocument>>;
  readonly points?: Readonly<Record<MetricName, PointDocument>>;
  readonly readGap?: number;
  readonly atRest?: Readonly<Record<MetricName, SampleValue>>;
}

interface ModbusTestcaseDocument extends TestcaseDocument {
  readonly exchanges: readonly (readonly [request: string, response: string])[];
}

const address = { type: "integer", minimum: 0, maximum: 65_535 } as const;
const HEX = "^([0-9A-Fa-f]{2} ?)+([0-9A-Fa-f]{2} ?)*$";

const POINT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    input: { ...address, description: "输入寄存器的 PDU 地址（30001 为 0）· input register, PDU address" },
    holding: {
      ...address,
      description: "保持寄存器的 PDU 地址（40001 为 0）· holding register, PDU address",
    },
    coil: { ...address, description: "线圈的 PDU 地址 · coil" },
    discrete: { ...address, description: "离散输入的 PDU 地址 · discrete input" },
    makes: { ...address, description: "按下时闭合的离散输入 · contact that closes when pressed" },
    breaks: { ...address, description: "按下时断开的离散输入 · contact that opens when pressed" },
    latchCoil: { ...address, description: "锁存线圈 · coil that keeps a short signal" },
    type: {
      type: "string",
      enum: [...Object.keys(NUMBERS), ...Object.keys(TEXTS)],
      description: "数据类型 · how the value lies in registers",
    },
    order: {
      type: "string",
      enum: ["ABCD", "CDAB", "BADC", "DCBA"],
      description: "字节与字序 · order of bytes and words",
    },
    registers: { type: "integer", minimum: 1, maximum: 64, description: "文本长度 · length of a text" },
    divisor: { type: "number", exclusiveMinimum: 0, description: "除以多少 · register counts to one unit" },
    sentinels: {
      type: "array",
      maxItems: 16,
      items: { type: "number" },
      description: "表示无读数的值 · register values that mean “no reading”",
    },
    values: {
      type: "object",
      maxProperties: 64,
      propertyNames: { pattern: "^-?[0-9]+$" },
      additionalProperties: { type: "string", minLength: 1, maxLength: 64 },
      description: "代码 → 状态 · code in the register → state",
    },
  },
} as const;

const pointsSchema = (description: string): object => ({
  type: "object",
  maxProperties: ENTRIES_MAX,
  additionalProperties: POINT_SCHEMA,
  description,
});

export const modbusDocument: DocumentKind = {
  properties: {
    identity: pointsSchema("只读一次的信息 · facts that are read once"),
    points: pointsSchema("每次轮询的量 · what is read at each poll"),
    readGap: {
      type: "integer",
      minimum: 0,
      maximum: 120,
      description: "可以多读的空隙 · cells nobody asked for that may be read to join two reads",
    },
    atRest: {
      type: "object",
      additionalProperties: { type: ["string", "number", "boolean", "null"] },
      description: "模拟器的初始值 · where the simulator starts",
    },
  },
  required: ["points"],
  testcase: {
    properties: {
      exchanges: {
        type: "array",
        minItems: 1,
        maxItems: 100,
        description: "请求与应答的 PDU，十六进制 · request and response PDU in hex",
        items: {
          type: "array",
          items: { type: "string", pattern: HEX },
          minItems: 2,
          maxItems: 2,
        },
      },
    },
    required: ["exchanges"],
  },
  compile(document, common, base, report) {
    const { atRest, identity, points, readGap, without } = document as ModbusDocument;
    const inherited = isModbus(base) ? base : undefined;
    const gap = readGap ?? inherited?.readGap;
    const { log } = inherited ?? {};
    return {
      ...common,
      protocol: "modbus",
      identity: {
        ...withoutMetrics(inherited?.identity, without),
        ...compilePoints("identity", identity, report),
      },
      points: { ...withoutMetrics(inherited?.points, without), ...compilePoints("points", points, report) },
      ...(log === undefined ? {} : { log }),
      ...(gap === undefined ? {} : { readGap: gap }),
      atRest: { ...withoutMetrics(inherited?.atRest, without), ...atRest },
    };
  },
  play(profile, testcase) {
    if (!isModbus(profile)) return new Map();
    const image = new ModbusImage();
    for (const [asked, answered] of (testcase as ModbusTestcaseDocument).exchanges) {
      const request = parseRequest(bytesOf(asked));
      if ("exception" in request || request.operation !== "read") throw new Error(`${asked} is no read`);
      const response = parseResponse(request, bytesOf(answered));
      if (response.kind !== "cells") throw new Error(`${answered} brings no cells`);
      image.write(request.table, request.pduAddress, response.cells);
    }
    return new Map(
      readPoints({ ...profile.identity, ...profile.points }, image, 0).map((each) => [each.metric, each]),
    );
  },
};

const isModbus = (profile: Profile | undefined): profile is ModbusProfile => profile?.protocol === "modbus";

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.replaceAll(" ", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

function compilePoints(
  section: string,
  documents: Readonly<Record<MetricName, PointDocument>> = {},
  report: Report,
): Readonly<Record<MetricName, ModbusPoint>> {
  return Object.fromEntries(
    Object.entries(documents).flatMap(([metric, document]) => {
      const field = `${section}.${metric}`;
      checkMetric(metric, field, report);
      const point = compilePoint(metric, document, field, report);
      return point === undefined ? [] : [[metric, point]];
    }),
  );
}

function compilePoint(
  metric: MetricName,
  document: PointDocument,
  field: string,
  report: Report,
): ModbusPoint | undefined {
  const { breaks, latchCoil, makes } = document;
  const tables = TABLES.filter((table) => document[table] !== undefined);
  const [table] = tables;
  const antivalent = makes !== undefined || breaks !== undefined;
  if (tables.length + (antivalent ? 1 : 0) !== 1 || (makes === undefined) !== (breaks === undefined)) {
    report(field, {
      zh: "须写明在何处：input、holding、coil、discrete 之一，或 makes 与 breaks 一对",
      en: "must say where it lies: one of input, holding, coil, discrete; or makes and breaks together",
    });
    return undefined;
  }
  if (makes !== undefined && breaks !== undefined) {
    expectDatatype(metric, [DataType.Boolean], field, report);
    return { kind: "antivalent", table: "discrete", makes, breaks };
  }
  const pduAddress = table === undefined ? 0 : (document[table] ?? 0);
  if (table === "coil" || table === "discrete") {
    expectDatatype(metric, [DataType.Boolean], field, report);
    return { kind: "bit", table, pduAddress, ...(latchCoil === undefined ? {} : { latchCoil }) };
  }
  const register = compileField(metric, document, field, report);
  return register === undefined
    ? undefined
    : { kind: "register", table: table === "holding" ? "holding" : "input", pduAddress, ...register };
}

function compileField(
  metric: MetricName,
  { divisor, order, registers, sentinels, type, values }: PointDocument,
  field: string,
  report: Report,
): RegisterField | undefined {
  if (type === undefined) {
    report(field, { zh: "缺少 type（数据类型，如 int16）", en: "lacks a type, for example int16" });
    return undefined;
  }
  const text = TEXTS[type];
  if (text !== undefined) {
    if (registers === undefined) {
      report(field, { zh: "文本须写明 registers（长度）", en: "a text must say how many registers it has" });
      return undefined;
    }
    expectDatatype(metric, [DataType.String], field, report);
    return { type: "text", codec: text(registers) };
  }
  const codec = NUMBERS[type]?.(order);
  if (codec === undefined) return undefined;
  if (values !== undefined) {
    expectDatatype(metric, [DataType.String], field, report);
    for (const [code, word] of Object.entries(values))
      checkWord(metric, word, `${field}.values.${code}`, report);
    return { type: "choice", codec, values };
  }
  expectDatatype(metric, NUMERIC, field, report);
  return {
    type: "number",
    codec,
    ...(divisor === undefined ? {} : { divisor }),
    ...(sentinels === undefined ? {} : { sentinels }),
  };
}

const NUMERIC: readonly DataType[] = [
  DataType.Double,
  DataType.Float,
  DataType.UInt8,
  DataType.UInt16,
  DataType.UInt32,
  DataType.UInt64,
  DataType.Int8,
  DataType.Int16,
  DataType.Int32,
  DataType.Int64,
];

function expectDatatype(
  metric: MetricName,
  expected: readonly DataType[],
  field: string,
  report: Report,
): void {
  const datatype = metricDefinition(metric)?.datatype;
  if (datatype === undefined || expected.includes(datatype)) return;
  const [zh, en] =
    datatype === DataType.Boolean
      ? ["开关量，应来自 coil 或 discrete", "true or false, and comes from a coil or a discrete input"]
      : datatype === DataType.String
        ? [
            "文字，须有 values（代码 → 状态），或 type 为 ascii",
            "a word: give it values (code → state), or the type ascii",
          ]
        : ["数值，应来自寄存器，且没有 values", "a number, and comes from registers without values"];
  report(field, { zh: `“${metric}”是${zh}`, en: `${metric} is ${en}` });
}

function checkWord(metric: MetricName, word: string, field: string, report: Report): void {
  const known = Object.keys(metricDefinition(metric)?.values ?? {});
  if (known.length === 0 || known.includes(word)) return;
  report(field, {
    zh: `“${metric}”没有“${word}”这个状态；可用：${known.join("、")}`,
    en: `${metric} cannot be ${word}; it can be ${known.join(", ")}`,
  });
}
