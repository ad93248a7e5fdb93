/**
 * What a CJ/T 188 meter is, in data: how the bytes of its one reading (identifier 901F) follow one another. The
 * layouts are those of CJ/T 188-2004, its tables of data of water and of heat meters.
 */
import { bcdTime, encodeBcdTime } from "../codecs/china-time.ts";
import { clockOf } from "../codecs/cjt188.ts";
import { bcdDigits, encodeDigits } from "../codecs/dlt645.ts";
import {
  GOOD,
  type MetricName,
  metricDefinition,
  type Quality,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
import type { ProfileCommon } from "./profile.ts";

export interface Cjt188Profile extends ProfileCommon {
  readonly protocol: "cjt188";
  /** 0x10 cold water, 0x11 hot water, 0x20 heat, 0x30 gas … */
  readonly meterType: number;
  /** Fields of the reading, in the order in which their bytes follow each other. */
  readonly layout: readonly Cjt188Field[];
  /** Where the simulator starts. */
  readonly atRest: Readonly<Record<MetricName, SampleValue>>;
}

export type Cjt188Field =
  /** Four bytes of BCD of which `decimals` digits stand behind the point, and a byte that says the unit. */
  | { readonly kind: "quantity"; readonly metric: MetricName; readonly decimals: number }
  | {
      readonly kind: "number";
      readonly metric: MetricName;
      readonly bytes: number;
      readonly decimals: number;
    }
  /** Seven bytes: the meter's clock, in Beijing time. */
  | { readonly kind: "clock" }
  /** Two bytes; a flag is set where the bits of `mask`, counted from the lowest of the first byte, are `equals`. */
  | { readonly kind: "status"; readonly flags: Readonly<Record<MetricName, StatusBits>> }
  | { readonly kind: "skip"; readonly bytes: number };

export interface StatusBits {
  readonly mask: number;
  readonly equals: number;
}

export const CJT188_CLOCK_METRIC = "Connectivity/ClockOffset";

const QUANTITY_BYTES = 5;
const CLOCK_BYTES = 7;
const STATUS_BYTES = 2;

/** What a unit byte means in the dictionary's own unit. CJ/T 188-2004, table of units. */
const UNITS: Readonly<Record<number, { readonly unit: string; readonly factor: number }>> = {
  1: { unit: "kW.h", factor: 1 / 3.6e6 },
  2: { unit: "kW.h", factor: 0.001 },
  5: { unit: "kW.h", factor: 1 },
  8: { unit: "kW.h", factor: 1_000 },
  10: { unit: "kW.h", factor: 100_000 },
  11: { unit: "kW.h", factor: 1 / 3_600 },
  14: { unit: "kW.h", factor: 1 / 3.6 },
  17: { unit: "kW.h", factor: 1_000 / 3.6 },
  19: { unit: "kW.h", factor: 100_000 / 3.6 },
  20: { unit: "kW", factor: 0.001 },
  23: { unit: "kW", factor: 1 },
  26: { unit: "kW", factor: 1_000 },
  41: { unit: "m3", factor: 0.001 },
  44: { unit: "m3", factor: 1 },
  50: { unit: "m3/h", factor: 0.001 },
  53: { unit: "m3/h", factor: 1 },
};

/** Everything a meter of this profile can tell. */
export function cjt188Metrics({ layout }: Cjt188Profile): readonly MetricName[] {
  return layout.flatMap(metricsOf);
}

function metricsOf(field: Cjt188Field): readonly MetricName[] {
  switch (field.kind) {
    case "quantity":
    case "number":
      return [field.metric];
    case "status":
      return Object.keys(field.flags);
    case "clock":
      return [CJT188_CLOCK_METRIC];
    case "skip":
      return [];
  }
}

export function fieldBytes(field: Cjt188Field): number {
  switch (field.kind) {
    case "quantity":
      return QUANTITY_BYTES;
    case "clock":
      return CLOCK_BYTES;
    case "status":
      return STATUS_BYTES;
    case "number":
    case "skip":
      return field.bytes;
  }
}

const NO_READING: Value = { value: null, quality: { status: "bad", reason: "sentinel" } };
const NO_CLOCK: Value = { value: null, quality: { status: "bad", reason: "device-clock" } };
type Value = { readonly value: SampleValue; readonly quality: Quality };

/**
 * What a reading says, one sample a metric, all true at `eventTime`. Digits that are none, a unit that the metric cannot
 * have, and fields that the answer is too short for are told as readings that the meter does not have.
 */
export function readCjt188(
  layout: readonly Cjt188Field[],
  data: Uint8Array,
  eventTime: Timestamp,
): readonly Sample[] {
  let start = 0;
  return layout.flatMap((field): Sample[] => {
    const bytes = data.slice(start, start + fieldBytes(field));
    start += fieldBytes(field);
    const isThere = bytes.length === fieldBytes(field);
    return metricsOf(field).map((metric) => ({
      metric,
      eventTime,
      ...(isThere ? decode(field, metric, bytes, eventTime) : NO_READING),
    }));
  });
}

function decode(field: Cjt188Field, metric: MetricName, bytes: Uint8Array, at: Timestamp): Value {
  switch (field.kind) {
    case "quantity": {
      const said = UNITS[bytes[QUANTITY_BYTES - 1] ?? 0];
      if (said === undefined || said.unit !== metricDefinition(metric)?.unit) return NO_READING;
      return judged(metric, numberIn(bytes.subarray(0, -1), field.decimals), said.factor);
    }
    case "number":
      return judged(metric, numberIn(bytes, field.decimals), 1);
    case "clock": {
      const shows = bcdTime(clockOf(bytes));
      return shows === undefined ? NO_CLOCK : { value: (shows - at) / 1_000, quality: GOOD };
    }
    case "status": {
      const { equals = 0, mask = 0 } = field.flags[metric] ?? {};
      return { value: (wordOf(bytes) & mask) === equals, quality: GOOD };
    }
    case "skip":
      return NO_READING;
  }
}

function numberIn(bytes: Uint8Array, decimals: number): number | undefined {
  const digits = bcdDigits(bytes);
  return digits === undefined ? undefined : Number(digits) / 10 ** decimals;
}

/** More digits than a meter has are those of the division by ten. */
const DIGITS_MAX = 12;

function judged(metric: MetricName, number: number | undefined, factor: number): Value {
  if (number === undefined) return NO_READING;
  const value = factor === 1 ? number : Number((number * factor).toPrecision(DIGITS_MAX));
  const [min, max] = metricDefinition(metric)?.plausible ?? [-Infinity, Infinity];
  return value < min || value > max
    ? { value, quality: { status: "bad", reason: "out-of-range" } }
    : { value, quality: GOOD };
}

const wordOf = (bytes: Uint8Array): number => (bytes[0] ?? 0) + (bytes[1] ?? 0) * 256;

/**
 * The bytes of a field that say `value` of `metric`, null as where a meter measures nothing. `before` are the bytes that
 * stand there. Throws RangeError for what the field cannot hold.
 */
export function encodeCjt188Field(
  field: Cjt188Field,
  metric: MetricName,
  value: SampleValue,
  before: Uint8Array,
): Uint8Array {
  switch (field.kind) {
    case "quantity": {
      const unit = metricDefinition(metric)?.unit;
      const [code] =
        Object.entries(UNITS).find((each) => each[1].unit === unit && each[1].factor === 1) ?? [];
      if (code === undefined) throw new RangeError(`${metric} has a unit that no such meter shows`);
      return Uint8Array.of(...encodeNumber(metric, value, QUANTITY_BYTES - 1, field.decimals), Number(code));
    }
    case "number":
      return encodeNumber(metric, value, field.bytes, field.decimals);
    case "status": {
      const { equals = 0, mask = 0 } = field.flags[metric] ?? {};
      const word = (wordOf(before) & ~mask) | (value === true ? equals : 0);
      return Uint8Array.of(word & 0xff, word >>> 8);
    }
    case "clock":
      return value === null
        ? new Uint8Array(CLOCK_BYTES).fill(0xff)
        : Uint8Array.of(...encodeBcdTime(Number(value)).toReversed(), 0x20);
    case "skip":
      return before;
  }
}

function encodeNumber(metric: MetricName, value: SampleValue, bytes: number, decimals: number): Uint8Array {
  if (value === null) return new Uint8Array(bytes).fill(0xff);
  const scaled = Math.round(Number(value) * 10 ** decimals);
  if (!(scaled >= 0 && scaled < 10 ** (bytes * 2))) throw new RangeError(`${metric} cannot show ${value}`);
  return encodeDigits(String(scaled), bytes);
}
