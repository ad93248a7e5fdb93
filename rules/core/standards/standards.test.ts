import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CampusFacts, type Declaration, type DeviceFact, figureOf, RECORDS_MAX } from "./evidence.ts";
import type { EvidenceQuery, StandardCheck, StandardPack } from "./pack.ts";
import { monthsLater, reportOn, together, verdictOf } from "./report.ts";

const NOTHING: CampusFacts = {
  rooms: [],
  hours: new Map(),
  days: new Map(),
  rang: new Map(),
  keptDays: new Map(),
  declarations: new Map(),
};
const text = (en: string) => ({ zh: en, en });
const device = (key: string, health: DeviceFact["health"], more: Partial<DeviceFact> = {}): DeviceFact => ({
  key,
  title: text(key),
  class: "camera",
  path: `990100/990101/one/a/1/${key}`,
  health,
  since: 1,
  metrics: [],
  ...more,
});
const keeps = (key: string, name: string, value: number, more: Partial<DeviceFact> = {}): DeviceFact =>
  device(key, "working", {
    metrics: [{ name, value, quality: { status: "good" }, eventTime: 5 }],
    ...more,
  });
const said = (about: string, value: number | boolean): Declaration => ({
  about,
  value,
  evidence: "file 7",
  by: "director",
  at: 1,
});
const facts = (more: Partial<CampusFacts>): CampusFacts => ({ ...NOTHING, ...more });
const judged = (query: EvidenceQuery, atLeast: number, of: CampusFacts) =>
  verdictOf(figureOf(query, "c", of), atLeast);

