/** From what the hub on this machine answers to samples and events; pure. */
import { CHANGED, DAYS_TOLD } from "@campus-ops/device-profiles/profiles/local-hub-profile";
import {
  addRollups,
  DataType,
  type DeviceEvent,
  EMPTY_ROLLUP,
  type EventName,
  eventDefinition,
  GOOD,
  isStanding,
  type Quality,
  ROLLUP_COUNT_NAMES,
  type Rollup,
  rollupMetricOf,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";

/** What ingest and rules answer, as far as it is read here. */
export interface CampusCounts {
  readonly standing: Rollup;
  readonly lastKnown?: Timestamp;
  readonly buckets: readonly { readonly start: Timestamp; readonly counts: Rollup }[];
}

export interface AlarmTelling {
  readonly cursor: number;
  readonly alarms: readonly {
    readonly id: string;
    readonly at: Timestamp;
    readonly fields: Readonly<Record<string, boolean | number | string | null>>;
  }[];
}

export interface DayTelling {
  readonly cursor: number;
  readonly isMore: boolean;
  readonly days: readonly {
    readonly event: EventName;
    readonly id: string;
    readonly at: Timestamp;
    readonly fields: Readonly<Record<string, number | string | null>>;
  }[];
}

/** Where this hub has been read to: rules' and ingest's own numbers. */
export interface HubCursor {
  readonly alarms: number;
  /** Absent before the first roll-up was told. */
  readonly counts?: number;
  /** Absent before the first day was told. */
  readonly days?: number;
}

export const BEGIN: HubCursor = { alarms: 0 };

/** Of a cursor that another version wrote nothing is believed. */
export function readCursor(text: string | undefined): HubCursor {
  const match = /^(\d{1,15})(?: (\d{1,15}))?(?: d(\d{1,15}))?$/.exec(text ?? "");
  if (match === null) return BEGIN;
  const [, alarms, counts, days] = match;
  return {
    alarms: Number(alarms),
    ...(counts === undefined ? {} : { counts: Number(counts) }),
    ...(days === undefined ? {} : { days: Number(days) }),
  };
}

export const writeCursor = ({ alarms, counts, days }: HubCursor): string =>
  `${alarms}${counts === undefined ? "" : ` ${counts}`}${days === undefined ? "" : ` d${days}`}`;

/** Roll-ups' finest step. */
export const BUCKET_MS = 300_000;

/** Counts that change with every sample or second, whether anything has happened or not. */
export const RUNNING: ReadonlySet<string> = new Set(
  (["samples.expected", "samples.received", "projector.onSeconds"] as const).map(
    (count) => `Rollup/${rollupMetricOf(count)}`,
  ),
);

/** What two parts of a hub counted of the same campus and times. */
export function addCounts(a: CampusCounts, b: CampusCounts): CampusCounts {
  const other = new Map(b.buckets.map(({ counts, start }) => [start, counts]));
  return {
    ...a,
    standing: addRollups(a.standing, b.standing),
    buckets: a.buckets.map(({ counts, start }) => ({
      start,
      counts: addRollups(counts, other.get(start) ?? EMPTY_ROLLUP),
    })),
  };
}

const AS_IT_WAS: Quality = { status: "uncertain", reason: "unreachable" };

/** Counts of states as of now, or as they were last known. */
export function standingSamples({ lastKnown, standing }: CampusCounts, now: Timestamp): readonly Sample[] {
  const quality = lastKnown === undefined ? GOOD : AS_IT_WAS;
  return ROLLUP_COUNT_NAMES.filter(isStanding).map((count) => ({
    metric: `Rollup/${rollupMetricOf(count)}`,
    value: standing[count] ?? 0,
    quality,
    eventTime: lastKnown ?? now,
  }));
}

/** What happened in five minutes; every count of them, so that one that is 0 now takes another's place. */
export const bucketSamples = (start: Timestamp, counts: Rollup): readonly Sample[] =>
  ROLLUP_COUNT_NAMES.filter((count) => !isStanding(count)).map((count) => ({
    metric: `Rollup/${rollupMetricOf(count)}`,
    value: Math.round(counts[count] ?? 0),
    quality: GOOD,
    eventTime: start,
  }));

export const alarmEvent = (alarm: AlarmTelling["alarms"][number]): DeviceEvent => declaredOf(CHANGED, alarm);

/** Days of kinds that this driver knows. */
export const dayEvents = ({ days }: DayTelling): readonly DeviceEvent[] =>
  days.filter(({ event }) => DAYS_TOLD.includes(event)).map((day) => declaredOf(day.event, day));

/** With exactly the fields that the dictionary declares. */
function declaredOf(
  event: EventName,
  { at, fields, id }: Pick<AlarmTelling["alarms"][number], "at" | "fields" | "id">,
): DeviceEvent {
  const declared = Object.entries(eventDefinition(event)?.fields ?? {});
  const told = declared.map(([name, { datatype }]): [string, SampleValue] => {
    const value = fields[name] ?? null;
    return [name, datatype === DataType.DateTime && typeof value === "number" ? Math.round(value) : value];
  });
  return { event, id, eventTime: Math.round(at), quality: GOOD, fields: Object.fromEntries(told) };
}
