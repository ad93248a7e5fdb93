/** SNMP profiles as documents. */
import {
  counter32,
  counter64,
  displayString,
  enumeration,
  measured,
  numberedFlag,
  SnmpType,
  timeTicksSeconds,
  truthValue,
  type Varbind,
  type VarbindCodec,
} from "../../codecs/snmp.ts";
import { type MetricName, metricDefinition, parseMetricName } from "../../vocabulary/index.ts";
import type { Profile } from "../catalogue.ts";
import type { PortNumbering, SnmpColumn, SnmpProfile, SnmpScalar } from "../snmp-profile.ts";
import { samplesFromVarbinds } from "../snmp-reading.ts";
import {
  checkMetric,
  type DocumentKind,
  ENTRIES_MAX,
  type ProfileDocument,
  type Report,
  type TestcaseDocument,
} from "./document.ts";

const FIXED: Readonly<Record<string, VarbindCodec>> = {
  text: displayString,
  truth: truthValue,
  counter32,
  counter64,
  timeticks: timeTicksSeconds,
};
const MEASURED = { integer: SnmpType.Integer, gauge: SnmpType.Gauge32 } as const;
const COLUMN_CAPABILITIES = ["Port", "PoE"] as const;
const NUMBERING: PortNumbering = { uplinks: [], ifIndexOffset: 0, poeGroup: 1 };

interface ObjectDocument {
  readonly oid: string;
  readonly type: string;
  readonly scale?: number;
  readonly sentinels?: readonly number[];
  readonly values?: Readonly<Record<number, string>>;
  readonly yes?: readonly number[];
  readonly no?: readonly number[];
  readonly index?: "ifIndex" | "pethPsePort";
}

interface SnmpDocument extends ProfileDocument {
  readonly attributes?: Readonly<Record<MetricName, ObjectDocument>>;
  readonly scalars?: Readonly<Record<MetricName, ObjectDocument>>;
  readonly columns?: Readonly<Record<string, ObjectDocument>>;
  readonly numbering?: Partial<PortNumbering>;
}

interface SnmpTestcaseDocument extends TestcaseDocument {
  readonly varbinds: readonly {
    readonly oid: string;
    readonly type: string;
    readonly value: string | number;
  }[];
}

const OID = "^[0-2](\\.(0|[1-9][0-9]*))+$";
const numbers = { type: "array", maxItems: 64, items: { type: "integer" } } as const;

const objectProperties = {
  oid: {
    type: "string",
    pattern: OID,
    description: "对象标识；标量带 .0 · numeric OID; a scalar with its .0",
  },
  type: {
    type: "string",
    enum: [...Object.keys(FIXED), ...Object.keys(MEASURED), "enum", "flag"],
    description: "SYNTAX：文本、整数、枚举等 · how the MIB writes the value",
  },
  scale: { type: "number", exclusiveMinimum: 0, description: "乘以多少，如 0.1 · what one count is worth" },
  sentinels: { ...numbers, description: "表示无读数的值 · values that mean “no reading”" },
  values: {
    type: "object",
    maxProperties: 64,
    propertyNames: { pattern: "^-?[0-9]+$" },
    additionalProperties: { type: "string", minLength: 1, maxLength: 64 },
    description: "enum：数值 → 状态 · number → state",
  },
  yes: { ...numbers, description: "flag：哪些值为真 · values that mean true" },
  no: { ...numbers, description: "flag：哪些值为假 · values that mean false" },
} as const;

const objectSchema = (description: string, more: object = {}): object => ({
  type: "object",
  maxProperties: ENTRIES_MAX,
  description,
  additionalProperties: {
    type: "object",
    additionalProperties: false,
    required: ["oid", "type"],
    properties: { ...objectProperties, ...more },
  },
});

export const snmpDocument: DocumentKind = {
  properties: {
    attributes: objectSchema("只读一次的信息 · facts that are read once"),
    scalars: objectSchema("每次轮询的标量 · scalar objects, read at each poll"),
    columns: objectSchema("每个端口一行的表列，如 Port/*/Oper · columns: a metric of every port", {
      index: {
        type: "string",
        enum: ["ifIndex", "pethPsePort"],
        description: "行号 · how its rows are numbered",
      },
    }),
    numbering: {
      type: "object",
      additionalProperties: false,
      description: "面板端口与 MIB 行号的对应 · front-panel ports and the rows of the MIBs",
      properties: {
        ports: { ...numbers, maxItems: 1_024 },
        uplinks: numbers,
        ifIndexOffset: { type: "integer", minimum: 0 },
        poeGroup: { type: "integer", minimum: 1 },
      },
    },
  },
  required: ["scalars"],
  testcase: {
    properties: {
      varbinds: {
        type: "array",
        minItems: 1,
        maxItems: 200,
        description: "应答中的变量 · varbinds of a response",
        items: {
          type: "object",
          additionalProperties: false,
          required: ["oid", "type", "value"],
          properties: {
            oid: { type: "string", pattern: OID },
            type: {
              type: "string",
              enum: ["text", "hex", "integer", "gauge", "counter32", "counter64", "timeticks"],
            },
            value: { type: ["string", "integer"] },
          },
        },
      },
    },
    required: ["varbinds"],
  },
  compile(document, common, base, report) {
    const { attributes = {}, columns = {}, numbering, scalars = {}, without = [] } = document as SnmpDocument;
    const inherited = isSnmp(base) ? base : undefined;
    const names = [...Object.keys(attributes), ...Object.keys(scalars), ...Object.keys(columns), ...without];
    const stays = (metric: string): boolean => !names.includes(metric);
    return {
      ...inherited,
      ...common,
      protocol: "snmp",
      attributes: [
        ...(inherited?.attributes ?? []).filter(({ metric }) => stays(metric)),
        ...compileScalars("attributes", attributes, report),
      ],
      scalars: [
        ...(inherited?.scalars ?? []).filter(({ metric }) => stays(metric)),
        ...compileScalars("scalars", scalars, report),
      ],
      columns: [
        ...(inherited?.columns ?? []).filter(({ capability, metric }) => stays(`${capability}/*/${metric}`)),
        ...compileColumns(columns, report),
      ],
      ...(inherited?.figures === undefined
        ? {}
        : { figures: inherited.figures.filter(({ metric }) => stays(metric)) }),
      numbering: { ...NUMBERING, ...inherited?.numbering, ...numbering },
    };
  },
  play(profile, testcase) {
    if (!isSnmp(profile)) return new Map();
    const varbinds = (testcase as SnmpTestcaseDocument).varbinds.map(varbindOf);
    return new Map(
      samplesFromVarbinds(profile, profile.numbering, varbinds, 0).map((each) => [each.metric, each]),
    );
  },
};

