/** Values of other people's gateways and systems, as they stand in JSON or CSV, and the metrics they are. */
import type { MetricName, Quality, SampleValue } from "../vocabulary/index.ts";
import { DataType, metricDefinition } from "../vocabulary/index.ts";

/** What one value of a source means. The first metric of a name is written by it, too. */
export interface SourceValue {
  readonly metric: MetricName;
  /** The source's number times this is in the metric's unit. */
  readonly scale?: number;
  /** The source's words, and what they are here; without it a value is taken as it is. */
  readonly words?: readonly (readonly [theirs: SampleValue, ours: SampleValue])[];
  /** What the source sends when it has no reading. */
  readonly sentinels?: readonly number[];
}

export interface ReadValue {
  readonly value: SampleValue;
  /** Absent when it is as good as its time. */
  readonly quality?: Quality;
}

const OUT_OF_RANGE: ReadValue = { value: null, quality: { status: "bad", reason: "out-of-range" } };

/** What the source said, in the platform's terms; a value that makes none is null and bad. */
export function readValue({ metric, scale, sentinels, words }: SourceValue, theirs: unknown): ReadValue {
  if (theirs === null || theirs === undefined || theirs === "") {
    return { value: null, quality: { status: "uncertain", reason: "not-read" } };
  }
  if (words !== undefined) {
    const word = words.find(([each]) => each === theirs || String(each) === String(theirs));
    return word === undefined ? OUT_OF_RANGE : { value: word[1] };
  }
  switch (metricDefinition(metric)?.datatype) {
    case DataType.Boolean:
      return readBoolean(theirs);
    case DataType.String:
    case DataType.Text:
      return typeof theirs === "string" || typeof theirs === "number"
        ? { value: String(theirs) }
        : OUT_OF_RANGE;
    default:
      return readNumber(theirs, scale ?? 1, sentinels ?? []);
  }
}

function readBoolean(theirs: unknown): ReadValue {
  if (typeof theirs === "boolean") return { value: theirs };
  const text = String(theirs).trim().toLowerCase();
  if (text === "true" || text === "1" || text === "on") return { value: true };
  return text === "false" || text === "0" || text === "off" ? { value: false } : OUT_OF_RANGE;
}

function readNumber(theirs: unknown, scale: number, sentinels: readonly number[]): ReadValue {
  const number = typeof theirs === "string" && theirs.trim() !== "" ? Number(theirs) : theirs;
  if (typeof number !== "number" || !Number.isFinite(number)) return OUT_OF_RANGE;
  if (sentinels.includes(number)) return { value: null, quality: { status: "bad", reason: "sentinel" } };
  return { value: scaled(number, scale) };
}

/** Rounded to the decimals of the scale: 3 × 0.1 is 0.3. */
const scaled = (number: number, scale: number): number =>
  scale < 1 ? number / Math.round(1 / scale) : number * scale;

/** The reverse, for commands and simulators. Throws {@link RangeError} for a value the source has no word for. */
export function sourceWord({ metric, scale = 1, words }: SourceValue, ours: SampleValue): SampleValue {
  if (words !== undefined) {
    const word = words.find(([, each]) => each === ours);
    if (word === undefined) throw new RangeError(`${metric} has no word for ${String(ours)}`);
    return word[0];
  }
  if (typeof ours !== "number") return ours;
  const decimals = Math.max(0, Math.ceil(-Math.log10(scale)));
  return scale === 1 ? ours : Number((ours / scale).toFixed(Math.max(0, 6 - decimals)));
}
