import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DecodedEntry } from "@campus-ops/broker/journal";
import {
  CampusId,
  DeviceId,
  GOOD,
  NodeId,
  ROSTER,
  type SampleValue,
  siteZone,
} from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { schoolCalendar } from "../core/calendar.ts";
import { PRESENCE, REACHABLE } from "../core/health/history.ts";
import { HealthFigures } from "./figures.ts";
import { HealthFold } from "./health-fold.ts";
import { type HealthBatch, HealthStore } from "./health-store.ts";
import { schoolHours } from "./routes.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Monday, 7 September 2026, local midnight. */
const MONDAY = Date.UTC(2026, 8, 7) - 8 * HOUR;
const PATH = "990100/990101/school";
const SITE = {
  city: { code: "990100", title: { zh: "临岚市", en: "Linlan" } },
  counties: [
    {
      code: "990101",
      title: { zh: "栖云县", en: "Qiyun" },
      campuses: [{ id: CampusId("school"), title: { zh: "第一小学", en: "No. 1" } }],
    },
  ],
};

let folder: string;
let stores: HealthStore[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rules-health-"));
  stores = [];
});
afterEach(() => {
  for (const store of stores) store.close();
  rmSync(folder, { recursive: true, force: true });
});
const open = (name = "health.sqlite"): HealthStore => {
  const store = new HealthStore(join(folder, name));
  stores.push(store);
  return store;
};

const NODE = { campus: CampusId("school"), node: NodeId("box") };
const of = (device?: string) => (device === undefined ? NODE : { ...NODE, device: DeviceId(device) });
let seq = 0;
const entry = (kind: DecodedEntry["kind"], at: number, device?: string): DecodedEntry => {
  seq += 1;
  const none = { samples: [], events: [], presence: [], leftOut: 0 };
  return { seq, receivedAt: at, kind, address: of(device), ...none };
};
const birth = (device: string, at: number, dependsOn?: string): DecodedEntry => ({
  ...entry("DBIRTH", at, device),
  presence: [{ address: of(device), online: true, at }],
  samples: [sample(REACHABLE, true, at)],
  properties: {
    class: device.startsWith("switch") ? "switch" : "camera",
    profile: device.startsWith("switch") ? "switch/s" : "camera/x",
    title: { zh: device, en: device },
    path: `${PATH}/a/1/101`,
    ...(dependsOn === undefined ? {} : { dependsOn }),
  },
});
const sample = (metric: string, value: SampleValue, eventTime: number, historical = false) => ({
  metric,
  value,
  quality: GOOD,
  eventTime,
  historical,
});
const says = (
  device: string,
  at: number,
  metric: string,
  value: SampleValue,
  receivedAt = at,
): DecodedEntry => ({
  ...entry("DDATA", receivedAt, device),
  samples: [sample(metric, value, at, receivedAt > at)],
});
const node = (kind: "NBIRTH" | "NDEATH", at: number): DecodedEntry => ({
  ...entry(kind, at),
  presence: [{ address: NODE, online: kind === "NBIRTH", at }],
});

function follow(store: HealthStore, entries: readonly DecodedEntry[], now: number): HealthFigures {
  const fold = new HealthFold(store, () => PATH);
  for (const each of entries) fold.add(each);
  fold.commit(entries.length, now);
  return new HealthFigures(store, SITE);
}

const WEEK = { scopes: [""], from: MONDAY, to: MONDAY + 7 * DAY };

/** A box says whom it watches. */
const roster = (at: number, names: string, historical = false): DecodedEntry => ({
  ...entry("NDATA", at),
  samples: [sample(ROSTER, names, at, historical)],
});

describe("a device that its box names no more", () => {
  const life = () => [
    node("NBIRTH", MONDAY),
    roster(MONDAY, "c1 c2"),
    birth("c1", MONDAY),
    birth("c2", MONDAY),
    says("c2", MONDAY + DAY, REACHABLE, false),
    roster(MONDAY + 2 * DAY, "c1"),
    // Born once more for what it still had to say, then dead.
    { ...entry("DBIRTH", MONDAY + 2 * DAY + 5, "c2"), properties: {} },
  ];

  test("is in no figure from then on, and its history stays", async () => {
    const figures = follow(open(), life(), MONDAY + 4 * DAY);
    expect(await figures.figures(WEEK, "none")).toMatchObject([
      { devices: 2, expected_ms: 6 * DAY, reachable_ms: 5 * DAY, failures: 1, open: 0 },
    ]);
    const afterwards = { ...WEEK, from: MONDAY + 3 * DAY };
    expect(await figures.figures(afterwards, "none")).toMatchObject([{ devices: 1, availability: 1 }]);
    expect((await figures.figures(afterwards, "device")).map(({ key }) => key)).toEqual(["school/box/c1"]);
    expect((await figures.timeline("school/box/c2", WEEK.from, WEEK.to)).map(({ state }) => state)).toEqual([
      "working",
      "unreachable",
    ]);
  });

  test("is the same one when it returns, by its box's word or by its birth, and whatever came late", async () => {
    const returns = [
      [roster(MONDAY + 3 * DAY, "c1 c2"), roster(MONDAY + 2.5 * DAY, "", true)],
      [birth("c2", MONDAY + 3 * DAY)],
    ];
    for (const [index, back] of returns.entries()) {
      const all = [...life(), ...back, says("c2", MONDAY + 3 * DAY + HOUR, REACHABLE, true)];
      const figures = follow(open(`returns-${index}.sqlite`), all, MONDAY + 4 * DAY);
      const asked = { ...WEEK, device: "school/box/c2" };
      expect(await figures.figures(asked, "none")).toMatchObject([{ devices: 1, expected_ms: 3 * DAY }]);
      expect(
        (await figures.histories({ ...asked, from: MONDAY + 3.5 * DAY }))[0]?.intervals.at(-1),
      ).toMatchObject({
        state: "working",
        to: MONDAY + 4 * DAY,
      });
    }
  });
});