const isSnmp = (profile: Profile | undefined): profile is SnmpProfile => profile?.protocol === "snmp";

function compileScalars(
  section: string,
  documents: Readonly<Record<MetricName, ObjectDocument>>,
  report: Report,
): readonly SnmpScalar[] {
  return Object.entries(documents).flatMap(([metric, document]) => {
    const field = `${section}.${metric}`;
    checkMetric(metric, field, report);
    const codec = compileCodec(metric, document, field, report);
    return codec === undefined ? [] : [{ metric, oid: document.oid, codec }];
  });
}

function compileColumns(
  documents: Readonly<Record<string, ObjectDocument>>,
  report: Report,
): readonly SnmpColumn[] {
  return Object.entries(documents).flatMap(([name, document]) => {
    const field = `columns.${name}`;
    checkMetric(name, field, report);
    const parsed = parseMetricName(name);
    const capability = COLUMN_CAPABILITIES.find((each) => each === parsed?.capability);
    if (parsed?.instance !== "*" || capability === undefined) {
      report(field, {
        zh: "表列的名称须为 Port/*/… 或 PoE/*/…",
        en: "a column is named Port/*/… or PoE/*/…",
      });
      return [];
    }
    const codec = compileCodec(name, document, field, report);
    if (codec === undefined) return [];
    const writable = metricDefinition(name.replace("*", "1"))?.writable === true;
    return [
      {
        capability,
        metric: parsed.metric,
        oid: document.oid,
        index: document.index ?? (capability === "PoE" ? "pethPsePort" : "ifIndex"),
        codec,
        ...(writable ? { writable } : {}),
      },
    ];
  });
}

function compileCodec(
  metric: string,
  { no, scale, sentinels, type, values, yes }: ObjectDocument,
  field: string,
  report: Report,
): VarbindCodec | undefined {
  if (type === "enum") {
    if (values === undefined) {
      report(field, { zh: "enum 须有 values（数值 → 状态）", en: "an enum needs values (number → state)" });
      return undefined;
    }
    const known = Object.keys(metricDefinition(metric.replace("*", "1"))?.values ?? {});
    for (const [code, word] of Object.entries(values)) {
      if (known.length === 0 || known.includes(word)) continue;
      report(`${field}.values.${code}`, {
        zh: `没有“${word}”这个状态；可用：${known.join("、")}`,
        en: `it cannot be ${word}; it can be ${known.join(", ")}`,
      });
    }
    return enumeration(
      Object.fromEntries(Object.entries(values).map(([code, word]) => [word, Number(code)])),
    );
  }
  if (type === "flag") {
    if (yes !== undefined && no !== undefined) return numberedFlag(yes, no);
    report(field, { zh: "flag 须有 yes 与 no 两组数值", en: "a flag needs the numbers of yes and of no" });
    return undefined;
  }
  const fixed = FIXED[type];
  if (fixed !== undefined) return fixed;
  const tag = MEASURED[type as keyof typeof MEASURED];
  return measured(tag, {
    ...(scale === undefined ? {} : { scale }),
    ...(sentinels === undefined ? {} : { sentinels }),
  });
}

const TAGS: Readonly<Record<string, number>> = {
  text: SnmpType.OctetString,
  hex: SnmpType.OctetString,
  integer: SnmpType.Integer,
  gauge: SnmpType.Gauge32,
  counter32: SnmpType.Counter32,
  counter64: SnmpType.Counter64,
  timeticks: SnmpType.TimeTicks,
};

function varbindOf({ oid, type, value }: SnmpTestcaseDocument["varbinds"][number]): Varbind {
  const tag = TAGS[type] ?? SnmpType.Null;
  switch (type) {
    case "text":
      return { oid, type: tag, value: new TextEncoder().encode(String(value)) };
    case "hex":
      return {
        oid,
        type: tag,
        value: Uint8Array.from(String(value).replaceAll(" ", "").match(/../g) ?? [], (pair) =>
          Number.parseInt(pair, 16),
        ),
      };
    case "counter64":
      return { oid, type: tag, value: counter64.encode(BigInt(value)) };
    default:
      return { oid, type: tag, value: Number(value) };
  }
}
