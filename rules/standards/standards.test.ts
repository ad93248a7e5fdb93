import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { siteZone } from "@campus-ops/device-profiles/vocabulary";
import { formatProblem, InvalidDocumentError } from "@campus-ops/service";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { reportOn } from "../core/standards/report.ts";
import { signingKey } from "../evidence/signing-key.ts";
import { daysOf, gather, type Sources } from "./gather.ts";
import { BUILT_IN_STANDARDS, loadStandard, loadStandards, readStandard } from "./load.ts";
import { sealedReport, verifyReport } from "./page.ts";
import { DECLARATIONS_MAX, StandardsStore } from "./standards-store.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Monday, 7 September 2026, local midnight. */
const MONDAY = Date.UTC(2026, 8, 7) - 8 * HOUR;
const EXAMINED = {
  campus: "one",
  path: "990100/990102/one",
  from: MONDAY,
  to: MONDAY + 7 * DAY,
  at: MONDAY + 2 * DAY,
} as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "standards-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const OWN = `id: own
title: { zh: 自定, en: own }
source: { zh: 自定, en: own }
items:
  - id: patrols
    title: { zh: 巡逻, en: patrols }
    clause: '1'
    level: must
    points: 2
    checks:
      - id: rounds
        title: { zh: 次数, en: rounds }
        query: { daily: { event: Patrol/Point, field: point } }
        threshold: { atLeast: 2 }
      - id: bandwidth
        title: { zh: 带宽, en: bandwidth }
        query: { mean: { metric: Uplink/PerClass } }
        threshold: { atLeast: 10 }
