import type { DeviceView } from "@campus-ops/ingest/api";
import { expect, test } from "vitest";
import { type Branch, descendants, topologyOf } from "./topology.ts";

const device = (id: string, dependsOn?: string): DeviceView => ({
  key: `c/n/${id}`,
  campus: "c",
  node: "n",
  device: id,
  class: "switch",
  profile: "",
  title: { zh: id, en: id },
  path: "1/2/c",
  ...(dependsOn !== undefined && { dependsOn }),
  proven: "",
  health: "working",
  since: 0,
  metrics: [],
});
const names = (branches: readonly Branch[]): unknown =>
  branches.map(({ device: { device: name }, children }) =>
    children.length === 0 ? name : { [name]: names(children) },
  );

test("devices stand under what they hang from, those that hang from nothing at the top", () => {
  const tree = topologyOf([
    device("camera-b", "edge"),
    device("edge", "core"),
    device("core"),
    device("alone"),
  ]);
  expect(names(tree)).toEqual(["alone", { core: [{ edge: ["camera-b"] }] }]);
  expect(tree.map(descendants)).toEqual([0, 2]);
});

test("what hangs from a device that nobody knows stands at the top", () => {
  expect(names(topologyOf([device("camera", "gone")]))).toEqual(["camera"]);
});

test("a ring is shown once, from its first device on, with nothing lost", () => {
  const tree = topologyOf([device("a", "b"), device("b", "a"), device("self", "self")]);
  expect(names(tree)).toEqual([{ a: ["b"] }, "self"]);
});
