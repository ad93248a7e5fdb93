import { describe, expect, test } from "vitest";
import { BOX, Journal, lines, newEngine, play, transitionsOf } from "../testing/campus.ts";

const CAMERAS = 200;
const camera = (index: number): string => `${BOX}/camera-${String(index).padStart(3, "0")}`;
const SWITCH = `${BOX}/switch-a`;
const ONLINE = "Connectivity/Online";

function campus(): Journal {
  const journal = new Journal().birth(0, BOX, "edge-box").birth(0, SWITCH, "switch", { [ONLINE]: true });
  for (let index = 0; index < CAMERAS; index += 1) {
    journal.birth(0, camera(index), "camera", { [ONLINE]: true, "Properties/DependsOn": "switch-a" });
  }
  return journal;
}

function camerasGo(journal: Journal, at: number, online = false): void {
  for (let index = 0; index < CAMERAS; index += 1)
    journal.set(at + index * 10, camera(index), ONLINE, online);
}

describe("a switch that goes down with 200 cameras behind it", () => {
  const orders: Readonly<Record<string, (journal: Journal) => void>> = {
    "the switch seen first": (journal) => {
      journal.set(10_000, SWITCH, ONLINE, false);
      camerasGo(journal, 12_000);
    },
    "the cameras seen first": (journal) => {
      camerasGo(journal, 10_000);
      journal.set(14_000, SWITCH, ONLINE, false);
    },
    "the switch seen only when the cameras' delay is nearly over": (journal) => {
      camerasGo(journal, 10_000);
      journal.quiet(13_000, 49_000).set(49_500, SWITCH, ONLINE, false);
    },
  };
  for (const [order, fail] of Object.entries(orders)) {
    test(`is one notification and 200 symptoms, ${order}`, () => {
      const engine = newEngine();
      const journal = campus();
      fail(journal);
      journal.quiet(30_000, 100_000);
      const effects = play(engine, journal.inputs);
      const notified = transitionsOf(effects).filter(({ transition }) => transition.to === "unacknowledged");
      expect(lines(notified)).toEqual(["switch-a switch-unreachable normal → unacknowledged"]);
      const cause = notified[0]?.alarm.id ?? "";
      expect(engine.alarm(cause)?.symptoms).toBe(CAMERAS);
      const symptoms = [...engine.standing()].filter(({ alarm }) => alarm.causeId === cause);
      expect(symptoms.map(({ device, alarm }) => [device.key, alarm.state])).toEqual(
        Array.from({ length: CAMERAS }, (_, index) => [camera(index), "suppressed-by-design"]),
      );
    });
  }

  test("when it returns, each camera that still fails raises its own alarm, after the grace and not before", () => {
    const engine = newEngine();
    const journal = campus().set(10_000, SWITCH, ONLINE, false);
    camerasGo(journal, 12_000);
    journal.quiet(15_000, 100_000).set(100_500, SWITCH, ONLINE, true);
    for (let index = 3; index < CAMERAS; index += 1) journal.set(102_000, camera(index), ONLINE, true);
    const before = play(engine, journal.quiet(103_000, 135_000).inputs);
    expect(lines(before).filter((line) => line.includes("suppressed-by-design → unacknowledged"))).toEqual(
      [],
    );
    const after = play(
      engine,
      new Journal().quiet(136_000, 140_000).inputs.map((each) => ({ ...each, seq: 10_000 })),
    );
    expect(lines(after)).toEqual([
      "camera-000 camera-unreachable suppressed-by-design → unacknowledged",
      "camera-001 camera-unreachable suppressed-by-design → unacknowledged",
      "camera-002 camera-unreachable suppressed-by-design → unacknowledged",
    ]);
    const [cause] = transitionsOf(before);
    expect(engine.alarm(cause?.alarm.id ?? "")?.symptoms).toBe(0);
  });

  test("cameras that had already raised their own alarms become its symptoms", () => {
    const engine = newEngine();
    const journal = campus();
    camerasGo(journal, 10_000);
    journal.quiet(13_000, 80_000).set(80_500, SWITCH, ONLINE, false).quiet(81_000, 100_000);
    const effects = play(engine, journal.inputs);
    expect(
      lines(effects).filter((line) => line.endsWith("unacknowledged → suppressed-by-design")),
    ).toHaveLength(CAMERAS);
    const cause = [...engine.standing()].find(({ rule }) => rule.id === "switch-unreachable");
    expect(engine.alarm(cause?.id ?? "")?.symptoms).toBe(CAMERAS);
  });

  test("the edge box away means nobody knows: no device alarm is raised or ended", () => {
    const engine = newEngine();
    const journal = campus().death(10_000, BOX).quiet(11_000, 120_000);
    expect(lines(play(engine, journal.inputs))).toEqual(["box-1 edge-box-offline normal → unacknowledged"]);
  });
});
