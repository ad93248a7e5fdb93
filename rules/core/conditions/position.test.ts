import { expect, test } from "vitest";
import { BOX, Journal } from "../../testing/campus.ts";
import { movesOf, ruleOf } from "../../testing/one-rule.ts";
import { cycleCalendar } from "../calendar.ts";
import { Engine } from "../engine.ts";
import type { ConditionDocument } from "../pack-document.ts";
import { routeOf } from "../route.ts";

const BUS = `${BOX}/bus-1`;
const POSITION = "Bus/Position";
const routes = {
  [BUS]: routeOf({
    school: [30, 104],
    schoolRadius: 100,
    corridor: 200,
    lines: [
      {
        during: [],
        points: [
          [30.1, 104],
          [30, 104],
        ],
      },
    ],
  }),
};
const SCHOOL = { latitude: 30, longitude: 104 };
const AWAY = { latitude: 30.5, longitude: 104 };

const missed = { position: { event: { name: POSITION }, missed: "school", within: "60s" } } as const;
const rule = (condition: ConditionDocument) => ({
  ...ruleOf(condition, { selector: { class: ["bus-terminal"] } }),
  routes,
});

function moves(condition: ConditionDocument, journal: Journal): readonly string[] {
  const whole = movesOf([rule(condition)], journal);
  expect(movesOf([rule(condition)], journal, 3)).toEqual(whole);
  return whole;
}

const begin = (): Journal => new Journal().birth(0, BOX, "edge-box").birth(0, BUS, "bus-terminal");

test("nobody says that a place was missed before it has been watched for so long", () => {
  const journal = begin().quiet(1_000, 99_000).event(100_000, BUS, POSITION, AWAY).quiet(101_000, 170_000);
  expect(moves(missed, journal)).toEqual(["160 unacknowledged"]);
});

test("a bus that nobody can see has not missed anything", () => {
  const journal = begin().event(1_000, BUS, POSITION, AWAY).quiet(2_000, 30_000).death(31_000, BUS);
  expect(moves(missed, journal.quiet(32_000, 120_000))).toEqual([]);
});

test("what the device can never tell does not keep an alarm standing that something else has ended", () => {
  const either: ConditionDocument = { any: [{ state: { metric: "Bus/OffRoute", is: [true] } }, missed] };
  const journal = begin()
    .event(0, BUS, POSITION, AWAY)
    .quiet(1_000, 69_000)
    .event(70_000, BUS, POSITION, SCHOOL);
  expect(moves(either, journal)).toEqual(["60 unacknowledged", "70 returned-unacknowledged"]);
});

test("a fix of which half is missing is no position", () => {
  const journal = begin().event(0, BUS, POSITION, AWAY).event(30_000, BUS, POSITION, { latitude: 30 });
  expect(moves(missed, journal.quiet(31_000, 61_000))).toEqual(["60 unacknowledged"]);
});

test("of a backlog only what would have counted is written down as late", () => {
  const calendar = cycleCalendar({ period_ms: 1_000, anchor: 0, windows: {} });
  const outside = rule({ position: { event: { name: POSITION }, outside: "school" } });
  const engine = new Engine({ rules: [outside], calendar, campusPath: (campus) => campus, grace_ms: 0 });
  const journal = begin()
    .event(600_000, BUS, POSITION, SCHOOL, 300_000)
    .event(600_000, BUS, POSITION, AWAY, 290_000);
  const late = journal.inputs.flatMap((input) => engine.step(input)).filter(({ kind }) => kind === "late");
  expect(late).toMatchObject([{ name: POSITION, rule: "under-test" }]);
});
