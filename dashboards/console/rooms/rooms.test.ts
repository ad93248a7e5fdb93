import { expect, test } from "vitest";
import type { DeviceView } from "../../api/api.ts";
import { floorsOf, placesAbove, roomsOf } from "./rooms.ts";

const device = (id: string, path: string, of: DeviceView["class"]): DeviceView => ({
  key: `c/n/${id}`,
  campus: "c",
  node: "n",
  device: id,
  class: of,
  profile: "",
  title: { zh: id, en: id },
  path,
  proven: "",
  health: "working",
  since: 0,
  metrics: [],
});

const DEVICES = [
  device("camera", "1/2/c/a/1/101", "camera"),
  device("projector", "1/2/c/a/1/101", "projector"),
  device("hall", "1/2/c/a/1/hall", "camera"),
  device("screen", "1/2/c/b/2/201", "display"),
];

test("a room is a place with a classroom device; what else stands there is shown after it", () => {
  expect(roomsOf(DEVICES, "").map((room) => [room.path, room.devices.map((each) => each.device)])).toEqual([
    ["1/2/c/a/1/101", ["projector", "camera"]],
    ["1/2/c/b/2/201", ["screen"]],
  ]);
});

test("a scope is a whole place: building 1 is not building 11", () => {
  expect(roomsOf(DEVICES, "1/2/c/a").map(({ path }) => path)).toEqual(["1/2/c/a/1/101"]);
  expect(roomsOf(DEVICES, "1/2/c/a/1/10")).toEqual([]);
});

test("rooms stand under their floor, each floor once", () => {
  const more = device("second", "1/2/c/a/1/102", "projector");
  const floors = floorsOf(roomsOf([...DEVICES, more], ""));
  expect(floors.map(({ path, rooms }) => [path, rooms.map((room) => room.path)])).toEqual([
    ["1/2/c/a/1", ["1/2/c/a/1/101", "1/2/c/a/1/102"]],
    ["1/2/c/b/2", ["1/2/c/b/2/201"]],
  ]);
});

test("what can be controlled together is every campus, building and floor above a room", () => {
  expect(placesAbove(roomsOf(DEVICES, ""))).toEqual([
    "1/2/c",
    "1/2/c/a",
    "1/2/c/a/1",
    "1/2/c/b",
    "1/2/c/b/2",
  ]);
});
