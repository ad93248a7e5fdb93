import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Effect } from "../core/effect.ts";
import { alarmId } from "../core/identity.ts";
import { BEGIN, BOX, Journal, newEngine, play } from "../testing/campus.ts";
import { hubTree } from "../testing/hub-tree.ts";
import { RulesStore } from "./rules-store.ts";

const SCANNER = `${BOX}/scanner`;
const UPHELD = alarmId("fever-upheld", SCANNER, undefined);
const MINUTE = 60_000;

test("an alarm is answered once: by who acknowledges it, or by who measures when nobody had", () => {
  const folder = mkdtempSync(join(tmpdir(), "alarm-counts-"));
  const answered = (...actions: readonly ("acknowledge" | "confirm" | "refute")[]) => {
    const journal = new Journal().birth(0, BOX, "edge-box").birth(0, SCANNER, "temperature-scanner", {});
    for (const retest of [0, 1, 2])
      journal.event(retest * 5 * MINUTE, SCANNER, "Temperature/Screening", { celsius: 37.6, retest });
    for (const [index, action] of actions.entries()) journal.act((12 + index) * MINUTE, UPHELD, action);
    const engine = newEngine();
    const effects = play(engine, journal.inputs);
    const store = new RulesStore(join(folder, `${actions.join("-")}.sqlite`));
    store.commit(engine.saveHead(), engine.takeChanges(), effects);
    const counts = store.alarmCounts(BEGIN, BEGIN + 30 * MINUTE, 30 * MINUTE);
    store.close();
    return counts.filter((each) => each.answered).map(({ count, waited_ms }) => [count, waited_ms / MINUTE]);
  };
  try {
    expect(answered()).toEqual([]);
    expect(answered("confirm")).toEqual([[1, 2]]);
    expect(answered("refute")).toEqual([[1, 2]]);
    expect(answered("acknowledge", "confirm", "refute")).toEqual([[1, 2]]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("alarms that a hub below tells are counted when they rang and were answered there, however late that was told", () => {
  const folder = mkdtempSync(join(tmpdir(), "alarm-counts-"));
  const [gate, panic] = [`${BOX}/gate`, `${BOX}/panic`];
  const journal = new Journal()
    .birth(0, BOX, "edge-box")
    .birth(0, gate, "access-gate", { "Door/Tamper": false })
    .birth(0, panic, "panic-button", { "Panic/Pressed": false });
  // A gate is tampered with when it is for a second.
  journal.set(MINUTE, gate, "Door/Tamper", true).clock(MINUTE + 2_000);
  journal.act(3 * MINUTE, alarmId("gate-tamper", gate, undefined), "acknowledge");
  journal.set(4 * MINUTE, gate, "Door/Tamper", false);
  journal.set(6 * MINUTE, panic, "Panic/Pressed", true);
  journal.act(7 * MINUTE, alarmId("panic-pressed", panic, undefined), "acknowledge");
  journal.set(9 * MINUTE, gate, "Door/Tamper", true).clock(10 * MINUTE);
  try {
    const countsOf = (name: string, effects: readonly Effect[]) => {
      const engine = newEngine();
      const store = new RulesStore(join(folder, `${name}.sqlite`));
      store.commit(engine.saveHead(), engine.takeChanges(), effects);
      const counts = store.alarmCounts(BEGIN, BEGIN + 30 * MINUTE, 5 * MINUTE);
      store.close();
      return counts;
    };
    for (const toldEvery of [1, 4, 100]) {
      const { campus, county } = hubTree(journal.inputs, toldEvery);
      const own = countsOf(`campus-${toldEvery}`, campus);
      expect(own.filter(({ answered }) => answered).map(({ waited_ms }) => waited_ms / MINUTE)).toEqual([
        2, 1,
      ]);
      expect(own.reduce((sum, { count }) => sum + count, 0)).toBe(5);
      expect(countsOf(`county-${toldEvery}`, county)).toEqual(own);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
