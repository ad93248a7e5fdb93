import { describe, expect, test } from "vitest";
import { BEGIN, BOX, Journal, lines, newEngine, play, RULES, transitionsOf } from "../testing/campus.ts";
import type { EngineState } from "./engine.ts";
import { alarmId } from "./identity.ts";
import { factsOf } from "./replica/facts.ts";
import { outcomeOf } from "./rule.ts";

const SCANNER = `${BOX}/scanner`;
const UPHELD = alarmId("fever-upheld", SCANNER, undefined);
const SUSPECT = alarmId("fever-suspect", SCANNER, undefined);
const MINUTE = 60_000;

/** A first reading and two retests five minutes apart, from a minute on. */
function upheld(journal: Journal, from_ms: number): Journal {
  for (const retest of [0, 1, 2])
    journal.event(from_ms + retest * 5 * MINUTE, SCANNER, "Temperature/Screening", { celsius: 37.6, retest });
  return journal;
}
const begin = (): Journal =>
  new Journal().birth(0, BOX, "edge-box").birth(0, SCANNER, "temperature-scanner", {});
const movesOf = (journal: Journal): readonly string[] => {
  const whole = lines(play(newEngine(), journal.inputs));
  // A restart before every input changes nothing.
  let state: EngineState | undefined;
  const pieces = journal.inputs.flatMap((input) => {
    const engine = newEngine(state);
    const effects = engine.step(input);
    state = JSON.parse(JSON.stringify(engine.save())) as EngineState;
    return [...lines(effects)];
  });
  expect(pieces).toEqual(whole);
  return whole.filter((line) => line.includes("fever-upheld"));
};

describe("a fever that two retests uphold", () => {
  test("is taken on by whoever confirms it, and stands until it is over", () => {
    const journal = upheld(begin(), MINUTE).act(12 * MINUTE, UPHELD, "confirm");
    expect(movesOf(journal.clock(42 * MINUTE))).toEqual([
      "scanner fever-upheld normal → unacknowledged",
      "scanner fever-upheld unacknowledged → acknowledged",
      "scanner fever-upheld acknowledged → normal",
    ]);
    const engine = newEngine();
    play(engine, journal.inputs);
    expect(engine.alarm(UPHELD)?.acknowledged).toEqual({ by: "desk-1", at: BEGIN + 12 * MINUTE });
  });

  test("is over when it is refuted, and the next child's raises it anew within the same half hour", () => {
    const journal = upheld(begin(), MINUTE).act(12 * MINUTE, UPHELD, "refute");
    expect(movesOf(upheld(journal, 13 * MINUTE))).toEqual([
      "scanner fever-upheld normal → unacknowledged",
      "scanner fever-upheld unacknowledged → normal",
      "scanner fever-upheld normal → unacknowledged",
    ]);
  });

  test("may be refuted while the next child is still being retested, whose alarm is not lost", () => {
    const journal = begin();
    const screening = (minute: number, retest: number): Journal =>
      journal.event(minute * MINUTE, SCANNER, "Temperature/Screening", { celsius: 37.6, retest });
    for (const [minute, retest] of [
      [1, 0],
      [4, 1],
      [8, 2],
      [9, 0],
      [13, 1],
    ] as const)
      screening(minute, retest);
    journal.act(14 * MINUTE, UPHELD, "refute");
    screening(17, 2);
    expect(movesOf(journal).slice(1)).toEqual([
      "scanner fever-upheld unacknowledged → normal",
      "scanner fever-upheld normal → unacknowledged",
    ]);
  });

  test("may be confirmed by a reading that comes after it has ended", () => {
    const journal = upheld(begin(), MINUTE)
      .act(12 * MINUTE, UPHELD, "acknowledge")
      .clock(50 * MINUTE);
    const effects = play(newEngine(), journal.act(51 * MINUTE, UPHELD, "confirm").inputs);
    const last = effects.findLast((effect) => effect.kind === "transition");
    expect(last).toMatchObject({ transition: { event: "confirm", from: "normal", to: "normal" } });
  });

  test("is told to other hubs as taken on or over, and says nothing of what was read", () => {
    const journal = upheld(begin(), MINUTE).act(12 * MINUTE, UPHELD, "refute");
    const moved = transitionsOf(play(newEngine(), journal.inputs)).at(-1);
    const facts = moved === undefined ? [] : factsOf(moved.transition, moved.alarm);
    expect(facts.map(({ kind }) => kind)).toEqual(["returned", "acknowledged"]);
    expect(JSON.stringify(moved?.transition)).not.toContain("37.6");
  });

  test("is the only alarm that a reading confirms", () => {
    const journal = upheld(begin(), MINUTE).act(12 * MINUTE, SUSPECT, "confirm");
    expect(play(newEngine(), journal.inputs).at(-1)).toEqual({
      kind: "refused",
      reason: "no-such-transition",
      detail: "no reading confirms alarms of this rule",
    });
    expect(RULES.flatMap(({ confirm, id }) => (confirm === undefined ? [] : [id]))).toEqual(["fever-upheld"]);
  });

  test("is not confirmed before it was ever raised", () => {
    const [last] = play(newEngine(), begin().act(1_000, UPHELD, "confirm").inputs).slice(-1);
    expect(last).toMatchObject({ kind: "refused", detail: "it has never been raised" });
  });
});

test("37.3 °C confirms, 37.2 refutes, and what nobody can have is no reading", () => {
  const confirm = RULES.find(({ id }) => id === "fever-upheld")?.confirm ?? { from: 0, to: 0, atLeast: 0 };
  const outcomes = [37.3, 42, 37.2, 34, 33.9, 42.1, Number.NaN].map((each) => outcomeOf(confirm, each));
  expect(outcomes).toEqual(["confirmed", "confirmed", "refuted", "refuted", undefined, undefined, undefined]);
});
