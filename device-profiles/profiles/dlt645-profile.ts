/**
 * What a DL/T 645-2007 meter is, in data: which data identifiers it is asked for, and what the digits of each answer
 * mean. The identifiers and formats are those of the standard's appendix A.
 */
import { bcdTime } from "../codecs/china-time.ts";
import { bcdDigits, encodeDigits } from "../codecs/dlt645.ts";
import {
  GOOD,
  type MetricName,
  metricDefinition,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
import type { ProfileCommon } from "./profile.ts";

export interface Dlt645Profile extends ProfileCommon {
  readonly protocol: "dlt645";
  /** Facts for the birth, asked for once after opening. */
  readonly identity: readonly Dlt645Item[];
  /** Everything that is asked for at each poll. */
  readonly items: readonly Dlt645Item[];
  /** What a healthy meter shows when nothing happens: where the simulator starts. */
  readonly atRest: Readonly<Record<MetricName, SampleValue>>;
}

/** One question and its answer, the fields in the order in which their bytes follow each other. */
export interface Dlt645Item {
  /** `DI3 DI2 DI1 DI0`, 0x02010100 for the voltage of phase A. */
  readonly identifier: number;
  readonly fields: readonly Dlt645Field[];
}

interface FieldCommon {
  readonly metric: MetricName;
  readonly bytes: number;
}

export type Dlt645Field =
  /** A number in BCD of which `decimals` digits stand behind the point; where it is signed its highest bit says minus. */
  | (FieldCommon & { readonly type: "number"; readonly decimals: number; readonly signed: boolean })
  | (FieldCommon & { readonly type: "digits" })
  /** A bit of a status word, counted from the lowest. */
  | (FieldCommon & { readonly type: "flag"; readonly bit: number });

/** What the driver tells of every meter beside its items: a meter whose clock is wrong bills the wrong tariff. */
export const CLOCK_METRIC = "Connectivity/ClockOffset";

/** `YYMMDDWW` and `hhmmss` of the meter's clock, in Beijing time. Table A.5 */
export const CLOCK_DATE = 0x04000101;
export const CLOCK_TIME = 0x04000102;

/** What the clock shows when it was asked for both; undefined when that is no time. */
export function meterClock(date: Uint8Array, time: Uint8Array): Timestamp | undefined {
  if (date.length < 4 || time.length < 3) return undefined;
  // The lowest byte of the date is the day of the week.
  return bcdTime(Uint8Array.of(...date.slice(1, 4).toReversed(), ...time.slice(0, 3).toReversed()));
}

export const item = (identifier: number, ...fields: readonly Dlt645Field[]): Dlt645Item => ({
  identifier,
  fields,
});

/** `XXX.X` is 2 bytes with 1 decimal. */
export const amount = (
  metric: MetricName,
  bytes: number,
  decimals: number,
  options: { readonly signed?: boolean } = {},
): Dlt645Field => ({ type: "number", metric, bytes, decimals, signed: options.signed ?? false });

export const digits = (metric: MetricName, bytes: number): Dlt645Field => ({ type: "digits", metric, bytes });

export const statusBit = (metric: MetricName, bytes: number, bit: number): Dlt645Field => ({
  type: "flag",
  metric,
  bytes,
  bit,
});

/** Everything a meter of this profile can tell. */
export function dlt645Metrics({ identity, items }: Dlt645Profile): readonly MetricName[] {
  const asked = [...identity, ...items].flatMap(({ fields }) => fields.map(({ metric }) => metric));
  return [...asked, CLOCK_METRIC];
}

export const itemBytes = ({ fields }: Dlt645Item): number =>
  fields.reduce((sum, { bytes }) => sum + bytes, 0);

const SIGN = 0x80;
const NO_READING = { value: null, quality: { status: "bad", reason: "sentinel" } } as const;

/**
 * What the data of an answer say, one sample a field, all true at `eventTime`. Digits that are none, and fields that
 * the answer is too short for, are told as readings that the meter does not have.
 */
export function readItem(asked: Dlt645Item, data: Uint8Array, eventTime: Timestamp): readonly Sample[] {
  let start = 0;
  return asked.fields.map((field) => {
    const bytes = data.slice(start, start + field.bytes);
    start += field.bytes;
    const decoded = bytes.length < field.bytes ? NO_READING : decode(field, bytes);
    return { metric: field.metric, ...decoded, eventTime };
  });
}

function decode(field: Dlt645Field, bytes: Uint8Array): Pick<Sample, "value" | "quality"> {
  if (field.type === "flag") return { value: flagOf(field.bit, bytes), quality: GOOD };
  const top = bytes.at(-1) ?? 0;
  const negative = field.type === "number" && field.signed && (top & SIGN) !== 0;
  const text = bcdDigits(negative ? Uint8Array.of(...bytes.subarray(0, -1), top & ~SIGN) : bytes);
  if (text === undefined) return NO_READING;
  if (field.type === "digits") return { value: text, quality: GOOD };
  const size = Number(text) / 10 ** field.decimals;
  const value = negative ? -size : size;
  const [min, max] = metricDefinition(field.metric)?.plausible ?? [-Infinity, Infinity];
  return value < min || value > max
    ? { value, quality: { status: "bad", reason: "out-of-range" } }
    : { value, quality: GOOD };
}

/**
 * The bytes that say `value`, null as a meter says it where it measures nothing. `before` are the bytes that stand
 * there: the other bits of a status word stay as they are. Throws RangeError for what the field cannot hold.
 */
export function encodeDlt645Field(field: Dlt645Field, value: SampleValue, before: Uint8Array): Uint8Array {
  if (value === null) return new Uint8Array(field.bytes).fill(0xff);
  switch (field.type) {
    case "flag":
      return withFlag(field.bit, before, value === true);
    case "digits":
      if (typeof value !== "string" || !/^[0-9]+$/.test(value) || value.length > field.bytes * 2) {
        throw new RangeError(`${field.metric} is up to ${field.bytes * 2} digits`);
      }
      return encodeDigits(value, field.bytes);
    case "number":
      return encodeNumber(field, Number(value));
  }
}

function encodeNumber(field: Extract<Dlt645Field, { type: "number" }>, value: number): Uint8Array {
  const scaled = Math.round(Math.abs(value) * 10 ** field.decimals);
  const most = 10 ** (field.bytes * 2) - 1;
  // The highest digit shares its nibble with the sign.
  const limit = field.signed ? 8 * 10 ** (field.bytes * 2 - 1) - 1 : most;
  if (!(scaled <= limit) || (value < 0 && !field.signed)) {
    throw new RangeError(`${field.metric} cannot show ${value}`);
  }
  const bytes = encodeDigits(String(scaled), field.bytes);
  if (value < 0) bytes[field.bytes - 1] = (bytes[field.bytes - 1] ?? 0) | SIGN;
  return bytes;
}

const flagOf = (bit: number, bytes: Uint8Array): boolean =>
  (((bytes[bit >>> 3] ?? 0) >>> (bit & 7)) & 1) === 1;

function withFlag(bit: number, before: Uint8Array, on: boolean): Uint8Array {
  const bytes = before.slice();
  const mask = 1 << (bit & 7);
  bytes[bit >>> 3] = on ? (bytes[bit >>> 3] ?? 0) | mask : (bytes[bit >>> 3] ?? 0) & ~mask;
  return bytes;
}