describe("evidence", () => {
  test("of intact devices: what nobody knows counts as broken below and as working above", () => {
    const devices = [
      ...Array.from({ length: 90 }, (_, n) => device(`w${n}`, "working")),
      ...Array.from({ length: 6 }, (_, n) => device(`s${n}`, "stale")),
      ...Array.from({ length: 4 }, (_, n) => device(`f${n}`, n < 2 ? "faulty" : "unreachable")),
      device("box", "unreachable", { class: "edge-box" }),
    ];
    const figure = figureOf({ intact: {} }, "c", facts({ devices }));
    // 90 and 96 of 100; the edge box is the platform's own.
    expect([figure.low, figure.high, figure.completeness]).toEqual([0.9, 0.96, 0.94]);
    expect([0.9, 0.95, 0.97].map((atLeast) => verdictOf(figure, atLeast))).toEqual([
      "met",
      "not-verified",
      "not-met",
    ]);
    expect(judged({ intact: { class: ["recorder"] } }, 0.9, facts({ devices }))).toBe("not-verified");
  });

  test("of use: without a record it is not met, with too little known and below the threshold it is not verified", () => {
    const query = { utilisation: { room: "maker" } };
    const room = { type: "maker", title: text("maker"), utilisation: 0.2, completeness: 1, records: 3 };
    const with_ = (more: object) => facts({ rooms: [{ ...room, ...more }] });
    expect(judged(query, 0.2, with_({}))).toBe("met");
    expect(judged(query, 0.3, with_({}))).toBe("not-met");
    expect(judged(query, 0.3, with_({ completeness: 0.5 }))).toBe("not-verified");
    expect(judged(query, 0.1, with_({ utilisation: 0, records: 0 }))).toBe("not-met");
    expect(judged(query, 0.1, with_({ utilisation: 0, records: 0, completeness: 0.5 }))).toBe("not-verified");
    expect(judged(query, 0.1, facts({ rooms: [] }))).toBe("not-met");
  });

  test("of recordings is the least kept, and a camera that no channel tells of is unknown", () => {
    const query: EvidenceQuery = {
      least: { metrics: ["Recording/KeptDays", "Channel/*/KeptDays"], of: ["recorder"], covers: ["camera"] },
    };
    const recorder = keeps("nvr", "Channel/1/KeptDays", 31, { class: "recorder" });
    expect(judged(query, 30, facts({ devices: [recorder, device("cam", "working")] }))).toBe("met");
    expect(judged(query, 32, facts({ devices: [recorder] }))).toBe("not-met");
    const two = [recorder, device("cam1", "working"), device("cam2", "working")];
    expect(figureOf(query, "c", facts({ devices: two }))).toMatchObject({
      low: 0,
      high: 31,
      completeness: 0.5,
    });
    expect(judged(query, 30, facts({ devices: two }))).toBe("not-verified");
    const silent = [recorder, device("nvr2", "working", { class: "recorder" })];
    expect(judged(query, 30, facts({ devices: silent }))).toBe("not-verified");
    const away = { ...recorder, health: "stale" as const };
    expect(judged(query, 30, facts({ devices: [away] }))).toBe("not-verified");
    expect(judged(query, 30, facts({ devices: [keeps("cam", "Recording/KeptDays", 29), recorder] }))).toBe(
      "not-met",
    );
  });

  test("of bandwidth is a mean; hours without one count for nothing", () => {
    const query = { mean: { metric: "Uplink/PerClass" } };
    const hours = (values: number[], of: number) =>
      facts({
        hours: new Map([["Uplink/PerClass", { means: values.map((value, at) => [at, value] as const), of }]]),
      });
    expect(judged(query, 10, hours([8, 12, 10], 3))).toBe("met");
    expect(judged(query, 10, hours([8, 12, 9.7], 3))).toBe("not-met");
    // 20 known hours of 40: at least 12 × ½.
    expect(figureOf(query, "c", hours(Array(20).fill(12), 40)).low).toBe(6);
    expect(judged(query, 10, hours(Array(20).fill(12), 40))).toBe("not-verified");
    expect(judged(query, 10, hours(Array(20).fill(3), 40))).toBe("not-verified");
    expect(judged(query, 10, NOTHING)).toBe("not-verified");
  });

  test("of classes' links is a share of all classes; one whose link nobody knows is neither met nor left out", () => {
    const query = { classLinks: { atLeast: 10 } };
    const room = (name: string, ...links: (number | undefined)[]) => ({
      room: name,
      ports: links.map((link_Mbps, index) => ({
        at: "school/box/floor",
        port: `${index}`,
        how: "learned" as const,
        ...(link_Mbps === undefined ? {} : { link_Mbps }),
      })),
    });
    const linked = (untold: number, ...rooms: ReturnType<typeof room>[]) =>
      facts({ links: { rooms, untold } });
    expect(judged(query, 1, linked(0, room("a", 1_000), room("b", 4, 10)))).toBe("met");
    expect(judged(query, 1, linked(0, room("a", 1_000), room("b", 4)))).toBe("not-met");
    for (const unknown of [linked(1, room("a", 1_000)), linked(0, room("a", 1_000), room("b", undefined))])
      expect(judged(query, 1, unknown)).toBe("not-verified");
    // Ten classes: five carry enough, two do not, of two the link is not known, of one not even the room.
    const ten = linked(
      1,
      ...["a", "b", "c", "d", "e"].map((name) => room(name, 100)),
      room("f", 4),
      room("g", 2),
      room("h"),
      room("i", undefined),
    );
    expect(figureOf(query, "c", ten)).toMatchObject({ low: 0.5, high: 0.8, completeness: 0.7 });
    expect(judged(query, 1, linked(0))).toBe("not-verified");
    expect(judged(query, 1, NOTHING)).toBe("not-verified");
  });

  test("of patrols is the fewest visits of any point on any day; days that may be lost are unknown", () => {
    const query = { daily: { event: "Patrol/Point", field: "point" } };
    const day = (name: string, known: boolean, gate: number, roof: number) => ({
      day: name,
      at: 1,
      known,
      counts: new Map(Object.entries({ gate, roof }).filter(([, count]) => count > 0)),
    });
    const of = (...days: ReturnType<typeof day>[]) => facts({ days: new Map([["Patrol/Point", days]]) });
    expect(judged(query, 5, of(day("a", true, 5, 6), day("b", true, 7, 5)))).toBe("met");
    expect(judged(query, 5, of(day("a", true, 5, 6), day("b", true, 7, 0)))).toBe("not-met");
    expect(judged(query, 5, of(day("a", true, 5, 6), day("b", false, 0, 0)))).toBe("not-verified");
    expect(judged(query, 5, of(day("a", true, 0, 0)))).toBe("not-verified");
  });

  test("of panic buttons: each has to have rung", () => {
    const query: EvidenceQuery = { tested: { class: ["panic-button"], rule: "panic-pressed" } };
    const devices = ["p1", "p2"].map((key) => device(key, "working", { class: "panic-button" }));
    const rang = (...keys: string[]) => new Map([["panic-pressed", new Map(keys.map((key) => [key, 9]))]]);
    expect(judged(query, 1, facts({ devices, rang: rang("p1", "p2") }))).toBe("met");
    expect(judged(query, 1, facts({ devices, rang: rang("p1") }))).toBe("not-met");
    expect(judged(query, 1, facts({ rang: rang("p1") }))).toBe("not-verified");
  });

  test("of what a person stated counts with its author, and nothing that was not stated is met", () => {
    const query: EvidenceQuery = { declared: { kind: "yes" } };
    const yes = facts({ declarations: new Map([["c", said("c", true)]]) });
    expect(figureOf(query, "c", yes).records).toMatchObject([{ by: "director", note: "file 7", value: 1 }]);
    expect(judged(query, 1, yes)).toBe("met");
    expect(judged(query, 1, facts({ declarations: new Map([["c", said("c", false)]]) }))).toBe("not-met");
    expect(judged(query, 1, NOTHING)).toBe("not-verified");
    expect(
      judged({ retained: { what: "events" } }, 184, facts({ keptDays: new Map([["events", 190]]) })),
    ).toBe("met");
    expect(judged({ retained: { what: "events" } }, 184, NOTHING)).toBe("not-verified");
  });

  test("that becomes unknown never makes a verdict met", () => {
    const health = fc.constantFrom<DeviceFact["health"]>("working", "faulty", "unreachable", "stale");
    const world = fc.array(fc.record({ health, days: fc.integer({ min: 0, max: 60 }) }), {
      minLength: 1,
      maxLength: 20,
    });
    const queries: readonly (readonly [EvidenceQuery, number])[] = [
      [{ intact: {} }, 0.5],
      [{ present: { class: ["camera"] } }, 3],
      [{ least: { metrics: ["Recording/KeptDays"], of: ["camera"] } }, 30],
    ];
    fc.assert(
      fc.property(world, fc.nat(), fc.constantFrom(...queries), (cameras, which, [query, atLeast]) => {
        const devices = cameras.map(({ health, days }, n) =>
          keeps(`c${n}`, "Recording/KeptDays", days, { health }),
        );
        const hidden = devices.map((each, n) =>
          n === which % devices.length ? { ...each, health: "stale" as const } : each,
        );
        const before = judged(query, atLeast, facts({ devices }));
        const after = judged(query, atLeast, facts({ devices: hidden }));
        expect(before !== "met" && after === "met").toBe(false);
        const nothing = devices.map((each) => ({ ...each, health: "stale" as const }));
        expect(judged(query, atLeast, facts({ devices: nothing }))).not.toBe("met");
      }),
    );
  });
});

