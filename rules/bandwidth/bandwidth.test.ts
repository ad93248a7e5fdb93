import { CampusId, siteZone } from "@campus-ops/device-profiles/vocabulary";
import { answerWithProblems } from "@campus-ops/service";
import fastify from "fastify";
import { describe, expect, test } from "vitest";
import { schoolCalendar } from "../core/calendar.ts";
import { schoolHours } from "../health/routes.ts";
import { BandwidthFigures, type BandwidthSources, MEASURED_MS_MAX } from "./figures.ts";
import { bandwidthRoutes } from "./routes.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STEP = 300_000;
/** Monday, 7 September 2026, local midnight. */
const MONDAY = Date.UTC(2026, 8, 7) - 8 * HOUR;
const ONE_MBPS = 37_500_000;
const calendar = schoolCalendar({
  zone: siteZone({}),
  schoolDays: [1, 2, 3, 4, 5],
  terms: [],
  holidays: [],
  makeUpDays: [],
  schoolDay: { lesson: [[8 * HOUR, 9 * HOUR]] },
  offDay: {},
});
const campus = (id: string) => ({ id: CampusId(id), title: { zh: id, en: id } });
const SITE = {
  city: { code: "990100", title: { zh: "临岚市", en: "Linlan" } },
  counties: [
    { code: "990101", title: { zh: "栖云县", en: "Qiyun" }, campuses: [campus("one"), campus("two")] },
    { code: "990102", title: { zh: "望海县", en: "Wanghai" }, campuses: [campus("three")] },
  ],
};
const pathOf = (id: string) => `990100/${id === "three" ? "990102" : "990101"}/${id}`;

/** Campus one has a switch that serves two rooms, the others tell of nothing. */
const FLOOR = {
  key: "one/box/floor",
  class: "switch",
  path: `${pathOf("one")}/a/3`,
  health: "working",
  metrics: Object.entries({
    "Properties/Serves": `1=${pathOf("one")}/a/3/301,2=${pathOf("one")}/a/3/302`,
    "Port/1/Speed": 1_000,
    "Port/1/Oper": "up",
    "Port/2/Speed": 4,
    "Port/2/Oper": "up",
  }).map(([name, value]) => ({ name, value, quality: { status: "good" } })),
};

/** Ingest: port 1 carries 30 Mbit/s downwards all the time; of port 2 nothing is stored. */
function ingest(
  asked: { metric: string; scope: string; from: number; to: number }[] = [],
  told: readonly object[] = [],
) {
  return async (path: string, body?: object): Promise<unknown> => {
    if (path.startsWith("/devices")) return path.endsWith("=one") ? [FLOOR] : [];
    if (path.startsWith("/rollups")) return told;
    const query = body as (typeof asked)[number];
    asked.push(query);
    const points: (readonly [number, number])[] = [];
    if (query.metric === "Port/1/OutOctets:5m:increase")
      for (let at = query.from; at < query.to; at += STEP) points.push([at, 30 * ONE_MBPS]);
    return { series: points.length === 0 ? [] : [{ key: FLOOR.key, points }], truncated: false };
  };
}
const figuresOf = (more: Partial<BandwidthSources> = {}) =>
  new BandwidthFigures({
    ask: ingest(),
    site: SITE,
    use: { classes: { one: 3, two: 2 }, types: [] },
    campuses: ["one", "two", "three"],
    campusPath: pathOf,
    schoolHours: (range) => schoolHours(calendar, range),
    now: () => MONDAY + 7 * DAY,
    ...more,
  });
const WEEK = { scopes: [""], from: MONDAY, to: MONDAY + 7 * DAY };

