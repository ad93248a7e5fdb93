/**
 * Encoding and decoding of a payload of 20 metrics, with names as in a birth and with aliases as in data, by our codec
 * and by the libraries others use, in turn in the same run. What counts is the ratio.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { decodePayload, encodePayload, type Metric, type Payload } from "@campus-ops/broker/sparkplug";
import { DataType } from "@campus-ops/device-profiles/vocabulary";
import { PbfReader, PbfWriter } from "pbf";
import protobuf from "protobufjs";
import sparkplug from "sparkplug-payload";
import { figure } from "./figure.ts";
import type { Report } from "./result.ts";

const METRICS = 20;
const RUNS = 9;
const RUN_MS = 150;
const WARM_UP_MS = 400;
const TIME = 1_795_000_000_000;
/** Million metrics a second, with aliases. */
const TARGETS: Readonly<Record<string, number>> = { "encode with aliases": 4, "decode with aliases": 9 };

const require = createRequire(import.meta.url);
const { compile } = require("pbf/compile") as {
  compile(schema: unknown): {
    readPayload(pbf: PbfReader): unknown;
    writePayload(message: unknown, pbf: PbfWriter): void;
  };
};
const schema = require("protocol-buffers-schema") as { parse(text: string): unknown };
const PROTO = readFileSync(join(import.meta.dirname, "sparkplug.proto"), "utf8");

/** A value as the dictionary's most frequent datatypes have it: mostly doubles, some counters, flags and texts. */
const KINDS = [
  { datatype: DataType.Double, type: "Double", field: "double_value", value: (n: number) => n + 0.25 },
  { datatype: DataType.Double, type: "Double", field: "double_value", value: (n: number) => n * 1.5 + 0.1 },
  { datatype: DataType.UInt32, type: "UInt32", field: "int_value", value: (n: number) => n * 1_000 },
  { datatype: DataType.Boolean, type: "Boolean", field: "boolean_value", value: (n: number) => n % 8 === 3 },
  { datatype: DataType.String, type: "String", field: "string_value", value: (n: number) => `state-${n}` },
] as const;

interface Codec {
  readonly library: string;
  encode(): Uint8Array;
  /** The number of metrics it found. */
  decode(bytes: Uint8Array): number;
}

export async function codec(report: Report): Promise<void> {
  for (const addressing of ["names", "aliases"] as const) {
    const codecs = codecsFor(addressing);
    const bytes = codecs.map((each) => each.encode());
    for (const [index, each] of codecs.entries()) check(each, bytes[index] ?? new Uint8Array(), addressing);
    for (const direction of ["encode", "decode"] as const) {
      const works = codecs.map((each, index) => {
        const own = bytes[index] ?? new Uint8Array();
        return direction === "encode" ? () => each.encode().length : () => each.decode(own);
      });
      const rates = compare(works);
      const name = `${direction} with ${addressing}`;
      const ours = median(rates[0] ?? []);
      for (const [index, { library }] of codecs.entries()) {
        const target = index === 0 ? TARGETS[name] : undefined;
        report({
          ...figure(
            `${name}: ${library}`,
            "million metrics a core-second",
            rates[index] ?? [],
            target === undefined ? undefined : { target, better: "higher" },
          ),
          bytes: bytes[index]?.length ?? 0,
          oursToThis: Number((ours / median(rates[index] ?? [])).toFixed(2)),
        });
      }
    }
  }
}

/** Nobody is faster by doing less. */
function check(each: Codec, bytes: Uint8Array, addressing: string): void {
  const read = decodePayload(bytes);
  if (!read.ok || read.payload.metrics.length !== METRICS || each.decode(bytes) !== METRICS) {
    throw new Error(`${each.library} with ${addressing} does not give back ${METRICS} metrics`);
  }
}

/** In turn, so that what else the machine does meets all of them. Million metrics a second of each run. */
function compare(works: readonly (() => number)[]): readonly (readonly number[])[] {
  for (const work of works) rate(work, WARM_UP_MS);
  const rates = works.map((): number[] => []);
  for (let run = 0; run < RUNS; run += 1) {
    for (const [index, work] of works.entries()) rates[index]?.push(rate(work, RUN_MS));
  }
  return rates;
}

/** Kept where the optimizer cannot see that nobody wants the results. */
export let consumed = 0;

/** By the processor time that was used, so that whoever else wants the core does not count. */
function rate(work: () => number, milliseconds: number): number {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  let rounds = 0;
  while (performance.now() - startedAt < milliseconds) {
    for (let each = 0; each < 100; each += 1) consumed += work();
    rounds += 100;
  }
  const { user, system } = process.cpuUsage(before);
  return (rounds * METRICS) / (user + system);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function codecsFor(addressing: "names" | "aliases"): readonly Codec[] {
  const aliased = addressing === "aliases";
  const kinds = Array.from({ length: METRICS }, (_, n) => ({ n, kind: KINDS[n % KINDS.length] ?? KINDS[0] }));
  const name = (n: number): string => `Environment/${n}/Temperature`;
  const metrics = kinds.map(({ n, kind }): Metric => {
    const reported = { timestamp: TIME + n, datatype: kind.datatype, value: kind.value(n) };
    return aliased ? { ...reported, name: name(n), alias: n } : { ...reported, name: name(n) };
  });
  const payload: Payload = { timestamp: TIME, metrics, seq: 7 };
  // What our edge sends: DATA under aliases leaves out the datatypes, which the birth has said.
  const options = { compact: aliased };

  const plain = {
    timestamp: TIME,
    seq: 7,
    metrics: kinds.map(({ n, kind }) => ({
      ...(aliased ? { alias: n } : { name: name(n), datatype: kind.datatype }),
      timestamp: TIME + n,
      [kind.field]: kind.value(n),
    })),
  };
  const generated = protobuf.parse(PROTO, { keepCase: true }).root.lookupType("Payload");
  const message = generated.fromObject(plain);
  const { readPayload, writePayload } = compile(schema.parse(PROTO));
  const eclipse = sparkplug.get("spBv1.0");
  if (eclipse === null || eclipse === undefined) throw new Error("sparkplug-payload has no spBv1.0");
  const theirs = {
    timestamp: TIME,
    seq: 7,
    metrics: kinds.map(({ n, kind }) => ({
      ...(aliased ? { alias: n } : { name: name(n) }),
      timestamp: TIME + n,
      type: kind.type,
      value: kind.value(n),
    })),
  };
  return [
    {
      library: "campus-ops",
      encode: () => encodePayload(payload, options),
      decode: (bytes) => {
        const read = decodePayload(bytes);
        return read.ok ? read.payload.metrics.length : 0;
      },
    },
    {
      library: "protobufjs",
      encode: () => generated.encode(message).finish(),
      decode: (bytes) => (generated.decode(bytes) as unknown as typeof plain).metrics.length,
    },
    {
      library: "pbf",
      encode: () => {
        const writer = new PbfWriter();
        writePayload(plain, writer);
        return writer.finish();
      },
      decode: (bytes) => (readPayload(new PbfReader(bytes)) as typeof plain).metrics.length,
    },
    {
      library: "sparkplug-payload",
      encode: () => eclipse.encodePayload(theirs as Parameters<typeof eclipse.encodePayload>[0]),
      decode: (bytes) => eclipse.decodePayload(bytes).metrics?.length ?? 0,
    },
  ];
}
