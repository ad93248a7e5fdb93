/**
 * A place's time: which local day a moment lies in, and when a local time of day comes. Days of 23 and 25 hours are days;
 * a time that the clock jumps over comes as much later, one that it shows twice is the first of them.
 */

import type { Site } from "./asset.ts";
import type { Timestamp } from "./sample.ts";

export interface TimeZone {
  /** IANA name, or `+08:00`. */
  readonly name: string;
  /** Ahead of UTC at that moment, milliseconds. */
  offset(at: Timestamp): number;
  /** The local day, counted from 1970-01-01. */
  dayOf(at: Timestamp): number;
  /** When a local day comes to this time of day, milliseconds on the clock; 24 h is the next day's midnight. */
  moment(day: number, time_ms: number): Timestamp;
  /** The first moment after `at`, up to `until`, with another offset; undefined when there is none. */
  nextChange(at: Timestamp, until: Timestamp): Timestamp | undefined;
}

const DAY_MS = 86_400_000;
/** Zones change at whole quarters of an hour of UTC, so one look answers for all of a quarter. */
const QUARTER_MS = 900_000;
/** Quarters remembered; then it begins anew. */
const QUARTERS_MAX = 4_096;

export const CHINA_TIME = "Asia/Shanghai";

/** Throws a RangeError for a name that is none. */
export function timeZone(name: string): TimeZone {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const known = new Map<number, number>();
  return zoneOf(name, (at) => {
    const quarter = Math.floor(at / QUARTER_MS);
    let offset = known.get(quarter);
    if (offset === undefined) {
      if (known.size >= QUARTERS_MAX) known.clear();
      offset = offsetBy(parts, quarter * QUARTER_MS);
      known.set(quarter, offset);
    }
    return offset;
  });
}

/** A zone whose clock never changes. */
export function fixedZone(offset_ms: number): TimeZone {
  const minutes = Math.abs(Math.round(offset_ms / 60_000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const name = `${offset_ms < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return zoneOf(name, () => offset_ms);
}

/** That of a site: China's unless it says otherwise. Throws a RangeError as {@link timeZone} does. */
export const siteZone = ({ timeZone: name }: Pick<Site, "timeZone">): TimeZone =>
  timeZone(name ?? CHINA_TIME);

/** `2026-09-01 08:00:00.000 +08:00` */
export function localText(zone: TimeZone, at: Timestamp): string {
  const offset = zone.offset(at);
  return `${new Date(at + offset).toISOString().slice(0, 23).replace("T", " ")} ${fixedZone(offset).name}`;
}

function zoneOf(name: string, offset: (at: Timestamp) => number): TimeZone {
  const zone: TimeZone = {
    name,
    offset,
    dayOf: (at) => Math.floor((at + offset(at)) / DAY_MS),
    moment: (day, time_ms) => {
      const local = day * DAY_MS + time_ms;
      const before = local - offset(local - DAY_MS);
      const after = local - offset(local + DAY_MS);
      if (before + offset(before) === local) return before;
      return after + offset(after) === local ? after : before;
    },
    nextChange: (at, until) => {
      const now = offset(at);
      let [low, high] = [Math.floor(at / QUARTER_MS), Math.floor(until / QUARTER_MS)];
      if (offset(until) === now) return undefined;
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (offset(middle * QUARTER_MS) === now) low = middle;
        else high = middle;
      }
      return high * QUARTER_MS;
    },
  };
  return zone;
}

function offsetBy(format: Intl.DateTimeFormat, at: Timestamp): number {
  const part = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const number = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? 0;
  const local = Date.UTC(
    number("year"),
    number("month") - 1,
    number("day"),
    number("hour"),
    number("minute"),
    number("second"),
  );
  return local - at;
}
