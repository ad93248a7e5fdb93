import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalText, siteZone } from "@campus-ops/device-profiles/vocabulary";
import { checkDocument } from "@campus-ops/service";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { schoolCalendar } from "../core/calendar.ts";
import { readDay, type ToldDay } from "../core/told/day.ts";
import { USE_DAY } from "../core/told/use.ts";
import { readUse, USE_SCHEMA, type UseDocument } from "../use/configuration.ts";
import { UseFigures } from "../use/figures.ts";
import { UseStore } from "../use/use-store.ts";
import { DayStore } from "./day-store.ts";
import { COUNT_AGAIN_MS, OwnDays } from "./own-days.ts";
import { UseBelow } from "./use-below.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Monday, 7 September 2026, local midnight. */
const MONDAY = Date.UTC(2026, 8, 7) - 8 * HOUR;
const WEEK = { from: MONDAY, to: MONDAY + 7 * DAY };
const CAMPUS = "990100/990102/one";
const ROOMS = [`${CAMPUS}/a/3/301`, `${CAMPUS}/a/3/302`];
const campusPath = (campus: string) => `990100/990102/${campus}`;
const calendar = schoolCalendar({
  zone: siteZone({}),
  ...{ schoolDays: [1, 2, 3, 4, 5], terms: [], holidays: [], makeUpDays: [], offDay: {} },
  schoolDay: {
    lesson: [
      [8 * HOUR, 9 * HOUR],
      [10 * HOUR, 11 * HOUR],
    ],
  },
});

let folder: string;
let closing: { close(): void }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rules-told-"));
  closing = [];
  writeFileSync(
    join(folder, "timetable.csv"),
    "campus,room,weekday,period,classes\none,a/3/301,mon,1,7-1+7-2\none,a/3/301,tue,2,7-1\none,a/3/302,wed,1,7-1\n",
  );
});
afterEach(() => {
  for (const each of closing) each.close();
  rmSync(folder, { recursive: true, force: true });
});
const closed = <T extends { close(): void }>(each: T): T => {
  closing.push(each);
  return each;
};
let files = 0;
const dayStore = (): DayStore => closed(new DayStore(join(folder, `days-${++files}.sqlite`)));

/** A campus's own hub, with lessons of the week in which its rooms were on; all that was told by `now`. */
function campusHub(on: readonly { room: number; from: number; to: number }[], now: number, more = "") {
  const text = `use:
  timetable: timetable.csv
  classes: { one: 2 }
  rooms:
    maker: { title: { zh: 创客室, en: Maker room }, threshold: 0.1, places: [one/a/3/301, one/a/3/302] }
${more}`;
  const { value, locate } = checkDocument<{ use: UseDocument }>("hub.yaml", text, {
    type: "object",
    properties: { use: USE_SCHEMA },
  });
  const localDay = (at: number) => Math.floor((at + 8 * HOUR) / DAY);
  const configuration = readUse(value.use, { calendar, campusPath, localDay, folder }, locate, []);
  const store = closed(new UseStore(join(folder, `use-${++files}.sqlite`)));
  const tell = (seq: number, at: number, sessions: typeof on) =>
    store.commit({
      ...{ seq, now: at, nodes: [] },
      devices: ROOMS.map((room, index) => ({
        ...{ device: `one/box/p${index}`, node: "one/box", room, at: MONDAY },
      })),
      utterances: ROOMS.flatMap((_, room) => [
        { device: `one/box/p${room}`, at: MONDAY, metric: "Projector/Power", value: "off" },
        ...sessions
          .filter((each) => each.room === room)
          .flatMap(({ from, to }) => [
            { device: `one/box/p${room}`, at: from, metric: "Projector/Power", value: "on" },
            { device: `one/box/p${room}`, at: to, metric: "Projector/Power", value: "off" },
          ]),
      ]),
    });
  tell(1, now, on);
  const use = new UseFigures(configuration, store);
  const days = dayStore();
  const own = new OwnDays({ store: days, calendar, use, titles: true, health: async () => undefined });
  return { days, own, tell, use };
}

const told = ({ days }: { days: DayStore }, after = 0): readonly ToldDay[] =>
  days.changed("one", after, 10_000).map(({ day }) => day);