describe("a report", () => {
  const check = (id: string, query: EvidenceQuery, atLeast = 1): StandardCheck => ({
    id,
    title: text(id),
    query,
    threshold: { atLeast },
  });
  const item = (id: string, points: number, checks: readonly StandardCheck[], veto = false) => ({
    id,
    title: text(id),
    clause: "1",
    level: "should" as const,
    points,
    veto,
    checks,
  });
  const yes: EvidenceQuery = { declared: { kind: "yes" } };
  const PACK: StandardPack = {
    id: "own",
    title: text("own"),
    source: text("own"),
    total: 20,
    examinedEvery: 12,
    facts: { pupils: text("pupils") },
    items: [
      item("incidents", 0, [check("none", yes)], true),
      item("a", 3, [check("a1", yes), check("a2", yes)]),
      item("b", 2, [check("b1", yes)]),
      item("c", 4, [check("c1", yes)]),
    ],
  };
  const AT = Date.UTC(2028, 1, 29, 1);
  const examined = { campus: "one", path: "990100/990101/one", from: 0, to: AT, at: AT } as const;
  const declared = (values: Record<string, boolean | number>) =>
    facts({ declarations: new Map(Object.entries(values).map(([id, value]) => [id, said(id, value)])) });

  test("scores out of 100 over what is verified alone, and says what is not", () => {
    const report = reportOn(PACK, examined, declared({ none: true, a1: true, a2: true, b1: false }));
    // 3 of the 5 points that are verified; 4 wait for evidence, 11 of 20 no item measures.
    expect(report.score).toBe(60);
    expect(report.points).toEqual({ total: 20, met: 3, notMet: 2, notVerified: 4, notMeasured: 11 });
    expect(report.completeness).toBe(0.75);
    expect(report.veto).toBe("met");
    expect(new Date(report.examineAgainBy).toISOString()).toBe("2029-02-28T01:00:00.000Z");
  });

  test("has no score while nothing is verified, and none but 0 under a veto", () => {
    expect(reportOn(PACK, examined, NOTHING)).toMatchObject({
      veto: "not-verified",
      points: { notVerified: 9 },
    });
    expect(reportOn(PACK, examined, NOTHING).score).toBeUndefined();
    expect(reportOn(PACK, examined, declared({ none: false, b1: true })).score).toBe(0);
  });

  test("has an item met only when all of its checks are", () => {
    expect(together([])).toBe("met");
    expect(together(["met", "not-verified"])).toBe("not-verified");
    expect(together(["met", "not-verified", "not-met"])).toBe("not-met");
  });

  test.each([
    [99, 1],
    [999, 1],
    [1_000, 3],
    [1_499, 3],
    [1_500, 4],
    [2_600, 6],
    [undefined, undefined],
  ])("asks a school of %s pupils for %s guards", (pupils, atLeast) => {
    const guards: StandardCheck = {
      ...check("guards", { declared: { kind: "number" } }),
      threshold: { atLeast: 1, rises: { with: "pupils", from: 1_000, to: 3, every: 500 } },
    };
    const pack = { ...PACK, items: [item("guards", 0, [guards])] };
    const one = reportOn(
      pack,
      examined,
      declared({ guards: 3, ...(pupils === undefined ? {} : { pupils }) }),
    );
    const expected = atLeast === undefined ? "not-verified" : atLeast <= 3 ? "met" : "not-met";
    expect(one.items[0]?.checks[0]?.atLeast).toBe(atLeast);
    expect(one.items[0]?.verdict).toBe(expected);
  });

  test("shows what fails first, and counts the records it leaves out", () => {
    const devices = Array.from({ length: RECORDS_MAX + 7 }, (_, n) =>
      device(`c${n}`, n === RECORDS_MAX ? "faulty" : n === RECORDS_MAX + 1 ? "stale" : "working"),
    );
    const pack = { ...PACK, items: [item("intact", 1, [check("rate", { intact: {} }, 0.9)])] };
    const rate = reportOn(pack, examined, facts({ devices })).items[0]?.checks[0];
    expect(rate?.records.slice(0, 3).map(({ note }) => note)).toEqual(["stale", "faulty", "working"]);
    expect(rate?.records).toHaveLength(RECORDS_MAX);
    expect(rate?.recordsLeftOut).toBe(7);
  });

  test("is due again on the same day of a later month, or that month's last", () => {
    const later = (day: string, months: number) =>
      new Date(monthsLater(Date.parse(day), months)).toISOString().slice(0, 10);
    expect(later("2026-09-07", 12)).toBe("2027-09-07");
    expect(later("2027-01-31", 1)).toBe("2027-02-28");
    expect(later("2026-11-30", 3)).toBe("2027-02-28");
  });
});
