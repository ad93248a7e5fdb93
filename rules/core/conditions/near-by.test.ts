import { describe, expect, test } from "vitest";
import { BOX, Journal } from "../../testing/campus.ts";
import { movesOf, ruleOf } from "../../testing/one-rule.ts";
import { alarmProblems } from "../compile.ts";
import type { ConditionDocument, RuleDocument } from "../pack-document.ts";

const COUNTER = `${BOX}/counter`;
const READER = `${BOX}/reader`;
const FAR = `${BOX}/far-reader`;
const IN = "Counting/In";
const HALL = "990100/990101/school/a/1/hall";
const granted = { result: "granted", direction: "in" };

function moves(
  condition: ConditionDocument,
  journal: Journal,
  more: Partial<RuleDocument> = {},
  others: readonly ReturnType<typeof ruleOf>[] = [],
) {
  const rules = [...others, ruleOf(condition, { selector: { class: ["camera"] }, ...more })];
  const whole = movesOf(rules, journal);
  expect(movesOf(rules, journal, 3)).toEqual(whole);
  return whole;
}

describe("more through the door than cards at its reader", () => {
  const tailgating: ConditionDocument = {
    imbalance: {
      more: { metric: IN },
      than: {
        event: { name: "Access/Swipe", where: [{ field: "result", is: ["granted"] }] },
        near: "space",
        class: ["access-gate", "card-reader"],
      },
      within: "30s",
      settle: "5s",
    },
  };
  const begin = (): Journal =>
    new Journal()
      .birth(0, BOX, "edge-box")
      .birth(0, COUNTER, "camera", { "Properties/Path": HALL, [IN]: 100 })
      .birth(0, READER, "card-reader", { "Properties/Path": HALL })
      .birth(0, FAR, "card-reader", { "Properties/Path": "990100/990101/school/b/1/hall" });
  const card = (journal: Journal, at: number, device = READER, age_ms = 0): Journal =>
    journal.event(at, device, "Access/Swipe", granted, age_ms);

  test("two people on one card, until the window is over", () => {
    const journal = card(begin(), 10_000).set(11_000, COUNTER, IN, 102).quiet(12_000, 60_000);
    expect(moves(tailgating, journal)).toEqual(["16 unacknowledged", "46 returned-unacknowledged"]);
  });
  test("one person a card, whichever is told first", () => {
    const journal = card(begin(), 10_000).set(11_000, COUNTER, IN, 101);
    journal.set(20_000, COUNTER, IN, 102);
    expect(moves(tailgating, card(journal, 24_000, READER, 5_000).quiet(25_000, 60_000))).toEqual([]);
  });
  test("a card at another door is none here", () => {
    const journal = card(begin(), 10_000, FAR).set(11_000, COUNTER, IN, 101).quiet(12_000, 20_000);
    expect(moves(tailgating, journal)).toEqual(["16 unacknowledged"]);
  });
  test("is unknown while the reader is away: its cards may still come", () => {
    const journal = begin().death(5_000, READER).set(11_000, COUNTER, IN, 105).quiet(12_000, 60_000);
    expect(moves(tailgating, journal)).toEqual([]);
  });
  test("a counter that starts again counts from 0", () => {
    const journal = card(begin(), 10_000).set(11_000, COUNTER, IN, 1).quiet(12_000, 20_000);
    expect(moves(tailgating, journal)).toEqual([]);
  });
});

describe("one metric less others", () => {
  const missing: ConditionDocument = {
    difference: {
      of: "Attendance/*/Expected",
      less: ["Attendance/*/Present", "Attendance/*/Leave"],
      above: 0,
    },
  };
  const room = (present: number | null, leave = 2): Journal =>
    new Journal().birth(0, BOX, "edge-box").birth(0, READER, "card-reader", {
      "Attendance/3-1/Expected": 40,
      "Attendance/3-1/Present": present,
      "Attendance/3-1/Leave": leave,
    });
  const more = { selector: {}, instance: "*" };
  test("somebody is missing until everybody is there or excused", () => {
    const journal = room(36).set(5_000, READER, "Attendance/3-1/Present", 38);
    expect(moves(missing, journal, more)).toEqual(["0 unacknowledged", "5 returned-unacknowledged"]);
  });
  test("nothing is said while one of the figures is unknown", () => {
    const bad = { quality: { status: "bad", reason: "unreachable" } } as const;
    const journal = room(38).set(5_000, READER, "Attendance/3-1/Present", 0, bad);
    expect(moves(missing, journal, more)).toEqual([]);
  });
});

describe("another alarm's state", () => {
  const open = ruleOf(
    { state: { metric: "Door/Open", is: [true] } },
    { id: "open", selector: { class: ["access-gate"] }, onDelay: "2s" },
  );
  const gate = (index: number): string => `${BOX}/gate-${index}`;
  const begin = (): Journal => {
    const journal = new Journal().birth(0, BOX, "edge-box").birth(0, COUNTER, "camera", { [IN]: 0 });
    for (const index of [1, 2, 3]) journal.birth(0, gate(index), "access-gate", { "Door/Open": false });
    return journal;
  };
  const twoOpen: ConditionDocument = { alarm: { rule: ["open"], near: "campus", atLeast: 2 } };

  test("two of them near by are one of this, and it ends with the second", () => {
    const journal = begin().set(10_000, gate(1), "Door/Open", true).set(20_000, gate(3), "Door/Open", true);
    journal.quiet(21_000, 30_000).set(31_000, gate(1), "Door/Open", false).quiet(32_000, 40_000);
    expect(moves(twoOpen, journal, {}, [open])).toEqual(["22 unacknowledged", "31 returned-unacknowledged"]);
  });
  test("one that nobody acknowledges in time, and somebody does at last", () => {
    const unanswered: ConditionDocument = { alarm: { rule: ["open"], state: ["unacknowledged"] } };
    const rule = { selector: { class: ["access-gate"] }, onDelay: "60s" };
    const begun = begin().set(10_000, gate(1), "Door/Open", true).quiet(11_000, 90_000);
    expect(moves(unanswered, begun, rule, [open])).toEqual(["72 unacknowledged"]);
  });
  test("a rule that is not there, and rules that look at each other, are refused", () => {
    const a = ruleOf({ alarm: { rule: ["b"] } }, { id: "a" });
    const b = ruleOf({ alarm: { rule: ["a", "gone"] } }, { id: "b" });
    expect(alarmProblems([a, b], 0).map(({ en }) => en)).toEqual([
      "looks at alarms that in turn look at its own",
    ]);
    expect(alarmProblems([a, b], 1).map(({ en }) => en)).toEqual([
      "there is no rule gone",
      "looks at alarms that in turn look at its own",
    ]);
    expect(alarmProblems([open, ruleOf({ alarm: { rule: ["open"] } })], 1)).toEqual([]);
  });
});
