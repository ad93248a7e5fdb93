/** xs:dateTime and xs:duration, as cameras write them. */
import type { Timestamp } from "../vocabulary/index.ts";

const DATE_TIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})T(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?\d*(Z|z|[+-]\d{2}:?\d{2})?$/;

/**
 * An instant, or undefined for what is no dateTime. ONVIF times are UTC; a camera that leaves the offset out is taken
 * at its word, and one that sends local time with an offset (`+08:00`) is understood.
 */
export function parseDateTime(text: string): Timestamp | undefined {
  const match = DATE_TIME.exec(text.trim());
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const time = utc(year, month, day, hour, minute, second);
  if (time === undefined) return undefined;
  const milliseconds = Math.trunc(Number(`0.${match[7] ?? "0"}`) * 1000);
  return time + milliseconds - offset_ms(match[8]);
}

/** The instant of these six UTC fields, or undefined when one is missing or outside its range. */
export function utc(...fields: readonly (number | undefined)[]): Timestamp | undefined {
  const [year, month, day, hour, minute, second] = fields;
  if (year === undefined || !inside(month, 1, 12) || !inside(day, 1, 31)) return undefined;
  if (!inside(hour, 0, 24) || !inside(minute, 0, 59) || !inside(second, 0, 60)) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function inside(value: number | undefined, min: number, max: number): value is number {
  return value !== undefined && value >= min && value <= max;
}

function offset_ms(offset: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(offset ?? "");
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === "-" ? -minutes : minutes) * 60_000;
}

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** `PT1M`, `P1DT2H` … in milliseconds; undefined for anything else, and for years and months, which have no length. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text.trim());
  if (match === null || match.slice(1).every((part) => part === undefined)) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (
    (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + Math.round((seconds ?? 0) * 1000)
  );
}

/**
 * How long a subscription lives: its termination time, absolute or relative (`PT2M` is a duration), measured on the
 * camera's own clock. Undefined when the camera says nothing usable.
 */
export function lifetime_ms(
  terminationTime: string | undefined,
  currentTime: string | undefined,
): number | undefined {
  if (terminationTime === undefined) return undefined;
  const relative = parseDuration(terminationTime);
  if (relative !== undefined) return relative;
  const end = parseDateTime(terminationTime);
  const now = currentTime === undefined ? undefined : parseDateTime(currentTime);
  return end === undefined || now === undefined || end <= now ? undefined : end - now;
}

export function formatDuration(milliseconds: number): string {
  return `PT${milliseconds / 1000}S`;
}
