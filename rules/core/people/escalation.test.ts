import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AlarmState, AlarmView, Priority } from "../../api.ts";
import { cycleCalendar } from "../calendar.ts";
import { asksForPerson, escalate, look, type Staff, type Watch } from "./escalation.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const calendar = cycleCalendar({
  period_ms: 24 * HOUR,
  anchor: 0,
  windows: { day: [[8 * HOUR, 20 * HOUR]] },
});

const desk = (id: string, more: { scope?: string[]; during?: string } = {}) => ({
  id,
  title: { zh: id, en: id },
  scope: more.scope ?? [],
  channels: [`${id}-robot`],
  ...(more.during === undefined ? {} : { during: more.during }),
});

const staff: Staff = {
  desks: new Map(
    [desk("gate", { scope: ["990100/990102/one"] }), desk("leader", { during: "day" }), desk("bureau")].map(
      (each) => [each.id, each],
    ),
  ),
  escalation: {
    1: [
      { after_ms: 0, desks: ["gate"] },
      { after_ms: 2 * MINUTE, desks: ["leader"] },
      { after_ms: 10 * MINUTE, desks: ["bureau"] },
    ],
    2: [{ after_ms: 0, desks: ["leader"] }],
    3: [{ after_ms: 0, desks: ["gate"] }],
    4: [],
  },
  calendar,
};

const NOON = 12 * HOUR;
const alarm = (more: Partial<AlarmView> = {}): AlarmView => ({
  id: "a1",
  occurrence: 1,
  rule: "panic",
  priority: 1,
  state: "unacknowledged",
  title: { zh: "报警", en: "alarm" },
  device: {
    key: "one/box/button",
    title: { zh: "按钮", en: "button" },
    class: "panic-button",
    path: "990100/990102/one/a/1/gate",
    campus: "one",
  },
  raisedAt: NOON,
  receivedAt: NOON,
  symptoms: 0,
  updatedAt: NOON,
  ...more,
});

const told = (outcome: { tellings: readonly { kind: string; desk: string }[] }) =>
  outcome.tellings.map(({ kind, desk: id }) => `${kind} ${id}`);

describe("an alarm that asks for a person", () => {
  test("is told to its first desk at once, and to the next at each deadline until somebody acknowledges", () => {
    const first = look(undefined, alarm(), staff, NOON);
    expect(told(first)).toEqual(["raised gate"]);
    expect(first.lookAt).toBe(NOON + 2 * MINUTE);
    const early = look(first.watch, alarm(), staff, NOON + 2 * MINUTE - 1);
    expect(told(early)).toEqual([]);
    const second = look(early.watch, alarm(), staff, NOON + 2 * MINUTE);
    expect(told(second)).toEqual(["escalated leader"]);
    const third = look(second.watch, alarm(), staff, NOON + 10 * MINUTE);
    expect(told(third)).toEqual(["escalated bureau"]);
    expect(third.lookAt).toBeUndefined();
    const settled = look(third.watch, alarm({ state: "acknowledged" }), staff, NOON + 11 * MINUTE);
    expect(told(settled)).toEqual(["settled gate", "settled leader", "settled bureau"]);
    expect(settled.watch).toBeUndefined();
  });

  test("does not wait for a deadline at a desk that is not responsible or not staffed", () => {
    const elsewhere = alarm({ device: { ...alarm().device, path: "990100/990102/two/a" } });
    expect(told(look(undefined, elsewhere, staff, NOON))).toEqual(["raised leader"]);
    expect(told(look(undefined, elsewhere, staff, 3 * HOUR))).toEqual(["raised bureau"]);
  });

  test("waits for the next change of the calendar when all its desks are empty", () => {
    const night = look(undefined, alarm({ priority: 2, updatedAt: 3 * HOUR }), staff, 3 * HOUR);
    expect(told(night)).toEqual([]);
    expect(night.lookAt).toBe(8 * HOUR);
    expect(told(look(night.watch, alarm({ priority: 2 }), staff, 8 * HOUR))).toEqual(["raised leader"]);
  });

  test("is told once, without deadlines, when it became known long after it happened", () => {
    const late = look(undefined, alarm({ late: true }), staff, NOON);
    expect(told(late)).toEqual(["raised gate"]);
    expect(late.lookAt).toBeUndefined();
    expect(told(look(late.watch, alarm({ late: true }), staff, NOON + HOUR))).toEqual([]);
  });

  test("is told anew when it is raised anew", () => {
    const { watch } = look(undefined, alarm(), staff, NOON);
    const again = look(watch, alarm({ occurrence: 2, updatedAt: NOON + HOUR }), staff, NOON + HOUR);
    expect(told(again)).toEqual(["raised gate"]);
    expect(again.tellings[0]?.since).toBe(NOON + HOUR);
  });

  test("is told to nobody where its priority has no steps", () => {
    const blue = look(undefined, alarm({ priority: 4 }), staff, NOON);
    expect(blue.tellings).toEqual([]);
    expect(blue.lookAt).toBeUndefined();
  });
});

