import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CampusId, siteZone } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { schoolCalendar } from "../core/calendar.ts";
import { PRESENCE, type Span } from "../core/health/history.ts";
import type { ToldDay } from "../core/told/day.ts";
import type { HealthGroup } from "../health/api.ts";
import { HealthFigures } from "../health/figures.ts";
import { HealthStore } from "../health/health-store.ts";
import { schoolHours } from "../health/routes.ts";
import { DayStore } from "./day-store.ts";
import { HealthBelow } from "./health-below.ts";
import { keepHealth } from "./own-health.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Monday, 7 September 2026, local midnight. */
const MONDAY = Date.UTC(2026, 8, 7) - 8 * HOUR;
const WEEK = { scopes: [""], from: MONDAY, to: MONDAY + 7 * DAY };
const DAYS = Array.from({ length: 7 }, (_, day) => ({
  from: MONDAY + day * DAY,
  to: MONDAY + (day + 1) * DAY,
}));
const campusPath = (campus: string) => `990100/990101/${campus}`;
const SITE = {
  city: { code: "990100", title: { zh: "临岚市", en: "Linlan" } },
  counties: [
    {
      ...{ code: "990101", title: { zh: "栖云县", en: "Qiyun" } },
      campuses: ["one", "two"].map((id) => ({ id: CampusId(id), title: { zh: `第${id}小学`, en: id } })),
    },
  ],
};
const calendar = schoolCalendar({
  zone: siteZone({}),
  ...{ schoolDays: [1, 2, 3, 4, 5], terms: [], holidays: [], makeUpDays: [], offDay: {} },
  schoolDay: { lesson: [[8 * HOUR, 16 * HOUR]] },
});
const hours = (range: Span): readonly Span[] => schoolHours(calendar, range);

let folder: string;
let closing: { close(): void }[];
let files = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rules-told-"));
  closing = [];
});
afterEach(() => {
  for (const each of closing) each.close();
  rmSync(folder, { recursive: true, force: true });
});
const file = (): string => join(folder, `${++files}.sqlite`);
const closed = <T extends { close(): void }>(each: T): T => {
  closing.push(each);
  return each;
};

interface Outage {
  readonly device: number;
  readonly from: number;
  readonly for_ms: number;
}

/** A campus with two cameras and a switch, of which some were away for a while. */
function campusHub(outages: readonly Outage[], now: number, campus = "one") {
  const store = closed(new HealthStore(file()));
  const names = ["camera-1", "camera-2", "switch"].map((name) => `${campus}/box/${name}`);
  const tell = (seq: number, some: readonly Outage[]) =>
    store.commit({
      ...{ seq, now, nodes: [], seen: [] },
      devices: names.map((device, index) => ({
        ...{ device, node: `${campus}/box`, title: { zh: device, en: device } },
        class: index === 2 ? ("switch" as const) : ("camera" as const),
        model: index === 2 ? "" : "camera/x",
        path: `${campusPath(campus)}/a/1/101`,
      })),
      registrations: names.map((device) => ({ device, at: MONDAY })),
      facts: names.flatMap((device, index) => [
        { device, what: PRESENCE, at: MONDAY, value: true },
        ...some
          .filter((each) => each.device === index)
          .flatMap(({ from, for_ms }) => [
            { device, what: PRESENCE, at: from, value: false },
            { device, what: PRESENCE, at: from + for_ms, value: true },
          ]),
      ]),
    });
  tell(1, outages);
  const health = new HealthFigures(store, SITE);
  const days = closed(new DayStore(file()));
  const count = (at = now) =>
    keepHealth(
      { store: days, health, schoolHours: hours },
      campus,
      DAYS.filter(({ from }) => from < at),
      at,
    );
  return { health, days, count, tell };
}

const told = (days: DayStore, campus = "one"): readonly ToldDay[] =>
  days.changed(campus, 0, 10_000).map(({ day }) => day);

/** A hub above with a campus of its own, or without any device. */
function hubAbove(
  heard: readonly ToldDay[],
  now: number,
  own = closed(new HealthStore(file())),
  lost = false,
) {
  const store = closed(new DayStore(file()));
  store.commit(1, now, heard);
  const ask = async () => [{ campus: "one", ...(lost ? { lastKnown: 1 } : {}) }];
  const below = new HealthBelow({ store, campusPath, ask, now: () => now });
  return { store, health: new HealthFigures(own, SITE, below) };
}

const outage = fc
  .record({
    device: fc.integer({ min: 0, max: 2 }),
    at: fc.integer({ min: 1, max: 7 * 24 - 30 }),
    for_ms: fc.constantFrom(2 * 60_000, 10 * 60_000, 3 * HOUR, 26 * HOUR),
  })
  .map(({ at, ...each }) => ({ ...each, from: MONDAY + at * HOUR }));

