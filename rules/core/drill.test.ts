import { describe, expect, test } from "vitest";
import { BEGIN, BOX, Journal, newEngine, play } from "../testing/campus.ts";
import { DRILL_MS_MAX, DRILLS_MAX } from "./drill.ts";
import type { Effect } from "./effect.ts";
import type { EngineState } from "./engine.ts";
import type { Input } from "./input.ts";

const PANIC = `${BOX}/panic`;
const SCHOOL = "990100/990101/school";
const MINUTE = 60_000;

const begin = (): Journal =>
  new Journal().birth(0, BOX, "edge-box").birth(0, PANIC, "panic-button", { "Panic/Pressed": false });

function declare(journal: Journal, at: number, more: object = {}): Journal {
  const drill = {
    id: "fire-drill",
    path: SCHOOL,
    from: BEGIN + at,
    until: BEGIN + at + 10 * MINUTE,
    by: "leader",
    title: "一键报警演练",
    ...more,
  };
  journal.inputs.push({ kind: "drill", seq: journal.inputs.length, receivedAt: BEGIN + at, drill });
  return journal;
}

/** What was raised, and in which drill; the same when the engine is restarted all the time. */
function raised(inputs: readonly Input[]): readonly (string | undefined)[] {
  const drills = (effects: readonly Effect[]) =>
    effects.flatMap((effect) =>
      effect.kind === "transition" && effect.transition.event === "raise" ? [effect.alarm.drill] : [],
    );
  let engine = newEngine();
  const pieces = inputs.flatMap((input) => {
    engine = newEngine(JSON.parse(JSON.stringify(engine.save())) as EngineState);
    return engine.step(input);
  });
  const whole = drills(play(newEngine(), inputs));
  expect(drills(pieces)).toEqual(whole);
  return whole;
}

describe("a drill", () => {
  test("flags the alarms that begin at its place while it lasts, and no other", () => {
    const press = (journal: Journal, at: number) =>
      journal.set(at, PANIC, "Panic/Pressed", true).set(at + 1_000, PANIC, "Panic/Pressed", false);
    const journal = begin();
    press(journal, 5_000);
    declare(journal, 60_000);
    press(journal, 70_000);
    press(journal, 20 * MINUTE);
    expect(raised(journal.inputs)).toEqual([undefined, "fire-drill", undefined]);
  });

  test("is of a place, and of the rules it names", () => {
    const elsewhere = declare(begin(), 1_000, { path: "990100/990101/other" });
    expect(raised(elsewhere.set(5_000, PANIC, "Panic/Pressed", true).inputs)).toEqual([undefined]);
    const other = declare(begin(), 1_000, { rules: ["gate-tamper"] });
    expect(raised(other.set(5_000, PANIC, "Panic/Pressed", true).inputs)).toEqual([undefined]);
    const this_ = declare(begin(), 1_000, { rules: ["panic-pressed"] });
    expect(raised(this_.set(5_000, PANIC, "Panic/Pressed", true).inputs)).toEqual(["fire-drill"]);
  });

  test("ends when somebody ends it", () => {
    const journal = declare(begin(), 1_000);
    const seq = journal.inputs.length;
    journal.inputs.push({
      kind: "end-drill",
      seq,
      receivedAt: BEGIN + 2_000,
      id: "fire-drill",
      by: "leader",
    });
    expect(raised(journal.set(5_000, PANIC, "Panic/Pressed", true).inputs)).toEqual([undefined]);
  });

  test("needs a near end, and there are not many at one time", () => {
    const refusals = (journal: Journal) =>
      play(newEngine(), journal.inputs).flatMap((effect) =>
        effect.kind === "refused" ? [effect.detail] : [],
      );
    expect(refusals(declare(begin(), 0, { until: BEGIN + DRILL_MS_MAX + 1 }))[0]).toContain("four hours");
    expect(refusals(declare(begin(), 0, { until: BEGIN }))[0]).toContain("still to come");
    const many = begin();
    for (let index = 0; index <= DRILLS_MAX; index += 1) declare(many, 0, { id: `drill-${index}` });
    expect(refusals(many)).toEqual([`there are ${DRILLS_MAX} drills already; end one first`]);
    const none = begin();
    none.inputs.push({ kind: "end-drill", seq: 0, receivedAt: BEGIN, id: "nothing", by: "x" });
    expect(refusals(none)).toEqual(["there is no drill nothing"]);
  });
});
