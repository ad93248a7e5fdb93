import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeGb18030 } from "@campus-ops/device-profiles/codecs/china-text";
import { CampusId, siteZone } from "@campus-ops/device-profiles/vocabulary";
import {
  checkDocument,
  type DocumentProblem,
  formatProblem,
  InvalidDocumentError,
} from "@campus-ops/service";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { schoolCalendar } from "../core/calendar.ts";
import type { Utterance } from "../core/use/sessions.ts";
import { readUse, USE_SCHEMA, type UseConfiguration, type UseDocument } from "./configuration.ts";
import { UseFigures } from "./figures.ts";
import { LeftOnFigures } from "./left-on.ts";
import { UseStore } from "./use-store.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Monday, 7 September 2026, local midnight. */
const MONDAY = Date.UTC(2026, 8, 7) - 8 * HOUR;
const WEEK = { from: MONDAY, to: MONDAY + 7 * DAY };
const CAMPUS = "990100/990102/one";
const ROOM = `${CAMPUS}/a/3/301`;

const calendar = schoolCalendar({
  zone: siteZone({}),
  schoolDays: [1, 2, 3, 4, 5],
  terms: [],
  holidays: [],
  makeUpDays: [],
  schoolDay: {
    lesson: [
      [8 * HOUR, 9 * HOUR],
      [10 * HOUR, 11 * HOUR],
    ],
  },
  offDay: {},
});