/** A hub above that has heard these. */
function hubAbove(heard: readonly ToldDay[], now: number, lost?: number, called?: LocalText) {
  const store = dayStore();
  store.commit(
    1,
    now,
    heard.filter(({ day }) => day >= WEEK.from),
  );
  const ask = async () => [{ campus: "one", ...(lost === undefined ? {} : { lastKnown: lost }) }];
  return {
    store,
    below: new UseBelow({ store, calendar, campusPath, ask, title: () => called, now: () => now }),
  };
}

const first = { room: 0, from: MONDAY + 8 * HOUR, to: MONDAY + 9 * HOUR };
const second = { room: 0, from: MONDAY + DAY + 10 * HOUR, to: MONDAY + DAY + 11 * HOUR };

describe("the use of rooms at the hub above", () => {
  test("is the campus's own figure, from the days that it told", async () => {
    const campus = campusHub([first, second], WEEK.to);
    await campus.own.count("one");
    const { below } = hubAbove(told(campus), WEEK.to);
    expect(await below.figures(WEEK)).toEqual([{ ...campus.use.figures(WEEK)[0], toldUntil: WEEK.to }]);
    expect(campus.use.figures(WEEK)).toMatchObject([{ used: 3, teachingHours: 10, utilisation: 0.15 }]);
  });

  test("is called as the hub above calls it, or by its id, where titles may not go up", async () => {
    const campus = campusHub([first], WEEK.to);
    await new OwnDays({
      ...{ store: campus.days, calendar, use: campus.use, titles: false },
      health: async () => undefined,
    }).count("one");
    const heard = told(campus);
    expect(JSON.stringify(heard)).not.toMatch(/创客室|Maker room/);
    const title = async (called?: LocalText) =>
      (await hubAbove(heard, WEEK.to, undefined, called).below.figures(WEEK))[0]?.title;
    expect(await title()).toEqual({ zh: "maker", en: "maker" });
    expect(await title({ zh: "创客", en: "Makers" })).toEqual({ zh: "创客", en: "Makers" });
  });

  test("is the same in whatever order days arrive, however often, and by way of a hub between", async () => {
    const session = fc
      .tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 6 }), fc.constantFrom(8, 9.5, 10, 13))
      .map(([room, day, hour]) => ({ room, from: MONDAY + day * DAY + hour * HOUR }))
      .map((each) => ({ ...each, to: each.from + 50 * 60_000 }));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(session, { maxLength: 8, selector: ({ from, room }) => `${room} ${from}` }),
        fc.uniqueArray(session, { maxLength: 4, selector: ({ from, room }) => `${room} ${from}` }),
        fc.integer({ min: 0, max: 2 ** 30 }),
        async (early, late, seed) => {
          const campus = campusHub(early, WEEK.to);
          await campus.own.count("one");
          const before = told(campus);
          // What a box held back comes late, and changes days that were told.
          campus.tell(2, WEEK.to + COUNT_AGAIN_MS, late);
          campus.own.changed("one", MONDAY);
          await campus.own.count("one");
          const all = [...before, ...told(campus), ...before];
          const mixed = all
            .map((day, index) => ({ day, at: Math.imul(index + 1, seed | 1) >>> 0 }))
            .sort((a, b) => a.at - b.at)
            .map(({ day }) => day);
          const now = WEEK.to + COUNT_AGAIN_MS;
          const county = hubAbove(mixed, now);
          const city = hubAbove(told({ days: county.store }), now);
          const own = campus.use.figures(WEEK).map((each) => ({ ...each, toldUntil: WEEK.to }));
          expect(await county.below.figures(WEEK)).toEqual(own);
          expect(await city.below.figures(WEEK)).toEqual(own);
        },
      ),
      { numRuns: 10 },
    );
  });

  test("says while the campus's hub is cut off up to when it is known, and what is missing lowers the completeness", async () => {
    const wednesday = MONDAY + 2 * DAY;
    const campus = campusHub([first], wednesday);
    await campus.own.count("one");
    const friday = MONDAY + 4 * DAY;
    const { below } = hubAbove(told(campus), friday, wednesday + 60_000);
    const [figure] = await below.figures(WEEK);
    // Four of the eight lessons that have begun by Friday's midnight; all ten of the week are possible.
    expect(figure).toMatchObject({ lastKnown: wednesday, toldUntil: wednesday, completeness: 0.5 });
    expect(figure).toMatchObject({ used: 2, teachingHours: 10, utilisation: 0.1, verdict: "met" });
    const nobody = hubAbove(told(campusHub([], wednesday)), friday);
    expect(await nobody.below.figures(WEEK)).toEqual([]);
    expect(await below.figures({ from: MONDAY + 3 * DAY, to: WEEK.to })).toEqual([]);
  });

  test("without any record is not verified where too little was told, and not met where all was", async () => {
    const campus = campusHub([], MONDAY + 2 * DAY);
    await campus.own.count("one");
    const of = async (now: number) => (await hubAbove(told(campus), now).below.figures(WEEK))[0]?.verdict;
    expect(await of(MONDAY + 4 * DAY)).toBe("not-verified");
    expect(await of(MONDAY + 2 * DAY)).toBe("not-met");
  });
});

