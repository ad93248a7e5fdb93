import { describe, expect, test } from "vitest";
import { BOX, Journal, lines, newEngine, play } from "../../testing/campus.ts";
import { GATE_CLASS, movesOf, ruleOf } from "../../testing/one-rule.ts";

const GATE = `${BOX}/gate`;
const FLAPPING = { flapping: { atLeast: 3, within: "60s" } };

const campus = (): Journal => new Journal().birth(0, BOX, "edge-box").birth(0, GATE, GATE_CLASS);

/** Of a rule on boxes, or on gates; the same when it is restarted all the time. */
function moves(journal: Journal, of: "edge-box" | typeof GATE_CLASS): readonly string[] {
  const rules = [ruleOf(FLAPPING, { selector: { class: [of] } })];
  const whole = movesOf(rules, journal);
  expect(movesOf(rules, journal, 1)).toEqual(whole);
  return whole;
}

describe("a connection that comes and goes", () => {
  test("is one that was lost so often in a window, though never for long, until the first of these is too long ago", () => {
    const journal = campus();
    for (const at of [1_000, 21_000, 41_000]) journal.death(at, BOX).birth(at + 300, BOX, "edge-box");
    expect(moves(journal.quiet(42_000, 70_000), "edge-box")).toEqual([
      "41 unacknowledged",
      "62 returned-unacknowledged",
    ]);
  });

  test("is counted by births where the broker never told of a loss, and not by births that the hub asked for", () => {
    const asked = campus();
    for (const at of [1_000, 2_000, 3_000, 4_000]) asked.birth(at, BOX, "edge-box");
    expect(moves(asked, "edge-box")).toEqual([]);
    const anew = campus();
    for (const at of [1_000, 2_000, 3_000]) anew.connectedAnew(at, BOX);
    expect(moves(anew, "edge-box")).toEqual(["3 unacknowledged"]);
  });

  test("is counted once where the loss was told and the birth says that it has connected anew", () => {
    const journal = campus();
    for (const at of [1_000, 21_000]) journal.death(at, BOX).connectedAnew(at + 300, BOX);
    expect(moves(journal, "edge-box")).toEqual([]);
  });

  test("is the box’s: what hangs from it is not blamed, and a device that goes by itself is", () => {
    const box = campus();
    for (const at of [1_000, 11_000, 21_000])
      box
        .death(at, BOX)
        .connectedAnew(at + 300, BOX)
        .birth(at + 400, GATE, GATE_CLASS);
    expect(moves(box, GATE_CLASS)).toEqual([]);
    const gate = campus();
    for (const at of [1_000, 11_000, 21_000]) gate.death(at, GATE).birth(at + 300, GATE, GATE_CLASS);
    expect(moves(gate, GATE_CLASS)).toEqual(["21 unacknowledged"]);
  });

  test("is one loss, whether its box says that it reaches the device no more, or the device dies, or both", () => {
    for (const dies of [false, true]) {
      const gate = campus().birth(500, GATE, GATE_CLASS, { "Connectivity/Online": true });
      for (const at of [1_000, 11_000, 21_000]) {
        gate.set(at, GATE, "Connectivity/Online", false);
        if (dies)
          gate.death(at + 100, GATE).birth(at + 5_000, GATE, GATE_CLASS, { "Connectivity/Online": true });
        else gate.set(at + 5_000, GATE, "Connectivity/Online", true);
      }
      expect(moves(gate, GATE_CLASS)).toEqual(["21 unacknowledged"]);
    }
  });

  test("is none where a device that is away is named again and again", () => {
    const gate = campus().set(1_000, GATE, "Connectivity/Online", false);
    for (const at of [2_000, 3_000, 4_000])
      gate.birth(at, GATE, GATE_CLASS, { "Connectivity/Online": false }).death(at + 100, GATE);
    expect(moves(gate, GATE_CLASS)).toEqual([]);
  });

  test("of a device stays while its box is away: nobody knows whether it still does", () => {
    const journal = campus();
    for (const at of [1_000, 11_000, 21_000]) journal.death(at, GATE).birth(at + 300, GATE, GATE_CLASS);
    journal
      .death(30_000, BOX)
      .quiet(31_000, 120_000)
      .birth(121_000, BOX, "edge-box")
      .birth(121_000, GATE, GATE_CLASS);
    expect(moves(journal, GATE_CLASS)).toEqual(["21 unacknowledged", "121 returned-unacknowledged"]);
  });
});

test("two hundred cameras behind a switch that comes and goes are one alarm, and each loss is its evidence", () => {
  const SWITCH = `${BOX}/switch-a`;
  const cameras = Array.from({ length: 200 }, (_, index) => `${BOX}/camera-${index}`);
  const online = { "Connectivity/Online": true };
  const born = (journal: Journal, at: number): Journal => {
    for (const key of cameras)
      journal.birth(at, key, "camera", { ...online, "Properties/DependsOn": "switch-a" });
    return journal.birth(at, SWITCH, "switch", online);
  };
  const journal = born(new Journal().birth(0, BOX, "edge-box"), 0);
  for (let turn = 1; turn <= 5; turn += 1) {
    for (const key of cameras) journal.death(turn * 60_000, key);
    // The box asks its switch last.
    born(journal.death(turn * 60_000 + 2_000, SWITCH), turn * 60_000 + 4_000);
  }
  const effects = play(newEngine(), journal.quiet(305_000, 400_000).inputs);
  const moved = lines(effects);
  expect(moved.filter((line) => line.includes("→ unacknowledged"))).toEqual([
    "switch-a switch-flapping normal → unacknowledged",
  ]);
  expect(moved.filter((line) => line.includes("→ suppressed-by-design"))).toHaveLength(200);
  const raised = effects.flatMap((effect) =>
    effect.kind === "transition" && effect.alarm.rule === "switch-flapping" ? [effect.alarm] : [],
  );
  expect(raised[0]?.evidence).toHaveLength(5);
  expect(raised[0]?.explanation).toEqual({
    zh: "30 分钟内失联 5 次",
    en: "it went away 5 times within 30 min",
  });
});
