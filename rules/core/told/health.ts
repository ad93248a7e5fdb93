/** The health of devices of a campus that has a hub of its own, from the days that it told. */
import { DEVICE_CLASSES, type DeviceClass, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { addHealth, type HealthTotals, NO_HEALTH } from "../health/figures.ts";
import type { Span } from "../health/history.ts";
import { countIn, type DayFields, type ToldDay, wordIn } from "./day.ts";
import type { DaySpan } from "./use.ts";

export const HEALTH_DAY = "HubDay/Health";

export interface DevicesOf {
  readonly class: DeviceClass;
  /** Profile; empty where it has none. */
  readonly model: string;
}

/** `school`: the same devices in school hours. */
export function healthDayFields(
  { class: kind, model }: DevicesOf,
  span: DaySpan,
  all: HealthTotals,
  school: HealthTotals,
): DayFields {
  const { expected_ms, reachable_ms, working_ms, unknown_ms, repair_ms, ...counts } = all;
  return {
    ...span,
    class: kind,
    model,
    ...counts,
    expected: expected_ms,
    reachable: reachable_ms,
    working: working_ms,
    unknown: unknown_ms,
    schoolExpected: school.expected_ms,
    schoolReachable: school.reachable_ms,
    schoolWorking: school.working_ms,
    schoolUnknown: school.unknown_ms,
    repair: repair_ms,
  };
}

/** Undefined of a class that this hub does not know. */
export function devicesIn(fields: DayFields): DevicesOf | undefined {
  const kind = wordIn(fields, "class");
  return Object.hasOwn(DEVICE_CLASSES, kind)
    ? { class: kind as DeviceClass, model: wordIn(fields, "model") }
    : undefined;
}

/**
 * `days` of one class and model, in whatever order: those that begin in the range are added; how many devices there are, and
 * how many failures last, is what the newest of them says. What has passed of `hours`, or of the range where they are not
 * given, since `until` is expected of the newest day's devices, and nobody knows it.
 */
export function foldHealthDays(
  days: readonly ToldDay[],
  { from, to }: Span,
  until: Timestamp,
  hours?: readonly Span[],
): HealthTotals {
  const inOrder = days.toSorted((a, b) => a.day - b.day);
  const told = inOrder.filter(({ day }) => day >= from && day < to).map(({ fields }) => fields);
  const sum = told.map((fields) => totalsIn(fields, hours !== undefined)).reduce(addHealth, NO_HEALTH);
  const most = told.reduce((devices, fields) => Math.max(devices, countIn(fields, "devices")), 0);
  const newest = inOrder.at(-1)?.fields ?? {};
  const isThere = countIn(newest, "until") >= until;
  const gap = (hours ?? [{ from, to }]).reduce(
    (ms, span) => ms + Math.max(0, Math.min(span.to, to) - Math.max(span.from, until, from)),
    0,
  );
  const unknown_ms = isThere ? gap * countIn(newest, "devices") : 0;
  return {
    ...sum,
    devices: unknown_ms > 0 ? Math.max(most, countIn(newest, "devices")) : most,
    open: isThere ? countIn(newest, "open") : 0,
    expected_ms: sum.expected_ms + unknown_ms,
    unknown_ms: sum.unknown_ms + unknown_ms,
  };
}

function totalsIn(fields: DayFields, inSchool: boolean): HealthTotals {
  const time = (name: string): number =>
    countIn(fields, inSchool ? `school${name.charAt(0).toUpperCase()}${name.slice(1)}` : name);
  return {
    devices: countIn(fields, "devices"),
    expected_ms: time("expected"),
    reachable_ms: time("reachable"),
    working_ms: time("working"),
    unknown_ms: time("unknown"),
    failures: countIn(fields, "failures"),
    interruptions: countIn(fields, "interruptions"),
    upstream: countIn(fields, "upstream"),
    repairs: countIn(fields, "repairs"),
    repair_ms: countIn(fields, "repair"),
    open: countIn(fields, "open"),
    inexact: countIn(fields, "inexact"),
  };
}
