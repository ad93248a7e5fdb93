import fc from "fast-check";
import { expect, test } from "vitest";
import { BOX, Journal, newEngine, play } from "../testing/campus.ts";
import type { Effect } from "./effect.ts";
import type { EngineState } from "./engine.ts";
import { alarmId } from "./identity.ts";
import type { Input, PersonAction } from "./input.ts";
import { PERSON_ACTIONS } from "./input.ts";

const SWITCH = `${BOX}/switch-a`;
const CAMERA = `${BOX}/camera-1`;
const GATE = `${BOX}/gate`;
const PANIC = `${BOX}/panic`;
const AIR = `${BOX}/air`;
const SCANNER = `${BOX}/scanner`;
const ALARMS = [
  alarmId("panic-pressed", PANIC, undefined),
  alarmId("camera-unreachable", CAMERA, undefined),
  alarmId("switch-unreachable", SWITCH, undefined),
  alarmId("door-held-open", GATE, undefined),
  alarmId("credential-refused-repeatedly", GATE, "c1"),
];

function begin(): Journal {
  return new Journal()
    .birth(0, BOX, "edge-box")
    .birth(0, SWITCH, "switch", { "Connectivity/Online": true, "Port/1/Oper": "up" })
    .birth(0, CAMERA, "camera", {
      "Connectivity/Online": true,
      "Motion/Active": false,
      "Properties/DependsOn": "switch-a",
    })
    .birth(0, GATE, "access-gate", { "Door/Open": false, "Door/ExitRequest": false, "Door/Tamper": false })
    .birth(0, PANIC, "panic-button", { "Panic/Pressed": false })
    .birth(0, AIR, "environment-sensor", { "Environment/CO2": 600 })
    .birth(0, SCANNER, "temperature-scanner", { "Temperature/Fault": "ok" });
}

type Move = (journal: Journal, at: number) => void;
const flag = (device: string, name: string): fc.Arbitrary<Move> =>
  fc.tuple(fc.boolean(), fc.constantFrom(0, 0, 0, 500, 90_000), fc.boolean()).map(
    ([value, age_ms, historical]) =>
      (journal, at) =>
        journal.set(at, device, name, value, { age_ms, historical }),
  );

const move: fc.Arbitrary<Move> = fc.oneof(
  flag(SWITCH, "Connectivity/Online"),
  flag(CAMERA, "Connectivity/Online"),
  flag(CAMERA, "Motion/Active"),
  flag(GATE, "Door/Open"),
  flag(GATE, "Door/ExitRequest"),
  flag(PANIC, "Panic/Pressed"),
  fc.constantFrom("up", "down").map(
    (value): Move =>
      (journal, at) =>
        journal.set(at, SWITCH, "Port/1/Oper", value),
  ),
  fc.integer({ min: 1200, max: 1600 }).map(
    (value): Move =>
      (journal, at) =>
        journal.set(at, AIR, "Environment/CO2", value),
  ),
  fc.constantFrom("c1", "c1", "c1", "c2").map(
    (credential): Move =>
      (journal, at) =>
        journal.event(at, GATE, "Access/Swipe", { result: "refused", credential }),
  ),
  fc
    .tuple(fc.constantFrom(36.5, 37.8, 38.2), fc.constantFrom(0, 1, 2), fc.constantFrom(0, 1_000, 3_600_000))
    .map(
      ([celsius, retest, age]): Move =>
        (journal, at) =>
          journal.event(at, SCANNER, "Temperature/Screening", { celsius, retest }, age),
    ),
  fc.constantFrom(BOX, CAMERA).map(
    (address): Move =>
      (journal, at) =>
        journal.death(at, address),
  ),
  fc.constant<Move>((journal, at) => journal.birth(at, BOX, "edge-box")),
  fc.constant<Move>((journal, at) => journal.connectedAnew(at, BOX)),
  fc.constant<Move>((journal, at) =>
    journal.birth(at, CAMERA, "camera", { "Connectivity/Online": true, "Properties/DependsOn": "switch-a" }),
  ),
  fc
    .tuple(
      fc.constantFrom(...ALARMS),
      fc.constantFrom<PersonAction[]>(...PERSON_ACTIONS),
      fc.constantFrom("desk-1", "电工", null),
    )
    .map(
      ([alarm, action, assignee]): Move =>
        (journal, at) =>
          journal.act(at, alarm, action, { comment: "已查看", duration_ms: 60_000, assignee }),
    ),
  fc.constant<Move>((journal, at) => journal.clock(at)),
);

