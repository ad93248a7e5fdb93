import { type DeviceEvent, GOOD, type Reading, type Sample } from "@campus-ops/device-profiles/vocabulary";
import { expect, test } from "vitest";
import { BACKOFF_MS_MAX, BACKOFF_MS_MIN, backoff_ms, LOGIN_REFUSED_WAIT_MS } from "./backoff.ts";
import { DeviceModel, EVENT_IDS_MAX } from "./device.ts";
import { nextPollAt } from "./polling.ts";
import { OFFLINE_AFTER_FAILURES, OFFLINE_AFTER_MS } from "./reachability.ts";

const at = (uptime_ms: number) => ({ wall: 1_700_000_000_000 + uptime_ms, uptime_ms });
const half = () => 0.5;

const open = (value: boolean): Sample => ({ metric: "Door/Open", value, quality: GOOD, eventTime: 1 });
const reading = (samples: Sample[], events: DeviceEvent[] = []): Reading => ({ samples, events });
const swipe = (id: string): DeviceEvent => ({
  event: "Access/Swipe",
  id,
  eventTime: 1,
  quality: GOOD,
  fields: { serial: 1, credential: "ab", result: "granted", reason: "none", direction: "in", method: null },
});

const online = (reports: ReturnType<DeviceModel["accept"]>) =>
  reports.flatMap(({ samples }) => samples).find(({ metric }) => metric === "Connectivity/Online")?.value;

test("a device that nobody has reached is born offline, with every declared metric unread", () => {
  const birth = new DeviceModel(["Door/Open"], []).birth(at(0));
  expect(birth).toEqual([
    {
      metric: "Connectivity/Online",
      value: false,
      quality: { status: "bad", reason: "not-read" },
      eventTime: at(0).wall,
    },
    {
      metric: "Door/Open",
      value: null,
      quality: { status: "bad", reason: "not-read" },
      eventTime: at(0).wall,
    },
  ]);
});

test("a device is online after it has answered, and not before", () => {
  const model = new DeviceModel([], []);
  expect(model.online).toBe(false);
  expect(online(model.accept(reading([open(false)]), at(0)))).toBe(true);
  expect(online(model.accept(reading([open(false)]), at(1)))).toBeUndefined();
});

test(`a device goes offline at failure ${OFFLINE_AFTER_FAILURES} in a row, and its values say so`, () => {
  const model = new DeviceModel([], []);
  model.accept(reading([open(true)]), at(0));
  for (let failure = 1; failure < OFFLINE_AFTER_FAILURES; failure += 1) {
    expect(model.fail(at(failure), { retry: true }, half).reports).toEqual([]);
  }
  const { reports } = model.fail(at(10), { retry: true }, half);
  expect(online(reports)).toBe(false);
  const door = reports.flatMap(({ samples }) => samples).find(({ metric }) => metric === "Door/Open");
  expect(door).toMatchObject({ value: true, quality: { status: "bad", reason: "unreachable" } });
  expect(model.fail(at(11), { retry: true }, half).reports).toEqual([]);

  const back = model.accept(reading([open(true)]), at(20));
  expect(online(back)).toBe(true);
  expect(
    back.flatMap(({ samples }) => samples).find(({ metric }) => metric === "Door/Open")?.quality,
  ).toEqual(GOOD);
});

test("failures that last take it offline although they are few", () => {
  const model = new DeviceModel([], []);
  model.accept(reading([]), at(0));
  expect(model.fail(at(0), { retry: true }, half).reports).toEqual([]);
  expect(online(model.fail(at(OFFLINE_AFTER_MS), { retry: true }, half).reports)).toBe(false);
});

test("a device that has been silent for as long as it may be is offline by that alone", () => {
  const model = new DeviceModel([], []);
  model.accept({ samples: [], events: [] }, at(0));
  const { reports, wait_ms } = model.fail(at(1), { retry: true, conclusive: true }, half);
  expect(online(reports)).toBe(false);
  expect(wait_ms).toBeLessThan(OFFLINE_AFTER_MS);
});

test("a refused login takes it offline at once and is not tried again soon", () => {
  const model = new DeviceModel([], []);
  const { reports, wait_ms } = model.fail(at(0), { retry: false }, half);
  expect(online(reports)).toBe(false);
  expect(wait_ms).toBe(LOGIN_REFUSED_WAIT_MS);
});

test("the wait doubles from 1 s to 2 min and is jittered down to its half", () => {
  expect([1, 2, 3, 99].map((failures) => backoff_ms(failures, () => 0))).toEqual([500, 1_000, 2_000, 60_000]);
  expect(backoff_ms(1, () => 0.999_999)).toBeCloseTo(BACKOFF_MS_MIN, 1);
  expect(backoff_ms(1_000_000, () => 0.999_999)).toBeLessThanOrEqual(BACKOFF_MS_MAX);
});

test("an event is reported once, under the class that the dictionary gives it", () => {
  const model = new DeviceModel([], []);
  const reports = model.accept(reading([open(true)], [swipe("1"), swipe("1")]), at(0));
  expect(reports.map(({ dataClass, events }) => [dataClass, events.length])).toEqual([
    ["access", 1],
    ["state", 0],
    ["telemetry", 0],
  ]);
  expect(model.accept(reading([], [swipe("1")]), at(1)).flatMap(({ events }) => events)).toEqual([]);
  expect(model.refused("repeated")).toBe(2);
});

test("so many event ids are remembered and no more", () => {
  const model = new DeviceModel([], []);
  for (let id = 0; id <= EVENT_IDS_MAX; id += 1) model.accept(reading([], [swipe(String(id))]), at(id));
  const newest = model.accept(reading([], [swipe(String(EVENT_IDS_MAX))]), at(9_999));
  const oldest = model.accept(reading([], [swipe("0")]), at(9_999));
  expect([newest.length, oldest.length]).toEqual([0, 1]);
});

test("an event that is not what the dictionary says is refused", () => {
  const model = new DeviceModel([], []);
  const { serial: _serial, ...incomplete } = swipe("1").fields;
  model.accept(reading([], [{ ...swipe("1"), fields: incomplete }]), at(0));
  model.accept(reading([], [{ ...swipe("2"), event: "Access/Teleport" }]), at(0));
  expect([model.refused("wrong-fields"), model.refused("unknown-event")]).toEqual([1, 1]);
});

test("a poll that took too long skips the slots it missed and stays on its grid", () => {
  expect(nextPollAt(100, 105, 100)).toBe(200);
  expect(nextPollAt(100, 455, 100)).toBe(500);
  expect(nextPollAt(100, 90, 100)).toBe(200);
});