`;

const problems = (text: string): readonly string[] => {
  try {
    readStandard("own.yaml", text);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidDocumentError)) throw error;
    return error.problems.map((problem) => formatProblem(problem));
  }
};

describe("a standard's file", () => {
  test("is whole where it is built in: Handan's 20 points that can be examined, and the national numbers", () => {
    const [handan, national] = BUILT_IN_STANDARDS.map(loadStandard);
    expect(handan?.total).toBe(100);
    expect(handan?.items.reduce((sum, { points }) => sum + points, 0)).toBe(20);
    expect(national?.items.every(({ level, clause }) => level === "must" && clause !== "")).toBe(true);
  });

  test("that is wrong is told with line and field", () => {
    expect(problems(OWN)).toEqual([]);
    expect(problems(OWN.replace("Uplink/PerClass", "Uplink/PerPupil"))).toEqual([
      "own.yaml:17: items.0.checks.1.query: Uplink/PerPupil is not in the capability dictionary",
    ]);
    expect(problems(OWN.replace("id: bandwidth", "id: rounds"))).toEqual([
      "own.yaml:15: items.0.checks.1.id: rounds is there already",
    ]);
    expect(problems(OWN.replace("field: point", "field: place"))).toEqual([
      "own.yaml:13: items.0.checks.0.query.daily.field: Patrol/Point has no field place",
    ]);
    expect(
      problems(OWN.replace("atLeast: 2 ", "atLeast: 2, rises: { with: pupils, from: 1, to: 2, every: 1 } ")),
    ).toEqual(["own.yaml:14: items.0.checks.0.threshold.rises.with: pupils is not among the facts"]);
    expect(problems(`total: 1\n${OWN}`)).toEqual([
      "own.yaml:1: total: is less than the 2 points of the items",
    ]);
    const share = OWN.replace(/query: \{ daily: [^\n]*/, "query: { intact: {} }").replace(
      "atLeast: 2 ",
      "atLeast: 90 ",
    );
    expect(problems(share)).toEqual([
      "own.yaml:14: items.0.checks.0.threshold.atLeast: is a share from 0 to 1: write 0.9 for 90 %",
    ]);
    expect(problems(OWN.replace("level: must", "level: may"))[0]).toMatch(/^own\.yaml:8: items\.0\.level: /);
  });

  test("of a bureau's own is there beside the built-in ones; a wrong one is told and left out", () => {
    writeFileSync(join(folder, "own.yaml"), OWN);
    writeFileSync(join(folder, "twice.yaml"), OWN);
    writeFileSync(join(folder, "wrong.yaml"), "id: 1\n");
    const wrong: string[] = [];
    const packs = loadStandards(folder, (error) => wrong.push(error.message));
    expect(packs.map(({ id }) => id)).toEqual(["handan", "school-security", "own"]);
    expect(wrong).toHaveLength(2);
    expect(wrong[0]).toMatch(/twice\.yaml:1: id: there is a standard called own already/);
  });
});

describe("what is known of a campus", () => {
  const visit = (at: number, point: string) => ({ eventTime: at, fields: { point } });
  const silent: Sources = {
    ask: async () => undefined,
    rooms: () => [],
    links: async () => undefined,
    rang: () => new Map(),
    declarations: () => [],
  };

  test("is counted by whole local days; those that may be forgotten are not known", () => {
    const range = {
      from: MONDAY - HOUR,
      to: MONDAY + 2 * DAY + HOUR,
      remembered: MONDAY + 1,
      zone: siteZone({}),
    };
    const visits = [
      visit(MONDAY + DAY - 1, "gate"),
      visit(MONDAY + DAY, "gate"),
      visit(MONDAY + 2 * DAY, "gate"),
    ];
    const days = daysOf(visits, "point", range);
    expect(days.map(({ day, known, counts }) => [day, known, counts.get("gate")])).toEqual([
      ["2026-09-07", false, 1],
      ["2026-09-08", true, 1],
    ]);
  });

  test("is asked for by what the standard names, up to now, and makes its verdicts", async () => {
    const asked: string[] = [];
    const visits = [0, 1].flatMap((day) =>
      [1, 2].map((hour) => visit(MONDAY + day * DAY + hour * HOUR, "gate")),
    );
    const points = Array.from({ length: 48 }, (_, n) => [MONDAY + n * HOUR, n < 24 ? 9 : 12] as const);
    const sources: Sources = {
      ...silent,
      ask: async (path, body) => {
        asked.push(path.split("?")[0] ?? "");
        if (path.startsWith("/events")) return visits;
        if (path === "/retention") return { kept: [{ what: "events", days: 190 }], problems: [] };
        if (path === "/query") {
          expect(body).toMatchObject({ metric: "Uplink/PerClass", scope: EXAMINED.path, to: EXAMINED.at });
          return { series: [{ key: "one", points }], truncated: false };
        }
        return ["working", "retired"].map((health) => ({ key: health, health }));
      },
    };
    const pack = readStandard("own.yaml", OWN);
    const facts = await gather(pack, EXAMINED, sources);
    // What a box has no more in its configuration is no equipment.
    expect(facts.devices?.map(({ key }) => key)).toEqual(["working"]);
    const [item] = reportOn(pack, EXAMINED, facts).items;
    expect(asked.sort()).toEqual(["/devices", "/events", "/query", "/retention"]);
    // Two visits on each of two days; 24 hours of 9 and 24 of 12.
    expect(item?.checks.map(({ low, high, completeness }) => [low, high, completeness])).toEqual([
      [2, 2, 1],
      [10.5, 10.5, 1],
    ]);
    expect(item?.verdict).toBe("met");
  });

  test("is nothing where nobody answers, and then nothing is met; declarations end with their year", async () => {
    const pack = loadStandard(BUILT_IN_STANDARDS[0] ?? "");
    const old = (at: number) => [{ about: "no-incident", value: true, evidence: "e", by: "d", at }];
    const verdict = async (at: number) => {
      const facts = await gather(pack, EXAMINED, { ...silent, declarations: () => old(at) });
      return reportOn(pack, EXAMINED, facts);
    };
    expect(
      (await verdict(EXAMINED.at - 300 * DAY)).items.filter((each) => each.verdict === "met"),
    ).toMatchObject([{ id: "incidents" }]);
    expect((await verdict(EXAMINED.at - 366 * DAY)).veto).toBe("not-verified");
  });
});

describe("what is kept", () => {
  test("are all declarations, of which the newest counts, and verdicts where they changed", async () => {
    const store = new StandardsStore(join(folder, "standards.sqlite"));
    const said = { campus: "one", about: "separated", evidence: "plan", by: "director" };
    store.declare("handan", { ...said, value: true, at: 1 });
    store.declare("handan", { ...said, value: false, at: 2 });
    store.declare("handan", { ...said, campus: "two", value: true, at: 3 });
    expect(store.declarations("handan", "one").map(({ value, at }) => [value, at])).toEqual([
      [false, 2],
      [true, 1],
    ]);
    expect(store.inForce("handan", "one").map(({ value }) => value)).toEqual([false]);
    const pack = readStandard("own.yaml", OWN);
    const nothing = {
      rooms: [],
      hours: new Map(),
      days: new Map(),
      rang: new Map(),
      keptDays: new Map(),
      declarations: new Map(),
    };
    const report = reportOn(pack, EXAMINED, nothing);
    expect([store.remember(report), store.remember(report)]).toEqual([1, 0]);
    const later = {
      ...report,
      at: 9,
      items: report.items.map((item) => ({ ...item, verdict: "not-met" as const })),
    };
    expect(store.remember(later)).toBe(1);
    expect(store.history("own", "one").map(({ verdict, at }) => [verdict, at])).toEqual([
      ["not-met", 9],
      ["not-verified", EXAMINED.at],
    ]);
    store.close();
  });

  test("has a bound", () => {
    const store = new StandardsStore(join(folder, "bound.sqlite"), 2);
    const said = { campus: "one", about: "separated", evidence: "plan", by: "director", value: true, at: 1 };
    store.declare("handan", said);
    store.declare("handan", said);
    expect(() => store.declare("handan", said)).toThrow("one has 2 declarations for handan already");
    expect(DECLARATIONS_MAX).toBeGreaterThan(2);
    store.close();
  });
});

test("a printed report is genuine as it was made, and neither its data nor its page can be changed", () => {
  const pack = loadStandard(BUILT_IN_STANDARDS[0] ?? "");
  const nothing = { rooms: [], hours: new Map(), days: new Map(), rang: new Map(), keptDays: new Map() };
  const attack = { about: "no-incident", value: true, evidence: "</script><img x", by: "<i>", at: 1 };
  const report = reportOn(pack, EXAMINED, { ...nothing, declarations: new Map([["no-incident", attack]]) });
  const names = {
    hub: { zh: "临岚市", en: "Linlan" },
    campus: { zh: "一小", en: "No. 1" },
    exportedBy: "bureau",
  };
  const file = sealedReport({ ...names, report }, signingKey(join(folder, "evidence.key")));
  expect(file).toContain("未核实 · not verified");
  expect(file).not.toContain("<img");
  expect(verifyReport(file)).toMatchObject({ problems: [], document: { report: { standard: "handan" } } });
  expect(verifyReport(file.replace('"verdict":"not-met"', '"verdict":"met"')).problems).toEqual([
    "its signature does not hold: the data was changed",
    "the page does not say what its data says",
  ]);
  expect(verifyReport(file.replace("一小 · No. 1", "二小 · No. 2")).problems).toEqual([
    "the page does not say what its data says",
  ]);
  expect(verifyReport("nothing").problems).toEqual(["it holds no report that can be read"]);
});
