/** A device that stops answering says so and then dies; its alarms are those that its report alone would have made. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { BEGIN, BOX, Journal, newEngine, play, transitionsOf } from "../testing/campus.ts";

const ONLINE = "Connectivity/Online";
const SWITCH = `${BOX}/switch-a`;
const CAMERA = `${BOX}/camera-1`;
const CLASSES = { [SWITCH]: "switch", [CAMERA]: "camera" };
type DeviceKey = keyof typeof CLASSES;
const KEYS: readonly DeviceKey[] = [SWITCH, CAMERA];

interface Turn {
  readonly wait_s: number;
  /** Who comes or goes; otherwise the box is born again, as a host may ask at any time. */
  readonly device?: DeviceKey;
}

const born = (journal: Journal, at: number, key: DeviceKey, online: boolean): Journal => {
  const upstream = key === CAMERA ? { "Properties/DependsOn": "switch-a" } : {};
  return journal.birth(at, key, CLASSES[key], { ...upstream, [ONLINE]: online });
};

/** What the hub's journal holds of it. `mortal`: whoever is gone dies, and is born again at its return. */
function journalOf(turns: readonly Turn[], mortal: boolean): Journal {
  const journal = new Journal().birth(0, BOX, "edge-box");
  const online: Record<DeviceKey, boolean> = { [SWITCH]: true, [CAMERA]: true };
  for (const key of KEYS) born(journal, 0, key, true);
  let at = 0;
  for (const { wait_s, device } of turns) {
    journal.quiet(at + 1_000, at + wait_s * 1_000);
    at += wait_s * 1_000 + 500;
    for (const key of device === undefined ? KEYS : []) {
      if (key === SWITCH) journal.birth(at, BOX, "edge-box");
      born(journal, at, key, online[key]);
      if (mortal && !online[key]) journal.death(at, key);
    }
    if (device === undefined) continue;
    online[device] = !online[device];
    if (mortal && online[device]) born(journal, at, device, true);
    journal.set(at, device, ONLINE, online[device]);
    if (mortal && !online[device]) journal.death(at + 100, device);
  }
  return journal.quiet(at + 1_000, at + 200_000);
}

const history = (journal: Journal): readonly string[] =>
  transitionsOf(play(newEngine(), journal.inputs)).map(({ alarm, transition }) => {
    const { zh } = alarm.explanation;
    const seen = alarm.evidence.filter(({ name }) => name === ONLINE).map(({ value }) => value);
    return `${(transition.at - BEGIN) / 1_000} s ${alarm.id} ${transition.event} ${zh} ${seen.join()}`;
  });

test("a box that starts anew and has not tried its devices yet ends no alarm and raises none", () => {
  const journal = journalOf([{ wait_s: 5, device: SWITCH }], true);
  const notTried = { status: "bad", reason: "not-read" } as const;
  journal.death(210_000, BOX).birth(220_000, BOX, "edge-box");
  for (const key of KEYS) born(journal, 220_000, key, false);
  const restarted = journal.inputs.map((input) =>
    input.kind === "birth" && input.receivedAt === BEGIN + 220_000
      ? {
          ...input,
          samples: input.samples.map((each) =>
            each.name === ONLINE ? { ...each, quality: notTried } : each,
          ),
        }
      : input,
  );
  const later = new Journal().quiet(221_000, 400_000).inputs.map((each) => ({ ...each, seq: 10_000 }));
  const moved = transitionsOf(play(newEngine(), [...restarted, ...later])).map(
    ({ alarm, transition }) => `${alarm.rule} ${transition.to}`,
  );
  expect(moved).toEqual(["switch-unreachable unacknowledged"]);
});

test("a death after the report makes no second alarm, no other one, and no flap, whatever births come between", () => {
  let raised = 0;
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          wait_s: fc.integer({ min: 1, max: 90 }),
          device: fc.option(fc.constantFrom(...KEYS), { nil: undefined }),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      (turns) => {
        const told = history(journalOf(turns as readonly Turn[], false));
        raised += told.length;
        expect(history(journalOf(turns as readonly Turn[], true))).toEqual(told);
      },
    ),
    { numRuns: 150 },
  );
  expect(raised).toBeGreaterThan(100);
});
