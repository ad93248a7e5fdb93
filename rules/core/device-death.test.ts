/** A device that stops answering says so and then dies; its alarms are those that its report alone would have made. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BEGIN, BOX, Journal, newEngine, play, transitionsOf } from "../testing/campus.ts";
import { BIRTHS_MS_MAX } from "./conditions/unreachable.ts";

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

describe("a box that comes back", () => {
  const campus = () => {
    const journal = new Journal().birth(0, BOX, "edge-box");
    for (const key of KEYS) born(journal, 0, key, true);
    return journal.quiet(1_000, 10_000);
  };
  const moved = (journal: Journal) =>
    transitionsOf(play(newEngine(), journal.inputs))
      .filter(({ alarm }) => alarm.rule !== "edge-box-offline")
      .map(({ alarm, transition }) => `${alarm.rule} ${transition.to}`);
  const returns: Readonly<Record<string, (journal: Journal) => Journal>> = {
    "after its death": (journal) =>
      journal.death(10_500, BOX).quiet(11_000, 29_000).birth(30_000, BOX, "edge-box"),
    "in a new session, without a word of the old one’s end": (journal) =>
      journal.goneWithBox(30_000, CAMERA).goneWithBox(30_000, SWITCH).birth(30_000, BOX, "edge-box"),
  };

  for (const [how, comesBack] of Object.entries(returns)) {
    test(`${how}, and takes its time over its devices, makes none of them unreachable`, () => {
      const journal = comesBack(campus()).quiet(31_000, 30_000 + BIRTHS_MS_MAX - 2_000);
      for (const key of KEYS) born(journal, 30_000 + BIRTHS_MS_MAX - 1_000, key, true);
      expect(moved(journal.quiet(90_000, 200_000))).toEqual([]);
    });

    test(`${how}, and says nothing of a device for a minute, cannot reach it`, () => {
      const journal = comesBack(campus());
      born(journal, 31_000, CAMERA, true);
      expect(moved(journal.quiet(32_000, 30_000 + BIRTHS_MS_MAX + 4_000))).toEqual([]);
      expect(moved(journal.quiet(95_000, 200_000))).toEqual(["switch-unreachable unacknowledged"]);
    });
  }

  test("keeps what its devices’ alarms were until it speaks of them", () => {
    const journal = campus().set(11_000, SWITCH, ONLINE, false).death(11_100, SWITCH).quiet(12_000, 20_000);
    journal.death(20_500, BOX).birth(30_000, BOX, "edge-box").quiet(31_000, 50_000);
    born(journal, 51_000, SWITCH, true);
    expect(moved(journal)).toEqual(["switch-unreachable unacknowledged"]);
    expect(moved(journal.quiet(52_000, 60_000))).toEqual([
      "switch-unreachable unacknowledged",
      "switch-unreachable returned-unacknowledged",
    ]);
  });
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