const story = fc
  .array(fc.tuple(fc.constantFrom(0, 1, 400, 1_000, 1_000, 7_000, 30_000, 200_000), move), { maxLength: 120 })
  .map((moves): readonly Input[] => {
    const journal = begin();
    let at = 1_000;
    for (const [pause, apply] of moves) {
      at += pause;
      apply(journal, at);
    }
    return journal.quiet(at + 1_000, at + 40_000).inputs;
  });

test("a journal read in one go, or in pieces with restarts anywhere, gives the same alarm history to the byte", () => {
  fc.assert(
    fc.property(story, fc.array(fc.nat(200), { maxLength: 8 }), (inputs, cuts) => {
      const whole = newEngine();
      const expected = play(whole, inputs);
      const restarts = new Set(cuts);
      let engine = newEngine();
      const seen: Effect[] = [];
      for (const [index, input] of inputs.entries()) {
        if (restarts.has(index)) engine = newEngine(JSON.parse(JSON.stringify(engine.save())) as EngineState);
        for (const effect of engine.step(input)) seen.push(effect);
      }
      expect(JSON.stringify(seen)).toBe(JSON.stringify(expected));
      expect(JSON.stringify(engine.save())).toBe(JSON.stringify(whole.save()));
    }),
    { numRuns: 150 },
  );
});

test("a reader that starts in the middle is told again who is away, and the history stays the same", () => {
  const inputs = begin()
    .death(1_000, CAMERA)
    .set(1_500, GATE, "Door/Open", true)
    .birth(200_000, CAMERA, "camera", { "Connectivity/Online": true }).inputs;
  const told = inputs.flatMap((input, index): readonly Input[] =>
    index === inputs.length - 1 ? [{ ...input, kind: "death", address: CAMERA, more: true }, input] : [input],
  );
  expect(JSON.stringify(play(newEngine(), told))).toBe(JSON.stringify(play(newEngine(), inputs)));
});

test("what is saved piece by piece, as it changes, is the same as what is saved at once", () => {
  fc.assert(
    fc.property(story, fc.integer({ min: 1, max: 40 }), (inputs, batch) => {
      const engine = newEngine();
      const devices = new Map<number, unknown>();
      const monitors = new Map<number, unknown>();
      for (let from = 0; from < inputs.length; from += batch) {
        play(engine, inputs.slice(from, from + batch));
        const changes = engine.takeChanges();
        for (const ordinal of changes.forgotten) monitors.delete(ordinal);
        for (const each of changes.devices) devices.set(each.ordinal, JSON.stringify(each.save()));
        for (const each of changes.monitors) monitors.set(each.ordinal, JSON.stringify(each.save()));
      }
      const { devices: allDevices, monitors: allMonitors } = engine.save();
      const byOrdinal = (map: ReadonlyMap<number, unknown>) =>
        [...map].sort(([a], [b]) => a - b).map(([, json]) => json);
      expect(byOrdinal(devices)).toEqual(allDevices.map((each) => JSON.stringify(each)));
      expect(byOrdinal(monitors)).toEqual(allMonitors.map((each) => JSON.stringify(each)));
    }),
    { numRuns: 60 },
  );
});

test("no rule fails, and every transition begins where the one before it ended", () => {
  fc.assert(
    fc.property(story, (inputs) => {
      const state = new Map<string, string>();
      const occurrence = new Map<string, number>();
      for (const effect of play(newEngine(), inputs)) {
        expect(effect.kind).not.toBe("rule-error");
        if (effect.kind !== "transition") continue;
        const { alarm, transition } = effect;
        expect(transition.from).toBe(state.get(alarm.id) ?? "normal");
        if (transition.event === "assign") expect(alarm.assigned?.to ?? null).toBe(transition.assignee);
        else expect(transition).not.toHaveProperty("assignee");
        // Nobody has been given a raising that nobody has seen.
        if (alarm.occurrence > (occurrence.get(alarm.id) ?? 0)) expect(alarm).not.toHaveProperty("assigned");
        expect(alarm.occurrence).toBeGreaterThanOrEqual(occurrence.get(alarm.id) ?? 0);
        state.set(alarm.id, transition.to);
        occurrence.set(alarm.id, alarm.occurrence);
      }
    }),
    { numRuns: 100 },
  );
});
