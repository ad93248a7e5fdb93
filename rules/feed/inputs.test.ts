import { CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { expect, test } from "vitest";
import { inputsOf } from "./inputs.ts";

const box = { campus: CampusId("school"), node: NodeId("box-1") };
const camera = { ...box, device: DeviceId("camera-1") };
const entry = { seq: 7, receivedAt: 1_000, samples: [], events: [], presence: [], leftOut: 0 };

test("a birth that sends others away is one entry, and only its last input lets time pass", () => {
  const presence = [
    { address: box, online: true, at: 1_000 },
    { address: camera, online: false, at: 1_000 },
  ];
  expect(inputsOf({ ...entry, kind: "NBIRTH", address: box, presence })).toEqual([
    { seq: 7, receivedAt: 1_000, kind: "death", address: "school/box-1/camera-1", withBox: true, more: true },
    { seq: 7, receivedAt: 1_000, kind: "birth", address: "school/box-1", samples: [] },
  ]);
});

test("a device that dies by itself is told apart from one that goes with its box", () => {
  const died = {
    ...entry,
    kind: "DDEATH",
    presence: [{ address: camera, online: false, at: 1_000 }],
  } as const;
  expect(inputsOf({ ...died, address: camera })).toEqual([
    { seq: 7, receivedAt: 1_000, kind: "death", address: "school/box-1/camera-1" },
  ]);
});

test("an entry that says nothing, or cannot be read, still tells the time", () => {
  const clock = [{ seq: 7, receivedAt: 1_000, kind: "clock" }];
  expect(inputsOf({ ...entry, kind: "CLOCK" })).toEqual(clock);
  expect(inputsOf({ ...entry, kind: "NDEATH", address: box })).toEqual(clock);
  expect(inputsOf({ ...entry, kind: "DDATA", address: camera, problem: "cut short" })).toEqual(clock);
});
