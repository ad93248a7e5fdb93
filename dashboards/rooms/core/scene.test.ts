import { metricDefinition } from "@campus-ops/device-profiles/vocabulary";
import { describe, expect, test } from "vitest";
import { BUILT_IN_SCENES, planScene, type RoomDevice, SCENE_METRICS, settingsOf } from "./scene.ts";

const ALL_OFF = BUILT_IN_SCENES[0]?.settings ?? [];

function device(key: string, metrics: Record<string, unknown>, more: Partial<RoomDevice> = {}): RoomDevice {
  return {
    key,
    title: { zh: key, en: key },
    class: "projector",
    path: "990100/990102/first/a/1/101",
    health: "working",
    metrics: Object.entries(metrics).map(([name, value]) => ({ name, value, quality: { status: "good" } })),
    ...more,
  };
}
const states = (devices: readonly RoomDevice[]) =>
  planScene(devices, ALL_OFF).map((item) => [item.device, item.metric, item.value, item.state]);

test("everything a scene may set can be written", () => {
  for (const metric of SCENE_METRICS) expect(metricDefinition(metric)?.writable, metric).toBe(true);
});

describe("all off", () => {
  test("switches off what is on, and leaves alone what is off or on its way there", () => {
    expect(
      states([
        device("a", { "Projector/Power": "on" }),
        device("b", { "Projector/Power": "cooling" }),
        device("c", { "Projector/Power": "off" }),
      ]),
    ).toEqual([
      ["a", "Projector/Power", "off", "waiting"],
      ["b", "Projector/Power", "off", "already"],
      ["c", "Projector/Power", "off", "already"],
    ]);
  });

  test("sends nothing to what cannot be reached, and says so", () => {
    expect(states([device("a", { "Projector/Power": "on" }, { health: "stale" })])).toEqual([
      ["a", "Projector/Power", "off", "away"],
    ]);
  });

  test("does not believe a value of bad quality", () => {
    const doubted = { name: "Projector/Power", value: "off", quality: { status: "bad" } };
    expect(states([device("a", {}, { metrics: [doubted] })])[0]?.[3]).toBe("waiting");
  });

  test("touches no door, no relay, no network port and no mains", () => {
    const risky = {
      "Door/Unlocked": false,
      "Relay/1/Closed": true,
      "PoE/1/Enabled": true,
      "Controller/Mains": true,
      "Outlet/On": true,
    };
    expect(
      states([
        device("gate", risky, { class: "access-gate" }),
        device("switch", risky, { class: "switch" }),
        device("controller", risky, { class: "classroom-controller" }),
        device("outlet", risky, { class: "actuator" }),
      ]),
    ).toEqual([]);
  });

  test("goes through a building room by room, the picture before the light", () => {
    const room = (path: string) => ({ path, class: "actuator" as const });
    expect(
      states([
        device("z", { "Light/On": true, "Climate/On": true }, room("x/y/c/b")),
        device("a", { "Light/On": true }, room("x/y/c/c")),
      ]).map(([key, metric]) => `${key} ${metric}`),
    ).toEqual(["z Climate/On", "z Light/On", "a Light/On"]);
  });
});

test("a room saved as a scene plans nothing in the room that it was saved from", () => {
  const devices = [
    device("p", { "Projector/Power": "warming" }),
    device("l", { "Light/On": true, "Light/Level": 40 }, { class: "actuator" }),
  ];
  const settings = settingsOf(devices);
  expect(settings).toContainEqual({ class: "projector", metric: "Projector/Power", value: "on" });
  expect(planScene(devices, settings).map(({ state }) => state)).toEqual(["already", "already", "already"]);
});