describe("the bandwidth of classes", () => {
  test("by campus, county and all of them is the same sum; a campus that tells nothing is known for nothing", async () => {
    const figures = figuresOf();
    // Twelve stretches of five minutes on each of five days, in each of three classes; one of them was measured.
    expect(await figures.figures(WEEK, "campus")).toMatchObject([
      { key: pathOf("two"), classes: 2, share: 0, shareHigh: 1, completeness: 0, measuredShare: 0 },
      {
        key: pathOf("one"),
        title: { zh: "one", en: "one" },
        classes: 3,
        known: 2,
        met: 1,
        share: 1 / 3,
        shareHigh: 2 / 3,
        p95Mean_Mbps: 30,
        expected: 180,
        measured: 60,
      },
    ]);
    expect(await figures.figures(WEEK, "county")).toMatchObject([
      { key: "990100/990101", classes: 5, known: 2, met: 1, share: 0.2, completeness: 0.4, p95Max_Mbps: 30 },
    ]);
    expect(await figures.figures(WEEK, "none")).toMatchObject([{ key: "all", classes: 5, met: 1 }]);
  });

  test("has its rooms behind it, the slowest first, and those of a part of a campus where that is asked for", async () => {
    const figures = figuresOf();
    const rooms = await figures.rooms(WEEK);
    expect(rooms.map(({ room, link_Mbps, down }) => [room.slice(-3), link_Mbps, down?.p95_Mbps])).toEqual([
      ["302", 4, undefined],
      ["301", 1_000, 30],
    ]);
    const one = { ...WEEK, scopes: [`${pathOf("one")}/a/3/301`] };
    // Classes whose room nobody knows are of the campus as a whole.
    expect(await figures.figures(one, "none")).toMatchObject([{ classes: 1, share: 1, completeness: 1 }]);
    expect(await figures.figures({ ...WEEK, scopes: [pathOf("three")] }, "none")).toEqual([]);
  });

  test("is measured over the last 31 days of a longer range, and not beyond now", async () => {
    const asked: { metric: string; scope: string; from: number; to: number }[] = [];
    const now = MONDAY + 100 * DAY + 1;
    await figuresOf({ ask: ingest(asked), now: () => now }).figures({ ...WEEK, to: now + DAY }, "none");
    expect(asked.map(({ metric }) => metric.split(":")[0])).toEqual([
      "Port/1/OutOctets",
      "Port/1/InOctets",
      "Port/2/OutOctets",
      "Port/2/InOctets",
    ]);
    for (const { from, to, scope } of asked) {
      expect([to, scope]).toEqual([now, pathOf("one")]);
      expect(from).toBe(Math.floor((now - MEASURED_MS_MAX) / STEP) * STEP - STEP);
    }
  });

  test("is not known while ingest is away, and that is said", async () => {
    const away = figuresOf({ ask: async () => undefined });
    expect(await away.links("one")).toBeUndefined();
    const server = fastify();
    answerWithProblems(server, "rules");
    bandwidthRoutes(server, away);
    const answer = await server.inject(`/health/bandwidth?from=${WEEK.from}&to=${WEEK.to}`);
    expect(answer.statusCode).toBe(503);
    expect((await server.inject("/health/bandwidth/rooms?from=2&to=1")).statusCode).toBe(400);
    await server.close();
  });

  describe("of a campus that a hub below tells", () => {
    const counts = { "classes.registered": 10, "classes.linkKnown": 8, "classes.linkMet": 6 };
    const above = (more: object) =>
      figuresOf({ ask: ingest([], [{ campus: "three", counts, ...more }]), use: { classes: {}, types: [] } });

    test("is what it tells, and adds to what this hub sees itself; its traffic is not known", async () => {
      expect(await above({}).figures(WEEK, "campus")).toMatchObject([
        { key: pathOf("one"), classes: 2, met: 1, share: 0.5 },
        {
          ...{ key: pathOf("three"), classes: 10, known: 8, met: 6, share: 0.6, shareHigh: 0.8 },
          ...{ completeness: 0.8, expected: 600, measured: 0, measuredRooms: 0 },
        },
      ]);
      expect(await above({}).figures(WEEK, "none")).toMatchObject([{ classes: 12, known: 10, met: 7 }]);
      // Of a floor of it nothing was told.
      const floor = { ...WEEK, scopes: [`${pathOf("three")}/a/3`] };
      expect(await above({}).figures(floor, "none")).toEqual([]);
    });

    test("is not known while that hub is cut off: links are as of now", async () => {
      const [, three] = (await above({ lastKnown: MONDAY }).figures(WEEK, "campus")).toReversed();
      expect(three).toMatchObject({ key: pathOf("three"), share: 0, shareHigh: 1, completeness: 0 });
    });

    test("is what the county's sum was, when the county's hub has told the city's", async () => {
      const campusHub = figuresOf();
      const told = [
        { campus: "one", counts: await campusHub.counts("one") },
        { campus: "two", counts: await campusHub.counts("two") },
      ];
      const countyHub = figuresOf({ ask: ingest([], told), use: { classes: {}, types: [] } });
      const links = ({ classes, known, met }: { classes: number; known: number; met: number }) => [
        classes,
        known,
        met,
      ];
      const of = async (figures: BandwidthFigures) => (await figures.figures(WEEK, "none")).map(links);
      expect(await of(countyHub)).toEqual([[5, 2, 1]]);
      expect(await of(countyHub)).toEqual(await of(campusHub));
      // It tells nothing of them itself: what ingest was told it passes on.
      expect(await countyHub.counts("one")).toEqual({});
    });
  });

  test("is looked at once a minute for the hub above, and not told where nobody knows", async () => {
    let now = MONDAY;
    const paths: string[] = [];
    const answer = ingest();
    const figures = figuresOf({
      now: () => now,
      ask: async (path, body) => {
        paths.push(path.split("?")[0] ?? "");
        return answer(path, body);
      },
    });
    const told = { "classes.registered": 3, "classes.linkKnown": 2, "classes.linkMet": 1 };
    expect(await figures.counts("one")).toEqual(told);
    now += 59_999;
    expect(await figures.counts("one")).toEqual(told);
    expect(paths).toEqual(["/rollups", "/devices"]);
    now += 1;
    await figures.counts("one");
    expect(paths).toHaveLength(4);
    expect(await figures.counts("three")).toEqual({});
    expect(await figures.counts("elsewhere")).toEqual({});
    await expect(figuresOf({ ask: async () => undefined }).counts("one")).rejects.toThrow("ingest");
  });
});