describe("the health of devices at the hub above", () => {
  test("is the campus's own, by day told, in whatever order the days arrive and by way of a hub between", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(outage, { maxLength: 4, selector: ({ device }) => device }),
        fc.uniqueArray(outage, { maxLength: 2, selector: ({ device }) => device }),
        fc.boolean(),
        fc.integer(),
        async (outages, late, inSchool, seed) => {
          const campus = campusHub(outages, WEEK.to);
          // As it was known on Thursday, and as it is now.
          await campus.count(MONDAY + 3 * DAY);
          const before = told(campus.days);
          // What a box held back changes days that were told.
          campus.tell(2, late);
          await campus.count();
          const mixed = [...before, ...told(campus.days), ...before]
            .map((day, index) => ({ day, at: Math.imul(index + 1, seed | 1) >>> 0 }))
            .sort((a, b) => a.at - b.at)
            .map(({ day }) => day);
          const county = hubAbove(mixed, WEEK.to);
          const city = hubAbove(told(county.store), WEEK.to);
          const within = inSchool ? hours(WEEK) : undefined;
          for (const by of ["class", "model", "campus", "county", "none"] satisfies HealthGroup[]) {
            const own = await campus.health.figures(WEEK, by, within);
            expect(await county.health.figures(WEEK, by, within)).toEqual(own);
            expect(await city.health.figures(WEEK, by, within)).toEqual(own);
          }
          expect(await city.health.models(WEEK)).toEqual(await campus.health.models(WEEK));
        },
      ),
      { numRuns: 12 },
    );
  });

  test("adds to the hub's own devices, and only where the whole campus is asked for", async () => {
    const one = campusHub([{ device: 0, from: MONDAY + HOUR, for_ms: HOUR }], WEEK.to);
    await one.count();
    const own = closed(new HealthStore(file()));
    const two = campusHub([], WEEK.to, "two");
    await two.count();
    const both = hubAbove([...told(one.days), ...told(two.days, "two")], WEEK.to, own);
    expect(await both.health.figures(WEEK, "none")).toMatchObject([{ devices: 6, failures: 1, repairs: 1 }]);
    const asked = async (more: object) =>
      (await both.health.figures({ ...WEEK, ...more }, "campus")).map(({ key, devices }) => [key, devices]);
    expect(await asked({ scopes: [campusPath("one")] })).toEqual([[campusPath("one"), 3]]);
    expect(await asked({ class: "camera" })).toEqual([
      [campusPath("one"), 2],
      [campusPath("two"), 2],
    ]);
    expect(await asked({ model: "" })).toHaveLength(2);
    expect(await asked({ scopes: [`${campusPath("one")}/a`] })).toEqual([]);
    expect(await asked({ device: "one/box/switch" })).toEqual([]);
    expect(await both.health.figures(WEEK, "building")).toEqual([]);
  });

  test("is not known since the campus's hub was heard last, and says since when while it is cut off", async () => {
    const wednesday = MONDAY + 2 * DAY;
    const campus = campusHub([], wednesday);
    await campus.count();
    const { health } = hubAbove(told(campus.days), MONDAY + 3 * DAY, undefined, true);
    const [figure] = await health.figures(WEEK, "none");
    expect(figure).toMatchObject({
      ...{ devices: 3, expected_ms: 9 * DAY, unknown_ms: 3 * DAY, lastKnown: wednesday },
      ...{ availability: 2 / 3, availabilityHigh: 1, completeness: 2 / 3 },
    });
    const inSchool = await health.figures(WEEK, "none", hours(WEEK));
    expect(inSchool).toMatchObject([{ expected_ms: 3 * 24 * HOUR, unknown_ms: 3 * 8 * HOUR }]);
    // Of a range since then nothing but that is known.
    const since = await health.figures({ ...WEEK, from: wednesday }, "none");
    expect(since).toMatchObject([{ devices: 3, expected_ms: 3 * DAY, unknown_ms: 3 * DAY, completeness: 0 }]);
    const { health: reached } = hubAbove(told(campus.days), MONDAY + 3 * DAY);
    expect((await reached.figures(WEEK, "none"))[0]).not.toHaveProperty("lastKnown");
  });

  test("of an outage over midnight is one failure of the day it began, and one repair of the day it ended", async () => {
    const late = { device: 1, from: MONDAY + DAY - 2 * 60_000, for_ms: HOUR };
    const campus = campusHub([late], WEEK.to);
    await campus.count();
    const of = (day: number) =>
      told(campus.days).find(({ key, day: at }) => key === "camera camera/x" && at === MONDAY + day * DAY)
        ?.fields;
    expect(of(0)).toMatchObject({ failures: 1, interruptions: 0, repairs: 0, open: 1 });
    expect(of(1)).toMatchObject({ failures: 0, repairs: 1, repair: HOUR, open: 0 });
  });
});