test("a symptom asks for nobody, and a latched alarm until it has been acknowledged", () => {
  expect(asksForPerson(alarm({ causeId: "switch" }))).toBe(false);
  expect(asksForPerson(alarm({ state: "latched" }))).toBe(true);
  expect(asksForPerson(alarm({ state: "latched", acknowledged: { by: "x", at: NOON } }))).toBe(false);
  for (const state of [
    "normal",
    "acknowledged",
    "shelved",
    "out-of-service",
    "suppressed-by-design",
  ] as const)
    expect(asksForPerson(alarm({ state }))).toBe(false);
});

test("whatever happens to an alarm, each desk is told of each raising once, and that it is over once", () => {
  const states: AlarmState[] = ["unacknowledged", "acknowledged", "normal", "latched", "shelved"];
  const step = fc.record({
    state: fc.constantFrom(...states),
    raise: fc.boolean(),
    pass_ms: fc.integer({ min: 0, max: 5 * MINUTE }),
  });
  fc.assert(
    fc.property(
      fc.constantFrom<Priority>(1, 2, 3, 4),
      fc.array(step, { maxLength: 40 }),
      (priority, steps) => {
        let watch: Watch | undefined;
        let now = NOON;
        let occurrence = 1;
        const seen = new Set<string>();
        const open = new Set<string>();
        for (const { state, raise, pass_ms } of steps) {
          now += pass_ms + 1;
          if (raise) occurrence += 1;
          const outcome = look(watch, alarm({ priority, state, occurrence, updatedAt: now }), staff, now);
          if (watch !== undefined && outcome.watch?.since !== watch.since && outcome.watch !== undefined)
            open.clear();
          for (const { kind, desk: id, since } of outcome.tellings) {
            const key = `${kind} ${id} ${since}`;
            expect(seen.has(key)).toBe(false);
            seen.add(key);
            if (kind === "settled") expect(open.delete(id)).toBe(true);
            else open.add(id);
          }
          watch = outcome.watch;
          expect([...open].sort()).toEqual([...(watch?.told ?? [])].sort());
        }
      },
    ),
  );
});

describe("a person asks for the next desk", () => {
  const first = look(undefined, alarm({ updatedAt: NOON }), staff, NOON).watch;

  test("which is told at once, and the one after it still waits for its own deadline", () => {
    const asked = escalate(first, alarm({ updatedAt: NOON }), staff, NOON + 1_000);
    expect(asked?.tellings).toEqual([{ kind: "escalated", desk: "leader", since: NOON }]);
    expect(asked?.lookAt).toBe(NOON + 10 * MINUTE);
    const again = escalate(asked?.watch, alarm({ updatedAt: NOON }), staff, NOON + 2_000);
    expect(again?.tellings.map(({ desk: told }) => told)).toEqual(["bureau"]);
    expect(escalate(again?.watch, alarm({ updatedAt: NOON }), staff, NOON + 3_000)).toBeUndefined();
  });

  test("at night an empty desk is passed over", () => {
    const midnight = 24 * HOUR;
    const view = alarm({ updatedAt: midnight });
    const { watch } = look(undefined, view, staff, midnight);
    expect(escalate(watch, view, staff, midnight + 1)?.tellings.map(({ desk: told }) => told)).toEqual([
      "bureau",
    ]);
  });

  test("and nothing happens once somebody has acknowledged", () => {
    const acknowledged = alarm({ updatedAt: NOON, state: "acknowledged" });
    expect(escalate(first, acknowledged, staff, NOON + 1_000)).toBeUndefined();
    expect(escalate(undefined, alarm(), staff, NOON)).toBeUndefined();
  });
});
