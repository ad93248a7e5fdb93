import { describe, expect, test } from "vitest";
import { BEGIN, BOX, Journal, lines, newEngine, play } from "../testing/campus.ts";
import type { Effect } from "./effect.ts";
import type { EngineState } from "./engine.ts";
import type { Input } from "./input.ts";
import { SUPPRESSION_MS_MAX, SUPPRESSIONS_MAX } from "./suppression.ts";

const GATE = `${BOX}/gate`;
const PANIC = `${BOX}/panic`;
const SCHOOL = "990100/990101/school";
const HOUR = 3_600_000;

const begin = (): Journal =>
  new Journal()
    .birth(0, BOX, "edge-box")
    .birth(0, GATE, "access-gate", { "Door/Tamper": false })
    .birth(0, PANIC, "panic-button", { "Panic/Pressed": false });

function declare(journal: Journal, at: number, more: object = {}): Journal {
  const suppression = {
    id: "works",
    path: SCHOOL,
    from: BEGIN + at,
    until: BEGIN + at + HOUR,
    by: "facilities",
    reason: "换线施工",
    ...more,
  };
  journal.inputs.push({ kind: "suppress", seq: journal.inputs.length, receivedAt: BEGIN + at, suppression });
  return journal;
}
function end(journal: Journal, at: number, id = "works"): Journal {
  const seq = journal.inputs.length;
  journal.inputs.push({ kind: "end-suppression", seq, receivedAt: BEGIN + at, id, by: "facilities" });
  return journal;
}
const refused = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.kind === "refused" ? [effect.detail] : []));

/** The same, restarted all the time. */
function played(inputs: readonly Input[]): readonly Effect[] {
  const whole = play(newEngine(), inputs);
  let engine = newEngine();
  const pieces = inputs.flatMap((input) => {
    engine = newEngine(JSON.parse(JSON.stringify(engine.save())) as EngineState);
    return engine.step(input);
  });
  expect(JSON.stringify(pieces)).toBe(JSON.stringify(whole));
  return whole;
}

describe("suppression by design, declared for a place", () => {
  test("silences what is raised there until it ends by itself; what is still true then rings", () => {
    const journal = declare(begin(), 1_000).set(5_000, GATE, "Door/Tamper", true).quiet(6_000, 10_000);
    journal.clock(HOUR).quiet(HOUR + 1_000, HOUR + 3_000);
    expect(lines(played(journal.inputs))).toEqual([
      "gate gate-tamper normal → suppressed-by-design",
      "gate gate-tamper suppressed-by-design → unacknowledged",
    ]);
  });

  test("silences what already rings there, and names who and why", () => {
    const journal = begin().set(1_000, GATE, "Door/Tamper", true).quiet(2_000, 5_000);
    const effects = played(declare(journal, 6_000).set(7_000, GATE, "Door/Tamper", false).inputs);
    expect(lines(effects)).toEqual([
      "gate gate-tamper normal → unacknowledged",
      "gate gate-tamper unacknowledged → suppressed-by-design",
      "gate gate-tamper suppressed-by-design → normal",
    ]);
    expect(effects.at(1)).toMatchObject({ transition: { by: "facilities", comment: "换线施工" } });
  });

  test("ends before its time when somebody ends it", () => {
    const journal = declare(begin(), 1_000).set(5_000, GATE, "Door/Tamper", true).quiet(6_000, 10_000);
    expect(lines(played(end(journal, 10_500).inputs)).at(-1)).toBe(
      "gate gate-tamper suppressed-by-design → unacknowledged",
    );
  });

  test("never silences a panic button, nor another place, nor another rule", () => {
    const journal = declare(begin(), 1_000, { id: "elsewhere", path: "990100/990101/other" });
    declare(journal, 1_000, { id: "doors", rules: ["door-held-open"] });
    journal.set(5_000, GATE, "Door/Tamper", true).quiet(6_000, 8_000);
    declare(journal, 9_000).set(10_000, PANIC, "Panic/Pressed", true);
    expect(lines(played(journal.inputs))).toEqual([
      "gate gate-tamper normal → unacknowledged",
      "gate gate-tamper unacknowledged → suppressed-by-design",
      "panic panic-pressed normal → unacknowledged",
    ]);
  });

  test("needs a reason and an end within seven days, and there are only so many", () => {
    const journal = declare(begin(), 1_000, { reason: " " });
    declare(journal, 1_000, { until: BEGIN + 1_000 });
    declare(journal, 1_000, { until: BEGIN + 1_001 + SUPPRESSION_MS_MAX });
    end(journal, 1_000, "nobody");
    for (let index = 0; index <= SUPPRESSIONS_MAX; index += 1) declare(journal, 2_000, { id: `${index}` });
    expect(refused(play(newEngine(), journal.inputs))).toEqual([
      "suppressing needs a reason",
      "suppressing needs an end that is still to come, within 604800000 ms (seven days)",
      "suppressing needs an end that is still to come, within 604800000 ms (seven days)",
      "there is no suppression nobody",
      "there are 200 suppressions already; end one first",
    ]);
  });
});