describe("days that are told", () => {
  test("are only those that have changed, and are counted anew at most every half hour", async () => {
    const campus = campusHub([first], MONDAY + 3 * DAY);
    await campus.own.count("one");
    const { last } = campus.days;
    expect(told(campus)).toHaveLength(400);
    campus.tell(2, MONDAY + 3 * DAY + COUNT_AGAIN_MS - 1, [second]);
    await campus.own.count("one");
    expect(told(campus, last)).toEqual([]);
    campus.tell(3, MONDAY + 3 * DAY + COUNT_AGAIN_MS, []);
    campus.own.changed("one", second.from);
    await campus.own.count("one");
    expect(told(campus, last).map(({ day, fields }) => [day, fields.used])).toEqual([
      [MONDAY + DAY, 1],
      [MONDAY + 3 * DAY, 0],
    ]);
  });

  test("of a kind of room that there is no more take back what was told", async () => {
    const before = campusHub([first], MONDAY + DAY);
    await before.own.count("one");
    const after = new UseFigures(
      { types: [], classes: {}, timetable: undefined as never, closesAfter_ms: 0, calendar },
      { position: { seq: 2, now: MONDAY + DAY } } as UseStore,
    );
    await new OwnDays({
      store: before.days,
      calendar,
      use: after,
      titles: true,
      health: async () => undefined,
    }).count("one");
    expect(told(before).find(({ day }) => day === MONDAY)?.fields).toMatchObject({ used: 0, rooms: 0 });
    expect(await hubAbove(told(before), MONDAY + DAY).below.figures(WEEK)).toEqual([]);
  });

  test("that were counted later to the same are not replaced by what was counted in between", async () => {
    const campus = campusHub([first], WEEK.to);
    await campus.own.count("one");
    const monday = told(campus).find(({ day }) => day === MONDAY);
    if (monday === undefined) throw new Error("Monday was not told");
    const counted = (hours: number, used: number): ToldDay => {
      const at = WEEK.to + hours * HOUR;
      return { ...monday, counted: at, fields: { ...monday.fields, used, counted: at } };
    };
    const { store } = hubAbove([counted(0, 2)], WEEK.to);
    const { last } = store;
    store.commit(2, WEEK.to, [counted(2, 2), counted(1, 5)]);
    expect(store.told("one", USE_DAY, WEEK.from, WEEK.to).map(({ fields }) => fields.used)).toEqual([2]);
    expect(store.last).toBe(last);
  });

  test("are taken of the teller's own campuses alone, and of nothing that the dictionary does not declare", () => {
    const fields = { day: 1, until: 2, counted: 3, kind: "maker", used: 4, person: "somebody" };
    const read = (group: string, campus: string, more: object = {}) =>
      readDay({ event: USE_DAY, fields: { ...fields, ...more } }, { group, campus }, campusPath);
    expect(read("one", "one")?.fields).toMatchObject({ used: 4, records: null });
    expect(read("one", "one")?.fields).not.toHaveProperty("person");
    expect(read("990102", "two")).toMatchObject({ campus: "two", key: "maker" });
    expect([read("other", "one"), read("990103", "one")]).toEqual([undefined, undefined]);
    for (const wrong of [
      { used: "4" },
      { used: -1 },
      { kind: 7 },
      { day: null },
      { titleZh: "x".repeat(201) },
    ])
      expect(read("one", "one", wrong)).toBeUndefined();
    expect(readDay({ event: "HubAlarm/Changed", fields }, { group: "one", campus: "one" }, campusPath)).toBe(
      undefined,
    );
  });
});
