import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DeskSummary, HealthFigure, LeftOnFigure, ModelView } from "../api.ts";
import {
  addHealth,
  type HealthTotals,
  NO_HEALTH,
  ranked,
  ratiosOf,
  standingOf,
} from "../core/health/figures.ts";
import { inOrder } from "./figures.ts";
import {
  foldChannels,
  foldDeclared,
  foldHealth,
  foldLeftOn,
  foldModels,
  foldPerformance,
  foldSummary,
} from "./fold.ts";

const TITLE = { zh: "全部", en: "all" };
const DAY_MS = 86_400_000;

const totals: fc.Arbitrary<HealthTotals> = fc
  .record({
    devices: fc.nat(50),
    known_ms: fc.nat(400).map((days) => days * DAY_MS),
    unknown_ms: fc.nat(20).map((days) => days * DAY_MS),
    reachable: fc.nat(100),
    failures: fc.nat(20),
    repairs: fc.nat(20),
    repair_ms: fc.nat(DAY_MS),
  })
  .map(({ devices, failures, known_ms, reachable, repairs, repair_ms, unknown_ms }) => ({
    ...NO_HEALTH,
    devices,
    expected_ms: known_ms + unknown_ms,
    unknown_ms,
    reachable_ms: (known_ms * reachable) / 100,
    failures,
    repairs,
    repair_ms: repairs === 0 ? 0 : repair_ms,
  }));

describe("figures of several campuses", () => {
  test("are those that one hub would have made of all devices, whichever campus has which", () => {
    const devices = fc.array(
      fc.record({ campus: fc.nat(3), model: fc.constantFrom("a", "b", "c"), totals }),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(devices, (all) => {
        const figures = (some: typeof all): readonly HealthFigure[] =>
          [...Map.groupBy(some, ({ model }) => model)]
            .map(([key, own]) => {
              const sum = own.reduce((each, one) => addHealth(each, one.totals), NO_HEALTH);
              return { key, title: TITLE, ...sum, ...ratiosOf(sum) };
            })
            .sort((a, b) => (a.key < b.key ? -1 : 1));
        const models = (some: typeof all): readonly ModelView[] =>
          ranked(
            figures(some).map((each) => ({ ...each, ...standingOf(each), classes: ["camera"] as const })),
          );
        const byCampus = [...Map.groupBy(all, ({ campus }) => campus).values()];
        const whole = figures(all);
        const folded = foldHealth(byCampus.map(figures));
        expect(folded.map(({ key }) => key)).toEqual(whole.map(({ key }) => key));
        for (const [index, figure] of whole.entries()) {
          const other: Readonly<Record<string, unknown>> = { ...folded[index] };
          for (const [name, value] of Object.entries(figure))
            if (typeof value === "number")
              expect([name, other[name]]).toEqual([name, expect.closeTo(value, 6)]);
        }
        const order = (some: readonly ModelView[]) => some.map(({ enough, key }) => [key, enough]);
        expect(order(foldModels(byCampus.map(models)))).toEqual(order(models(all)));
      }),
    );
  });

  test("of what was left on are complete by the time of their rooms, not by their number", () => {
    const of = (rooms: number, hours: number, completeness: number): LeftOnFigure => ({
      key: "all",
      title: TITLE,
      rooms,
      leftOn_ms: 1_000,
      measured_ms: 0,
      records: 1,
      expected_ms: hours * 3_600_000,
      completeness,
    });
    expect(foldLeftOn([[of(1, 30, 1)], [{ ...of(9, 10, 0), measured_ms: 500, energy: 2 }]])).toEqual([
      { ...of(10, 40, 0.75), leftOn_ms: 2_000, measured_ms: 500, energy: 2, records: 2 },
    ]);
  });

  test("are made of transitions in order of time, whatever page they came with", async () => {
    const lists = fc.array(fc.array(fc.nat(100)), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(lists, async (told) => {
        const sources = told.map(async function* (list) {
          for (const at of list.toSorted((a, b) => a - b)) yield { at };
        });
        const seen: number[] = [];
        for await (const { at } of inOrder(sources)) seen.push(at);
        expect(seen).toEqual(told.flat().toSorted((a, b) => a - b));
      }),
    );
  });
});

describe("people of several campuses", () => {
  const summary = (ids: readonly string[], at: number): DeskSummary => ({
    at,
    unacknowledged: ids.length,
    standing: ids.length + 1,
    alarms: ids.map((id, index) => ({
      id,
      title: TITLE,
      device: TITLE,
      path: "990100",
      priority: index === 0 ? 2 : 4,
      state: "unacknowledged",
      raisedAt: at + index,
    })),
  });

  test("see at a desk what stands on all of its campuses, the urgent first, as old as the oldest answer", () => {
    const folded = foldSummary([summary(["a", "b"], 200), summary(["c", "d"], 100)]);
    expect(folded.alarms.map(({ id }) => id)).toEqual(["c", "a", "d", "b"]);
    expect(folded).toMatchObject({ at: 100, unacknowledged: 4, standing: 6 });
  });

  test("are told of a flood that any campus has, and of a channel that is dead for one of them", () => {
    const performance = (newAlarms: number, floodSince?: number) => ({
      desks: [{ desk: "gate", newAlarms, ...(floodSince === undefined ? {} : { floodSince }) }],
      chattering: [],
      stale: [],
    });
    expect(foldPerformance([performance(3), performance(12, 700), performance(15, 500)]).desks).toEqual([
      { desk: "gate", newAlarms: 30, floodSince: 500 },
    ]);
    const channel = (alive: boolean, detail: string) => ({
      id: "sms",
      kind: "sms",
      alive,
      detail,
      waiting: 2,
    });
    expect(
      foldChannels([[channel(true, "taken")], [channel(false, "no such host")], [channel(true, "")]]),
    ).toEqual([{ ...channel(false, "no such host"), waiting: 6 }]);
  });

  test("see once what was declared for all of them", () => {
    const declared = (id: string, from: number) => ({ id, from, until: from + 10 });
    expect(
      foldDeclared([[declared("x", 1), declared("y", 5)], [declared("x", 1)]]).map(({ id }) => id),
    ).toEqual(["y", "x"]);
  });
});
