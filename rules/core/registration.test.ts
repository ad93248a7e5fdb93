/** Devices that are taken out of their box's configuration: their alarms end, and nothing of them raises another. */
import { ROSTER } from "@campus-ops/device-profiles/vocabulary";
import { describe, expect, test } from "vitest";
import { BOX, Journal, newEngine, play, transitionsOf } from "../testing/campus.ts";
import { BIRTHS_MS_MAX } from "./conditions/unreachable.ts";
import type { Engine } from "./engine.ts";

const ONLINE = "Connectivity/Online";
const CAMERA = `${BOX}/camera-1`;
const BUTTON = `${BOX}/button-1`;

const campus = (): Journal =>
  new Journal()
    .birth(0, BOX, "edge-box", { [ROSTER]: "button-1 camera-1" })
    .birth(0, CAMERA, "camera", { [ONLINE]: true })
    .birth(0, BUTTON, "panic-button", { [ONLINE]: true, "Panic/Pressed": false })
    .quiet(1_000, 2_000);

const lost = (journal: Journal, at: number): Journal =>
  journal.set(at, CAMERA, ONLINE, false).death(at + 100, CAMERA);

const moves = (journal: Journal, engine: Engine = newEngine()): readonly string[] =>
  transitionsOf(play(engine, journal.inputs)).map(
    ({ alarm, transition }) => `${alarm.rule} ${transition.to}`,
  );

describe("a device that its box names no more", () => {
  test("is not unreachable any more", () => {
    const journal = lost(campus(), 3_000).quiet(4_000, 90_000).set(91_000, BOX, ROSTER, "button-1");
    expect(moves(journal.quiet(92_000, 100_000))).toEqual([
      "camera-unreachable unacknowledged",
      "camera-unreachable returned-unacknowledged",
    ]);
  });

  test("is not unreachable any more before it has died either", () => {
    const journal = campus().set(3_000, CAMERA, ONLINE, false).quiet(4_000, 90_000);
    expect(moves(journal.set(91_000, BOX, ROSTER, "button-1").quiet(92_000, 100_000))).toEqual([
      "camera-unreachable unacknowledged",
      "camera-unreachable returned-unacknowledged",
    ]);
  });

  test("never becomes unreachable, whether it dies afterwards, or its box comes back without it", () => {
    const removed = lost(campus().set(3_000, BOX, ROSTER, "button-1"), 4_000).quiet(5_000, 200_000);
    expect(moves(removed)).toEqual([]);
    const restarted = campus()
      .goneWithBox(3_000, CAMERA)
      .goneWithBox(3_000, BUTTON)
      .birth(3_000, BOX, "edge-box", { [ROSTER]: "button-1" })
      .birth(3_100, BUTTON, "panic-button", { [ONLINE]: true, "Panic/Pressed": false });
    expect(moves(restarted.quiet(4_000, 200_000))).toEqual([]);
  });

  test("still raises what it had to say before", () => {
    const journal = campus()
      .set(3_000, BOX, ROSTER, "camera-1")
      .death(3_100, BUTTON)
      .birth(4_000, BUTTON, "", { "Properties/Path": "" })
      .set(4_100, BUTTON, "Panic/Pressed", true)
      .death(4_200, BUTTON);
    expect(moves(journal.quiet(5_000, 60_000))).toEqual([
      "panic-pressed unacknowledged",
      "panic-pressed latched",
    ]);
  });

  test("stays so when the rules start anew", () => {
    const engine = newEngine();
    play(engine, lost(campus().set(3_000, BOX, ROSTER, "button-1"), 4_000).inputs);
    const restored = newEngine(JSON.parse(JSON.stringify(engine.save())));
    const later = new Journal().quiet(5_000, 200_000).inputs.map((each) => ({ ...each, seq: 10_000 }));
    expect(transitionsOf(play(restored, later))).toEqual([]);
  });
});

test("one that returns is given its time, and is missed again when it does not come", () => {
  const journal = campus().set(3_000, BOX, ROSTER, "button-1").death(3_100, CAMERA).quiet(4_000, 90_000);
  journal.set(91_000, BOX, ROSTER, "button-1 camera-1");
  expect(moves(journal.quiet(92_000, 91_000 + BIRTHS_MS_MAX + 30_000))).toEqual([]);
  expect(moves(journal.quiet(182_000, 230_000))).toEqual(["camera-unreachable unacknowledged"]);
});

test("a list from the past retires nobody", () => {
  const journal = campus().set(3_000, BOX, ROSTER, "button-1", { historical: true, age_ms: 60_000 });
  expect(moves(lost(journal, 4_000).quiet(5_000, 90_000))).toEqual(["camera-unreachable unacknowledged"]);
});
