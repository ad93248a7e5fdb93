import { describe, expect, test } from "vitest";
import { BOX, Journal } from "../../testing/campus.ts";
import { movesOf, ruleOf } from "../../testing/one-rule.ts";
import type { ConditionDocument } from "../pack-document.ts";

const DEVICE = `${BOX}/gate`;
const moves = (condition: ConditionDocument, journal: Journal, onDelay = "0s"): readonly string[] =>
  movesOf([ruleOf(condition, { onDelay })], journal);

const begin = (): Journal =>
  new Journal()
    .birth(0, BOX, "edge-box")
    .birth(0, DEVICE, "access-gate", { "Door/Open": false, "Door/Tamper": false, "Door/Unlocked": false });
const open: ConditionDocument = { state: { metric: "Door/Open", is: [true] } };
const tampered: ConditionDocument = { state: { metric: "Door/Tamper", is: [true] } };
const bad = { quality: { status: "bad", reason: "unreachable" } } as const;

describe("absence", () => {
  const silent: ConditionDocument = { absent: { for: "30s" } };
  test("is true once nothing came for so long, and over with the next word", () => {
    const journal = begin().set(5_000, DEVICE, "Door/Open", false).quiet(6_000, 40_000);
    journal.set(41_000, DEVICE, "Door/Open", false).quiet(42_000, 50_000);
    expect(moves(silent, journal)).toEqual(["35 unacknowledged", "41 returned-unacknowledged"]);
  });
  test("is unknown while the edge box is away, and waits anew when it is back", () => {
    const journal = begin().death(10_000, BOX).quiet(11_000, 100_000).birth(101_000, BOX, "edge-box");
    journal.birth(101_000, DEVICE, "access-gate", { "Door/Open": false }).quiet(102_000, 130_000);
    expect(moves(silent, journal)).toEqual([]);
  });
});

describe("a device that nobody has confirmed yet", () => {
  const unconfirmed = { quality: { status: "uncertain", reason: "commissioning" } } as const;
  test("raises nothing, whatever state it shows", () => {
    const journal = begin().set(1_000, DEVICE, "Door/Open", true, unconfirmed).quiet(2_000, 5_000);
    expect(moves(open, journal)).toEqual([]);
    journal.set(6_000, DEVICE, "Door/Open", true);
    expect(moves(open, journal)).toEqual(["6 unacknowledged"]);
  });
});

describe("a combination", () => {
  test("all: unknown with true is unknown, unknown with false is false", () => {
    const journal = begin()
      .set(1_000, DEVICE, "Door/Open", true)
      .set(2_000, DEVICE, "Door/Tamper", true, bad);
    expect(moves({ all: [open, tampered] }, journal)).toEqual([]);
    journal.set(3_000, DEVICE, "Door/Tamper", true);
    journal.set(4_000, DEVICE, "Door/Tamper", true, bad).set(5_000, DEVICE, "Door/Open", false);
    expect(moves({ all: [open, tampered] }, journal)).toEqual([
      "3 unacknowledged",
      "5 returned-unacknowledged",
    ]);
  });
  test("any: one true is enough, and unknown with false ends nothing", () => {
    const journal = begin()
      .set(1_000, DEVICE, "Door/Tamper", true, bad)
      .set(2_000, DEVICE, "Door/Open", true);
    journal
      .set(3_000, DEVICE, "Door/Open", false)
      .quiet(4_000, 10_000)
      .set(11_000, DEVICE, "Door/Tamper", false);
    expect(moves({ any: [open, tampered] }, journal)).toEqual([
      "2 unacknowledged",
      "11 returned-unacknowledged",
    ]);
  });
  test("not: turns true and false round and leaves unknown alone", () => {
    const journal = begin().set(1_000, DEVICE, "Door/Open", true).set(2_000, DEVICE, "Door/Open", false, bad);
    journal.set(3_000, DEVICE, "Door/Open", false);
    expect(moves({ not: open }, journal)).toEqual([
      "0 unacknowledged",
      "1 returned-unacknowledged",
      "3 unacknowledged",
    ]);
  });
});

describe("one thing and then not the other", () => {
  const notPassed: ConditionDocument = {
    unaccompanied: {
      trigger: { event: { name: "Access/Swipe", where: [{ field: "result", is: ["granted"] }] } },
      by: [{ metric: "Door/Open", is: [true] }],
      after: "5s",
      holds: "20s",
    },
  };
  const granted = { result: "granted" };
  test("a person let in who never opens the door, for as long as it holds", () => {
    const journal = begin().event(10_000, DEVICE, "Access/Swipe", granted).quiet(11_000, 60_000);
    expect(moves(notPassed, journal)).toEqual(["15 unacknowledged", "35 returned-unacknowledged"]);
  });
  test("a person who does", () => {
    const journal = begin()
      .event(10_000, DEVICE, "Access/Swipe", granted)
      .set(14_000, DEVICE, "Door/Open", true);
    expect(moves(notPassed, journal.quiet(15_000, 60_000))).toEqual([]);
  });
});

describe("an on-delay of 5 s is judged by event time: the word of it arrives at 9 s", () => {
  const heard = (age_ms: number): Journal =>
    begin().set(1_000, DEVICE, "Door/Open", true).set(9_000, DEVICE, "Door/Open", false, { age_ms });
  test("over after 3 s, it raises nothing", () => {
    expect(moves(open, heard(5_000), "5s")).toEqual([]);
  });
  test("over after 6 s, it was true for long enough", () => {
    expect(moves(open, heard(2_000), "5s")).toEqual(["9 unacknowledged", "9 returned-unacknowledged"]);
  });
});
