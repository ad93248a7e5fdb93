/** The health of a campus's devices by day, class and model, for the hub above. */
import { setImmediate as turn } from "node:timers/promises";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { addHealth, type HealthTotals, NO_HEALTH, totalsOf } from "../core/health/figures.ts";
import type { Span } from "../core/health/history.ts";
import { dayOf, type ToldDay } from "../core/told/day.ts";
import { type DevicesOf, devicesIn, HEALTH_DAY, healthDayFields } from "../core/told/health.ts";
import type { HealthFigures } from "../health/figures.ts";
import type { DayStore } from "./day-store.ts";

export interface OwnHealthParts {
  readonly store: Pick<DayStore, "keys" | "keep">;
  readonly health: Pick<HealthFigures, "devicesOf" | "histories">;
  readonly schoolHours: (range: Span) => readonly Span[];
}

interface Group extends DevicesOf {
  all: HealthTotals;
  school: HealthTotals;
}

/** Keeps each of the `days`, in order and without gaps, as it is known by `now`. */
export async function keepHealth(
  { store, health, schoolHours }: OwnHealthParts,
  campus: string,
  days: readonly Span[],
  now: Timestamp,
): Promise<void> {
  const from = days[0]?.from ?? now;
  const asked = { scopes: [""], devices: health.devicesOf(campus), from, to: now };
  // What lasts now has lasted up to now on each day.
  const histories = (await health.histories(asked)).map(({ device, intervals, failures }) => ({
    ...{ device, intervals },
    failures: failures.map((each) => ({ ...each, to: each.to ?? now })),
  }));
  for (const { from: day, to } of days) {
    const span = { from: day, to: Math.min(to, now) };
    const hours = schoolHours(span);
    const groups = new Map<string, Group>();
    for (const { device, intervals, failures } of histories) {
      const all = totalsOf(intervals, failures, span);
      if (all.devices === 0) continue;
      const school = totalsOf(intervals, failures, span, hours);
      const key = `${device.class} ${device.model}`;
      const group = groups.get(key) ?? {
        ...{ class: device.class, model: device.model, all: NO_HEALTH, school: NO_HEALTH },
      };
      group.all = addHealth(group.all, all);
      group.school = addHealth(group.school, school);
      groups.set(key, group);
    }
    const told = (of: Group): ToldDay | undefined =>
      dayOf(
        campus,
        HEALTH_DAY,
        healthDayFields(of, { day, until: span.to, counted: now }, of.all, of.school),
      );
    // Devices that were not there after all take their sums back.
    const gone = store
      .keys(campus, HEALTH_DAY, day)
      .filter(({ key }) => !groups.has(key))
      .flatMap(({ fields }) => devicesIn(fields) ?? [])
      .map((of): Group => ({ ...of, all: NO_HEALTH, school: NO_HEALTH }));
    store.keep([...groups.values(), ...gone].flatMap((of) => told(of) ?? []));
    await turn();
  }
}