let folder: string;
let stores: UseStore[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rules-use-"));
  stores = [];
});
afterEach(() => {
  for (const store of stores) store.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (name = "use.sqlite"): UseStore => {
  const store = new UseStore(join(folder, name));
  stores.push(store);
  return store;
};

function configuration(text: string, problems: DocumentProblem[] = []): UseConfiguration {
  const { value, locate } = checkDocument<{ use: UseDocument }>("hub.yaml", text, {
    type: "object",
    properties: { use: USE_SCHEMA },
  });
  const campusPath = (campus: string) => (campus === "one" ? CAMPUS : undefined);
  const localDay = (at: number) => Math.floor((at + 8 * HOUR) / DAY);
  return readUse(value.use, { calendar, campusPath, localDay, folder }, locate, problems);
}

const SECTION = `use:
  timetable: timetable.csv
  classes: { one: 2 }
  rooms:
    maker: { title: { zh: 创客室, en: Maker room }, threshold: 0.1, places: [one/a/3/301] }
`;
const timetable = (lines: readonly string[]) =>
  writeFileSync(join(folder, "timetable.csv"), ["campus,room,weekday,period,classes", ...lines].join("\n"));

const power = (at: number, value: string | null, device = "one/box/p1"): Utterance => ({
  device,
  at,
  metric: "Projector/Power",
  value,
});
const born = { device: "one/box/p1", node: "one/box", room: ROOM, at: MONDAY };
const nothing = { devices: [], utterances: [], nodes: [] };

describe("the use of rooms", () => {
  test("is a figure by kind of room, with its records behind it", () => {
    timetable(["one,a/3/301,mon,1,7-1+7-2", "one,a/3/301,tue,2,7-1"]);
    const store = open();
    store.commit({
      ...nothing,
      seq: 1,
      now: WEEK.to,
      devices: [born],
      utterances: [power(MONDAY + 8 * HOUR, "on"), power(MONDAY + 9 * HOUR, "off")],
    });
    const figures = new UseFigures(configuration(SECTION), store);
    // Two classes in one lesson, of 2 classes × 10 lessons.
    expect(figures.figures(WEEK)).toEqual([
      {
        campus: "one",
        path: CAMPUS,
        type: "maker",
        title: { zh: "创客室", en: "Maker room" },
        rooms: 1,
        used: 2,
        unplannedUsed: 0,
        classes: 2,
        teachingHours: 10,
        utilisation: 0.1,
        threshold: 0.1,
        verdict: "met",
        completeness: 1,
        wasted_ms: 0,
        records: 1,
      },
    ]);
    expect(figures.figures(WEEK, "one")).toEqual(figures.figures(WEEK));
    expect(figures.figures(WEEK, "two")).toEqual([]);
    expect(figures.records("one", "maker", WEEK).map(({ use, classes }) => [use, classes])).toEqual([
      ["used", ["7-1", "7-2"]],
      ["unused", ["7-1"]],
    ]);
  });

  test("without a record is never met, and where too little is known it is not verified", () => {
    timetable(["one,a/3/301,mon,1,7-1", "one,a/3/301,tue,1,7-1"]);
    const empty = new UseFigures(configuration(SECTION), open("empty"));
    expect(empty.figures(WEEK)).toMatchObject([{ verdict: "not-met", records: 0 }]);
    const store = open();
    store.commit({
      ...nothing,
      seq: 1,
      now: WEEK.to,
      devices: [born],
      utterances: [
        power(MONDAY + 8 * HOUR, "on"),
        power(MONDAY + 9 * HOUR, "off"),
        power(MONDAY + 12 * HOUR, null),
      ],
    });
    expect(new UseFigures(configuration(SECTION), store).figures(WEEK)).toMatchObject([
      { verdict: "not-verified", completeness: 0.5, used: 1 },
    ]);
  });

  test("does not know what an edge box holds that is away, until it is back", () => {
    timetable(["one,a/3/301,tue,1,7-1"]);
    const store = open();
    const figures = new UseFigures(configuration(SECTION), store);
    const off = { seq: 1, now: WEEK.to, devices: [born], utterances: [power(MONDAY, "off")] };
    store.commit({ ...off, nodes: [{ node: "one/box", online: false, at: MONDAY + HOUR }] });
    expect(figures.records("one", "maker", WEEK).map(({ use }) => use)).toEqual(["unknown"]);
    const backlog = [power(MONDAY + DAY + 8 * HOUR, "on"), power(MONDAY + DAY + 9 * HOUR, "off")];
    const nodes = [{ node: "one/box", online: true, at: WEEK.to }];
    store.commit({ seq: 2, now: WEEK.to, devices: [], utterances: backlog, nodes });
    expect(figures.records("one", "maker", WEEK).map(({ use }) => use)).toEqual(["used"]);
  });

  test("is the same whatever the order and the batches in which it became known, doubles included", {
    timeout: 60_000,
  }, () => {
    timetable(["one,a/3/301,mon,1,7-1", "one,a/3/301,wed,2,7-2", "one,a/3/301,fri,1,7-1"]);
    const heard = fc.record({
      device: fc.constantFrom("one/box/p1", "one/box/p2"),
      minute: fc.nat(7 * 24 * 60),
      value: fc.constantFrom("on", "off", null),
    });
    let count = 0;
    fc.assert(
      fc.property(
        fc.uniqueArray(heard, { selector: ({ device, minute }) => `${device} ${minute}`, maxLength: 30 }),
        fc.array(fc.nat(29), { maxLength: 60 }),
        (all, picks) => {
          count += 1;
          const said = all.map(({ device, minute, value }) => power(MONDAY + minute * 60_000, value, device));
          const devices = [born, { ...born, device: "one/box/p2" }];
          const straight = open(`straight-${count}`);
          straight.commit({ ...nothing, seq: 1, now: WEEK.to, devices, utterances: said });
          const crooked = open(`crooked-${count}`);
          crooked.commit({ ...nothing, seq: 1, now: WEEK.to, devices });
          const order = [...picks.flatMap((pick) => said[pick] ?? []), ...said];
          order.forEach((each, index) => {
            crooked.commit({ ...nothing, seq: index + 2, now: WEEK.to, utterances: [each] });
          });
          const view = configuration(SECTION);
          expect(new UseFigures(view, crooked).records("one", "maker", WEEK)).toEqual(
            new UseFigures(view, straight).records("one", "maker", WEEK),
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  test("knows how a room stood when a range begins, whatever retention has taken before it", () => {
    timetable([]);
    const store = open();
    const utterances = [power(MONDAY, "off"), power(MONDAY + HOUR, "on"), power(MONDAY + 3 * DAY, "off")];
    store.commit({ ...nothing, seq: 1, now: WEEK.to, devices: [born], utterances });
    expect(store.retain(MONDAY + 2 * DAY)).toBe(1);
    const { utterances: left } = store.room(ROOM, MONDAY + 2 * DAY, WEEK.to);
    expect(left.map(({ value }) => value)).toEqual(["on", "off"]);
  });
});

describe("what was left on", () => {
  const site = {
    city: { code: "990100", title: { zh: "市", en: "city" } },
    counties: [
      {
        code: "990102",
        title: { zh: "区", en: "county" },
        campuses: [{ id: CampusId("one"), title: { zh: "校", en: "school" } }],
      },
    ],
  };
  const told = () => {
    timetable(["one,a/3/301,mon,1,7-1"]);
    const store = open();
    // On from eleven until noon, after the lessons, with nobody there.
    store.commit({
      ...nothing,
      seq: 1,
      now: MONDAY + 14 * HOUR,
      devices: [born],
      utterances: [power(MONDAY, "off"), power(MONDAY + 11 * HOUR, "on"), power(MONDAY + 12 * HOUR, "off")],
    });
    return new UseFigures(configuration(SECTION), store);
  };

  test("is told by place with its records, and with the energy of the room's own meters", async () => {
    const asked: unknown[] = [];
    const points = Array.from({ length: 12 }, (_, index) => [MONDAY + 11 * HOUR + index * 300_000, 0.05]);
    const left = new LeftOnFigures({
      use: told(),
      site,
      ask: async (_, body) => {
        asked.push(body);
        return { series: [{ points }], truncated: false };
      },
    });
    const [figure] = await left.figures({ ...WEEK, scopes: [CAMPUS] }, "building");
    // An hour with a meter that counts 0.05 kW·h in five minutes.
    expect(figure).toMatchObject({
      key: `${CAMPUS}/a`,
      rooms: 1,
      leftOn_ms: HOUR,
      measured_ms: HOUR,
      records: 1,
      completeness: 1,
    });
    expect(figure?.energy).toBeCloseTo(0.6, 12);
    expect(asked).toMatchObject([{ metric: "Meter/Energy:5m:increase", scope: ROOM, groupBy: "none" }]);
    expect(await left.records({ ...WEEK, scopes: [""] })).toMatchObject([
      { room: ROOM, from: MONDAY + 11 * HOUR, to: MONDAY + 12 * HOUR, devices: ["one/box/p1"] },
    ]);
    expect(await left.figures({ ...WEEK, scopes: ["990100/990121"] }, "none")).toEqual([]);
  });

  test("is told in hours where nothing is measured", async () => {
    const left = new LeftOnFigures({ use: told(), site, ask: async () => undefined });
    const [figure] = await left.figures({ ...WEEK, scopes: [""] }, "none");
    expect(figure).toMatchObject({ key: "all", leftOn_ms: HOUR, measured_ms: 0 });
    expect(figure?.energy).toBeUndefined();
  });
});

describe("the use section", () => {
  test("is told what is wrong with it and with its timetable, by line", () => {
    timetable(["one,a/3/301,someday,1,7-1"]);
    const problems: DocumentProblem[] = [];
    configuration(SECTION.replace("one/a/3/301", "one").replace("one: 2", "two: 2"), problems);
    expect(
      problems.map(({ file, line, field, message }) => [file.replace(folder, ""), line, field, message]),
    ).toEqual([
      [
        "hub.yaml",
        5,
        "use.rooms.maker.places.0",
        "one must name a room of a campus of this site: campus/building/…",
      ],
      ["hub.yaml", 3, "use.classes.two", "is no campus of this site"],
      ["/timetable.csv", 2, "", "weekday “someday” must be 1 to 7, mon to sun, or 一 to 日"],
    ]);
    expect(() => configuration("use: { rooms: { maker: { places: [] } } }")).toThrow(InvalidDocumentError);
  });

  test("takes a timetable as spreadsheet programs in China write it, and names the lessons of no campus here", () => {
    const rows = ["校区,教室,星期,节次,班级", "one,a/3/301,一,1,七1班、七2班", "two,a/3/301,一,1,七1班"];
    writeFileSync(join(folder, "timetable.csv"), encodeGb18030(rows.join("\r\n")));
    const problems: DocumentProblem[] = [];
    const planned = configuration(SECTION, problems).timetable.planned(ROOM, {
      ...{ day: MONDAY, period: 1 },
      ...{ from: MONDAY + 8 * HOUR, to: MONDAY + 9 * HOUR },
    });
    expect(planned).toEqual({ classes: ["七1班", "七2班"] });
    expect(problems.map((problem) => formatProblem(problem, "zh"))).toEqual([
      `${join(folder, "timetable.csv")}:3: two 不是本站点的校区`,
    ]);
  });
});
