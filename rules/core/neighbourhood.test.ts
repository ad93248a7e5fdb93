import { ROSTER } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BOX, Journal } from "../testing/campus.ts";
import { effectsOf, ruleOf } from "../testing/one-rule.ts";
import { cycleCalendar } from "./calendar.ts";
import { Device } from "./device.ts";
import { Neighbourhood } from "./neighbourhood.ts";

const GATES = ["gate-1", "gate-2", "gate-3"].map((id) => `${BOX}/${id}`);
const COUNTER = `${BOX}/counter`;
const PLACES = ["a/1/hall", "a/1/room", "a/2/hall", "b/1/hall"].map((each) => `990100/990101/school/${each}`);
const PEOPLE = "Counting/In";

const RULES = (["space", "floor", "building", "campus"] as const).flatMap((near) => [
  ruleOf(
    {
      imbalance: {
        more: { metric: PEOPLE },
        than: { event: { name: "Access/Swipe" }, near, class: ["access-gate"] },
        within: "20s",
        settle: "2s",
      },
    },
    { id: `alone-in-${near}`, selector: { class: ["camera"] } },
  ),
  ruleOf(
    { alarm: { rule: ["open"], near, class: ["access-gate"], atLeast: 2 } },
    { id: `two-in-${near}`, selector: { class: ["camera"] } },
  ),
]);
const OPEN = ruleOf({ state: { metric: "Door/Open", is: [true] } }, { id: "open" });

type Step = (journal: Journal, at: number) => void;

const gate = fc.constantFrom(...GATES);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constantFrom(...GATES, COUNTER), fc.constantFrom(...PLACES), fc.boolean()).map(
    ([device, path, isOpen]): Step =>
      (journal, at) => {
        const own = device === COUNTER ? { [PEOPLE]: 100 + at / 1_000 } : { "Door/Open": isOpen };
        journal.birth(at, device, device === COUNTER ? "camera" : "access-gate", {
          "Properties/Path": path,
          ...own,
        });
      },
  ),
  fc.subarray(["counter", "gate-1", "gate-2", "gate-3"]).map(
    (named): Step =>
      (journal, at) =>
        journal.set(at, BOX, ROSTER, named.join(" ")),
  ),
  gate.map(
    (device): Step =>
      (journal, at) =>
        journal.event(at, device, "Access/Swipe", { direction: "in" }),
  ),
  fc.tuple(gate, fc.boolean()).map(
    ([device, isOpen]): Step =>
      (journal, at) =>
        journal.set(at, device, "Door/Open", isOpen),
  ),
  fc.constant((journal: Journal, at: number): void => {
    journal.set(at, COUNTER, PEOPLE, 100 + at / 1_000);
  }),
);

test("devices that come, move, are retired and taken back are heard as by a reader that finds them all where they are", () => {
  let raised = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
      const journal = new Journal().birth(0, BOX, "edge-box");
      for (const [index, each] of steps.entries()) each(journal, 1_000 * (index + 1));
      journal.quiet(1_000 * (steps.length + 1), 1_000 * (steps.length + 30));
      const whole = effectsOf([OPEN, ...RULES], journal);
      raised += whole.filter((effect) => effect.kind === "transition" && effect.alarm.rule !== "open").length;
      expect(effectsOf([OPEN, ...RULES], journal, 1)).toEqual(whole);
    }),
    { numRuns: 40 },
  );
  expect(raised).toBeGreaterThan(0);
});

test("a retired device is nobody's neighbour until its box names it again", () => {
  const title = { zh: "门", en: "gate" };
  const gates = GATES.map(
    (key, ordinal) =>
      new Device(key, ordinal, { title, class: "access-gate", path: "990100/990101/school/a/1/hall" }, 0, 0),
  );
  const calendar = cycleCalendar({ period_ms: 1_000, anchor: 0, windows: {} });
  const devices = new Map(gates.map((each) => [each.key, each]));
  const all = new Neighbourhood({ devices, monitorsOf: () => [], watch: () => undefined, calendar });
  for (const each of gates) all.place(each);
  const [first, second] = gates;
  if (first === undefined || second === undefined) throw new Error("two gates at least");
  const near = { place: "floor" } as const;
  const nearFirst = () => all.peers(first, near).map(({ key }) => key);
  expect(nearFirst()).toEqual(GATES);

  second.retired = true;
  all.place(second);
  expect(nearFirst()).toEqual(GATES.filter((key) => key !== second.key));

  second.retired = false;
  all.place(second);
  expect(nearFirst()).toEqual(GATES);
});