describe("the health of devices", () => {
  test("is told by device, class, model and place, with the failures and the times behind it", async () => {
    const figures = follow(
      open(),
      [
        node("NBIRTH", MONDAY),
        birth("c1", MONDAY),
        birth("c2", MONDAY),
        says("c1", MONDAY + 10 * HOUR, REACHABLE, false),
        says("c1", MONDAY + 12 * HOUR, REACHABLE, true),
        says("c2", MONDAY + 12 * HOUR, "Video/Tamper", true),
        says("c2", MONDAY + 13 * HOUR, "Video/Tamper", false),
      ],
      MONDAY + DAY,
    );
    const [camera] = await figures.figures(WEEK, "class");
    expect(camera).toMatchObject({
      key: "camera",
      title: { zh: "摄像机" },
      devices: 2,
      expected_ms: 2 * DAY,
      reachable_ms: 2 * DAY - 2 * HOUR,
      working_ms: 2 * DAY - 3 * HOUR,
      failures: 2,
      repairs: 2,
      meanTimeToRepair_ms: 1.5 * HOUR,
      completeness: 1,
    });
    expect((await figures.figures(WEEK, "device")).map(({ key }) => key)).toEqual([
      "school/box/c1",
      "school/box/c2",
    ]);
    expect(await figures.figures(WEEK, "building")).toMatchObject([
      { key: `${PATH}/a`, title: { zh: "第一小学" } },
    ]);
    expect(await figures.figures({ ...WEEK, scopes: ["990100/990102"] }, "none")).toEqual([]);
    const { failures, truncated } = await figures.failures(WEEK);
    expect(truncated).toBe(false);
    expect(failures).toMatchObject([
      { device: "school/box/c2", kind: "faulty", faults: ["Video/Tamper"], model: "camera/x" },
      { device: "school/box/c1", kind: "unreachable", faults: [], interruption: false },
    ]);
    expect(
      (await figures.timeline("school/box/c1", MONDAY + 9 * HOUR, MONDAY + 11 * HOUR)).map(
        ({ state }) => state,
      ),
    ).toEqual(["working", "unreachable"]);
    // Two cameras for a day are too little to speak of their model.
    expect(await figures.models(WEEK)).toMatchObject([
      { key: "camera/x", enough: false, classes: ["camera"] },
    ]);
    expect((await figures.models(WEEK))[0]?.rank).toBeUndefined();
  });

  test("tells when an outage began that was there before the range, and closes a failure only once", async () => {
    const figures = follow(
      open(),
      [
        node("NBIRTH", MONDAY),
        birth("c1", MONDAY),
        says("c1", MONDAY + HOUR, REACHABLE, false),
        says("c1", MONDAY + 2 * HOUR, REACHABLE, false),
        says("c1", MONDAY + 2 * DAY, REACHABLE, true),
      ],
      MONDAY + 3 * DAY,
    );
    const [second] = await figures.figures({ ...WEEK, from: MONDAY + DAY }, "none");
    expect(second).toMatchObject({
      failures: 0,
      repairs: 1,
      repair_ms: 2 * DAY - HOUR,
      expected_ms: 2 * DAY,
    });
    const [first] = await figures.figures({ ...WEEK, to: MONDAY + DAY }, "none");
    expect(first).toMatchObject({ failures: 1, repairs: 0, open: 1 });
  });

  test("is not known while a box is away, and then what the box saw meanwhile", async () => {
    const away = [node("NBIRTH", MONDAY), birth("c1", MONDAY), node("NDEATH", MONDAY + HOUR)];
    const now = MONDAY + 4 * HOUR;
    const before = await follow(open("away"), away, now).figures(WEEK, "none");
    expect(before).toMatchObject([{ unknown_ms: 3 * HOUR, reachable_ms: HOUR, completeness: 0.25 }]);
    const told = Array.from({ length: 24 }, (_, index) =>
      says("c1", MONDAY + HOUR + index * 300_000, "Video/Fps", 25, MONDAY + 3 * HOUR + 60_000),
    );
    const back = [
      ...away,
      node("NBIRTH", MONDAY + 3 * HOUR),
      ...told,
      says("c1", MONDAY + 1.5 * HOUR, REACHABLE, false, MONDAY + 3 * HOUR),
      says("c1", MONDAY + 2 * HOUR, REACHABLE, true, MONDAY + 3 * HOUR),
    ];
    const after = follow(open("back"), back, now);
    expect(await after.figures(WEEK, "none")).toMatchObject([
      { unknown_ms: 0, reachable_ms: 3.5 * HOUR, repairs: 1, repair_ms: HOUR / 2 },
    ]);
    // Switched off from half past one: nobody saw anything from then on.
    const silent = [...away, node("NBIRTH", MONDAY + 3 * HOUR), ...told.slice(0, 6)];
    expect(await follow(open("off"), silent, now).figures(WEEK, "none")).toMatchObject([
      { unknown_ms: 1.5 * HOUR },
    ]);
  });

  test("leaves out of a model's failures what its switch did", async () => {
    const lost = (device: string, from: number) => [
      says(device, MONDAY + from, REACHABLE, false),
      says(device, MONDAY + from + HOUR, REACHABLE, true),
    ];
    const figures = follow(
      open(),
      [
        node("NBIRTH", MONDAY),
        birth("switch", MONDAY),
        birth("c1", MONDAY, "switch"),
        ...lost("switch", HOUR),
        ...lost("c1", HOUR + 30_000),
        ...lost("c1", 5 * HOUR),
      ],
      MONDAY + DAY,
    );
    expect(await figures.figures({ ...WEEK, class: "camera" }, "model")).toMatchObject([
      { key: "camera/x", failures: 1, upstream: 1, repairs: 1 },
    ]);
  });

  test("does not depend on the order in which things became known, nor on batches, doubles and what was cleaned up", {
    timeout: 60_000,
  }, async () => {
    const heard = fc.record({
      device: fc.constantFrom("school/box/c1", "school/box/c2"),
      what: fc.constantFrom(REACHABLE, "Video/Loss"),
      at: fc.nat(7 * 24 * 60).map((minute) => MONDAY + minute * 60_000),
      value: fc.boolean(),
    });
    const devices: HealthBatch["devices"] = ["c1", "c2"].map((id) => ({
      device: `school/box/${id}`,
      node: "school/box",
      class: "camera",
      model: "camera/x",
      title: { zh: id, en: id },
      path: PATH,
    }));
    const born = devices.map(({ device }) => ({ device, what: PRESENCE, at: MONDAY, value: true }));
    const none = { devices: [], facts: [], registrations: [], nodes: [], seen: [] };
    const now = WEEK.to;
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(heard, {
          selector: ({ device, what, at }) => `${device} ${what} ${at}`,
          maxLength: 30,
        }),
        fc.array(fc.nat(29), { maxLength: 40 }),
        async (all, picks) => {
          count += 1;
          const straight = open(`straight-${count}`);
          straight.commit({ ...none, seq: 1, now, devices, facts: [...born, ...all] });
          const crooked = open(`crooked-${count}`);
          crooked.commit({ ...none, seq: 1, now, devices, facts: born });
          const order = [...picks.flatMap((pick) => all[pick] ?? []), ...all.toReversed()];
          for (const [index, fact] of order.entries())
            crooked.commit({ ...none, seq: index + 2, now, facts: [fact] });
          crooked.retain(0, now);
          const answers = async (store: HealthStore) => {
            const figures = new HealthFigures(store, SITE);
            const late = { ...WEEK, from: MONDAY + 3 * DAY };
            return [
              await figures.figures(WEEK, "device"),
              await figures.failures(WEEK),
              await figures.figures(late, "device"),
            ];
          };
          expect(await answers(crooked)).toEqual(await answers(straight));
        },
      ),
      { numRuns: 25 },
    );
  });

  test("keeps what still holds when the rest is past its retention", async () => {
    const store = open();
    const entries = [birth("c1", MONDAY), says("c1", MONDAY + HOUR, REACHABLE, false)];
    const figures = follow(store, entries, MONDAY + 2 * DAY);
    expect(store.retain(MONDAY + DAY, 0)).toBe(1);
    expect(await figures.timeline("school/box/c1", MONDAY + DAY, MONDAY + 2 * DAY)).toMatchObject([
      { state: "unreachable" },
    ]);
  });
});

test("school hours are those of the school's own days", () => {
  const calendar = schoolCalendar({
    zone: siteZone({}),
    schoolDays: [1, 2, 3, 4, 5],
    terms: [],
    holidays: [[Math.floor((MONDAY + DAY + 8 * HOUR) / DAY), Math.floor((MONDAY + DAY + 8 * HOUR) / DAY)]],
    makeUpDays: [],
    schoolDay: {
      lesson: [
        [8 * HOUR, 9 * HOUR],
        [15 * HOUR, 16 * HOUR],
      ],
    },
    offDay: {},
  });
  const hours = schoolHours(calendar, { from: MONDAY + 10 * HOUR, to: MONDAY + 3 * DAY });
  expect(hours).toEqual([
    { from: MONDAY + 10 * HOUR, to: MONDAY + 16 * HOUR },
    { from: MONDAY + 2 * DAY + 8 * HOUR, to: MONDAY + 2 * DAY + 16 * HOUR },
  ]);
});
