import { describe, expect, test } from "vitest";
import { BOX, Journal, lines, newEngine, play, transitionsOf } from "../testing/campus.ts";
import type { EngineState } from "./engine.ts";

const ONLINE = "Connectivity/Online";
const CORE = `${BOX}/core`;
const FLOOR = `${BOX}/floor`;
const CAMERAS = 200;
const camera = (index: number): string => `${BOX}/camera-${String(index).padStart(3, "0")}`;
const mac = (index: number): string => `00:00:5e:00:53:${index.toString(16).padStart(2, "0")}`;
const BOX_MAC = "02:00:00:00:00:01";
const UNREACHABLE = { quality: { status: "bad", reason: "unreachable" } } as const;

/** Nothing is declared: the switches alone say who hangs where. */
function campus(): Journal {
  const stations = Object.fromEntries(
    Array.from({ length: CAMERAS }, (_, index) => [`Port/${index + 1}/Stations`, mac(index)]),
  );
  const journal = new Journal()
    .birth(0, BOX, "edge-box", { "Properties/Mac": BOX_MAC })
    .birth(0, CORE, "switch", {
      [ONLINE]: true,
      "System/Name": "core-1",
      "Port/1/Stations": BOX_MAC,
      "Port/2/Neighbour": "floor-1",
      // A port that leads to others has learned them too.
      "Port/2/Stations": Array.from({ length: CAMERAS }, (_, index) => mac(index)).join(" "),
    })
    .birth(0, FLOOR, "switch", { [ONLINE]: true, "System/Name": "floor-1", ...stations });
  for (let index = 0; index < CAMERAS; index += 1)
    journal.birth(0, camera(index), "camera", { [ONLINE]: true, "Properties/Mac": mac(index) });
  return journal;
}

/** As an edge box tells it: the switch first, then whatever it cannot reach any more. */
function down(journal: Journal, at: number, device: string): Journal {
  journal.set(at, device, ONLINE, false);
  return journal.set(at, device, "Port/1/Stations", null, UNREACHABLE);
}

const notified = (journal: Journal, engine = newEngine()) =>
  transitionsOf(play(engine, journal.inputs)).filter(({ transition }) => transition.to === "unacknowledged");

describe("root cause by what the switches tell of their ports", () => {
  test("a switch with 200 cameras is one notification and 200 symptoms, though nothing is declared", () => {
    const engine = newEngine();
    const journal = down(campus(), 10_000, FLOOR);
    for (let index = 0; index < CAMERAS; index += 1)
      journal.set(11_000 + index, camera(index), ONLINE, false);
    const told = notified(journal.quiet(12_000, 100_000), engine);
    expect(lines(told)).toEqual(["floor switch-unreachable normal → unacknowledged"]);
    expect(engine.alarm(told[0]?.alarm.id ?? "")?.symptoms).toBe(CAMERAS);
  });

  test("the switch above it explains the switch too, and everything behind it", () => {
    const engine = newEngine();
    const journal = down(down(campus(), 10_000, CORE), 10_500, FLOOR);
    for (let index = 0; index < CAMERAS; index += 1)
      journal.set(11_000 + index, camera(index), ONLINE, false);
    const told = notified(journal.quiet(12_000, 100_000), engine);
    expect(lines(told)).toEqual(["core switch-unreachable normal → unacknowledged"]);
    expect(engine.alarm(told[0]?.alarm.id ?? "")?.symptoms).toBe(CAMERAS + 1);
  });

  test("after its recovery each child that still fails raises its own alarm", () => {
    const engine = newEngine();
    const journal = down(campus(), 10_000, FLOOR);
    for (let index = 0; index < CAMERAS; index += 1)
      journal.set(11_000 + index, camera(index), ONLINE, false);
    journal.quiet(12_000, 100_000).set(100_500, FLOOR, ONLINE, true);
    for (let index = 5; index < CAMERAS; index += 1) journal.set(101_000, camera(index), ONLINE, true);
    const told = notified(journal.quiet(102_000, 140_000), engine).slice(1);
    expect(lines(told)).toEqual(
      [0, 1, 2, 3, 4].map(
        (index) => `camera-00${index} camera-unreachable suppressed-by-design → unacknowledged`,
      ),
    );
  });

  test("a camera that was moved to another switch is explained by that one, after a restart too", () => {
    const journal = campus()
      .set(5_000, FLOOR, "Port/1/Stations", "")
      .set(5_000, CORE, "Port/2/Stations", mac(1))
      .set(5_500, CORE, "Port/7/Stations", mac(0));
    let engine = newEngine();
    // Port 7 is new to the switch: it is in its next birth.
    journal.birth(6_000, CORE, "switch", {
      [ONLINE]: true,
      "System/Name": "core-1",
      "Port/1/Stations": BOX_MAC,
      "Port/2/Neighbour": "floor-1",
      "Port/7/Stations": mac(0),
    });
    play(engine, journal.inputs);
    engine = newEngine(JSON.parse(JSON.stringify(engine.save())) as EngineState);
    const more = new Journal().set(10_000, FLOOR, ONLINE, false).set(11_000, camera(0), ONLINE, false);
    more.set(11_000, camera(1), ONLINE, false).quiet(12_000, 100_000);
    const seq = engine.seq;
    const told = transitionsOf(
      more.inputs.flatMap((input) => engine.step({ ...input, seq: input.seq + seq })),
    ).filter(({ transition }) => transition.to === "unacknowledged");
    expect(lines(told)).toEqual([
      "floor switch-unreachable normal → unacknowledged",
      "camera-000 camera-unreachable normal → unacknowledged",
    ]);
  });
});

test("root cause by power: a circuit without power explains the switch it feeds and what hangs from that", () => {
  const engine = newEngine();
  const meter = `${BOX}/meter`;
  const journal = new Journal()
    .birth(0, BOX, "edge-box")
    .birth(0, meter, "meter", { "Phase/1/Voltage": 230 })
    .birth(0, FLOOR, "switch", { [ONLINE]: true, "Properties/PoweredBy": "meter" })
    .birth(0, camera(0), "camera", { [ONLINE]: true, "Properties/DependsOn": "floor" });
  journal.set(10_000, meter, "Phase/1/Voltage", 0).set(10_500, FLOOR, ONLINE, false);
  journal.set(11_000, camera(0), ONLINE, false);
  const told = notified(journal.quiet(12_000, 100_000), engine);
  expect(lines(told)).toEqual(["meter circuit-without-power normal → unacknowledged"]);
  expect(engine.alarm(told[0]?.alarm.id ?? "")?.symptoms).toBe(2);
});
