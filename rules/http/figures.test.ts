import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fastify from "fastify";
import { afterAll, expect, test } from "vitest";
import type { AlarmFiguresView, RaisingView } from "../api.ts";
import type { Effect } from "../core/effect.ts";
import { alarmId } from "../core/identity.ts";
import { AlarmPerformance } from "../core/performance.ts";
import { RulesStore } from "../store/rules-store.ts";
import { BEGIN, BOX, Journal, newEngine, play } from "../testing/campus.ts";
import { hubTree } from "../testing/hub-tree.ts";
import { figureRoutes, type TransitionPage } from "./figures.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = BEGIN + 24 * HOUR;
const GATE = `${BOX}/gate`;
const PANIC = `${BOX}/panic`;
const folder = mkdtempSync(join(tmpdir(), "alarm-figures-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The figures of a hub that kept these in that order. */
async function asked(name: string, kept: readonly (readonly Effect[])[]) {
  const store = new RulesStore(join(folder, `${name}.sqlite`));
  const engine = newEngine();
  for (const effects of kept) store.commit(engine.saveHead(), engine.takeChanges(), effects);
  const server = fastify();
  figureRoutes(server, { store, performance: new AlarmPerformance([]), now: () => NOW });
  const get = async <T>(path: string): Promise<T> => (await server.inject(path)).json<T>();
  const range = `from=${BEGIN}&to=${BEGIN + 30 * MINUTE}`;
  const { all } = await get<AlarmFiguresView>(`/alarm-figures?${range}`);
  const raisings = await get<readonly RaisingView[]>(`/raisings?${range}`);
  const pages: TransitionPage[] = [];
  for (let after: string | undefined, at = 0; at === 0 || after !== undefined; at += 1) {
    const more: string = after === undefined ? "" : `&after=${after}`;
    const page = await get<TransitionPage>(`/alarm-figures/transitions?${range}${more}`);
    pages.push(page);
    after = page.next;
  }
  await server.close();
  store.close();
  return { all, raisings: raisings.map(({ at, id }) => [at, id]), pages };
}

/** What people call a device stays on the campus. */
const untitled = (figures: AlarmFiguresView["all"]): unknown =>
  JSON.parse(JSON.stringify(figures), (key, value) => (key === "device" ? undefined : value));

/** A gate that is tampered with, and is answered, as often as said. */
function tampered(times: number, from_ms: number): Journal {
  const journal = new Journal()
    .birth(0, BOX, "edge-box")
    .birth(0, GATE, "access-gate", { "Door/Tamper": false })
    .birth(0, PANIC, "panic-button", { "Panic/Pressed": false });
  for (let time = 0; time < times; time += 1) {
    const at = from_ms + time * 4_000;
    journal.set(at, GATE, "Door/Tamper", true).clock(at + 1_500);
    journal.act(at + 2_500, alarmId("gate-tamper", GATE, undefined), "acknowledge");
    journal.set(at + 3_000, GATE, "Door/Tamper", false);
  }
  return journal;
}

test("what a hub below tells hours late is in the figures of when it happened, as in those of that hub", async () => {
  const { campus, county } = hubTree(tampered(3, MINUTE).inputs, 1_000);
  const meanwhile = new Journal()
    .birth(0, BOX, "edge-box")
    .birth(0, PANIC, "panic-button", { "Panic/Pressed": false })
    .set(5 * HOUR, PANIC, "Panic/Pressed", true);
  const engine = newEngine();
  const later = meanwhile.inputs.flatMap((input) => engine.step(input));
  const own = await asked("campus", [campus]);
  const above = await asked("county", [later, county]);
  expect([own.all.raised, own.all.delays]).toEqual([
    3,
    { acknowledged: 3, unanswered: 0, p50_ms: 1_000, p95_ms: 1_000 },
  ]);
  expect(untitled(above.all)).toEqual(untitled(own.all));
  expect(above.raisings).toEqual(own.raisings);
});

test("a long range is read in pages that neither leave out nor repeat a transition", async () => {
  const own = await asked("pages", [play(newEngine(), tampered(350, MINUTE).inputs)]);
  const rows = own.pages.flatMap((page) => page.rows);
  expect(own.pages.length).toBe(2);
  expect(rows.filter(({ event }) => event === "raise").length).toBe(350);
  expect(rows.map(({ at }) => at)).toEqual(rows.map(({ at }) => at).sort((a, b) => a - b));
  expect(own.all.delays.acknowledged).toBe(350);
});
