/** Times as Chinese standards put them on the wire: six fields of Beijing time (UTC+8, no summer time), no offset. */
import type { Timestamp } from "../vocabulary/index.ts";
import { utc } from "./iso-time.ts";

export const BEIJING_OFFSET_ms = 8 * 3_600_000;
/** The years have two digits. */
const CENTURY = 2_000;

/** The instant of six fields, the year first (0 to 99); undefined when one is outside its range. */
export function beijingTime(fields: readonly (number | undefined)[]): Timestamp | undefined {
  const [year, ...rest] = fields;
  if (year === undefined || year > 99) return undefined;
  const time = utc(CENTURY + year, ...rest);
  return time === undefined ? undefined : time - BEIJING_OFFSET_ms;
}

/** Year (two digits), month, day, hour, minute, second in Beijing. */
export function beijingFields(
  time: Timestamp,
): readonly [year: number, month: number, day: number, hour: number, minute: number, second: number] {
  const date = new Date(time + BEIJING_OFFSET_ms);
  return [
    date.getUTCFullYear() % 100,
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
}

/** `YYMMDDhhmmss`, one digit a nibble. */
export function bcdTime(bytes: Uint8Array): Timestamp | undefined {
  return bytes.length === 6 ? beijingTime([...bytes].map(fromBcd)) : undefined;
}

export const encodeBcdTime = (time: Timestamp): Uint8Array =>
  Uint8Array.from(beijingFields(time), (field) => Math.trunc(field / 10) * 16 + (field % 10));

/** Binary fields with the second first, as GB/T 26875.3 has them (6.4). */
export function secondFirstTime(bytes: Uint8Array): Timestamp | undefined {
  return bytes.length === 6 ? beijingTime([...bytes].toReversed()) : undefined;
}

export const encodeSecondFirstTime = (time: Timestamp): Uint8Array =>
  Uint8Array.from(beijingFields(time)).toReversed();

function fromBcd(byte: number): number | undefined {
  const [high, low] = [byte >> 4, byte & 0x0f];
  return high > 9 || low > 9 ? undefined : high * 10 + low;
}
