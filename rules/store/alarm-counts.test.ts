import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { alarmId } from "../core/identity.ts";
import { BEGIN, BOX, Journal, newEngine, play } from "../testing/campus.ts";
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
