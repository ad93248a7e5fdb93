import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DecodedEntry } from "@campus-ops/broker/journal";
import { partsOf } from "@campus-ops/broker/sparkplug";
import { CampusId, DeviceId, GOOD, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { createLog, createMetrics } from "@campus-ops/service";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RETENTION_DAYS } from "./core/retention.ts";
import { PictureShelf } from "./pictures/shelf.ts";
import { EventProjection, REMOVALS_MAX } from "./projections/events.ts";
import { RetentionJob } from "./retention.ts";
import { openEmbeddedStore } from "./store/embedded.ts";
import { type PointStore, StoreAwayError } from "./store/store.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 20, 12);
const gate = { campus: CampusId("qiyun-no1"), node: NodeId("box-1"), device: DeviceId("gate") };

let folder: string;
let store: PointStore;
let events: EventProjection;
let pictures: PictureShelf;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "retention-"));
  store = await openEmbeddedStore(join(folder, "store"));
  events = new EventProjection(join(folder, "events.sqlite"));
  pictures = new PictureShelf(folder);
});
afterEach(async () => {
  events.close();
  pictures.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

let seq = 0;
function happened(event: string, id: string, daysAgo: number, receivedAt = NOW): DecodedEntry {
  const fields = { serial: 1n, result: "granted" };
  const one = { event, id, eventTime: NOW - daysAgo * DAY, quality: GOOD, fields, historical: false };
  const nothing = { samples: [], presence: [], leftOut: 0 };
  return { ...nothing, seq: ++seq, receivedAt, kind: "DDATA", address: gate, events: [one] };
}

const job = (of: PointStore = store, metrics = createMetrics("test")) =>
  new RetentionJob({
    days: RETENTION_DAYS,
    store: of,
    events,
    pictures,
    ageNow: () => NOW,
    log: createLog("test", "fatal"),
    metrics,
  });
const all = { from: 0, to: NOW + DAY, limit: 100 };
const ids = () => events.events(all).map(({ id }) => id);

test("an event is there once, with its fields, however often it is told, and bookkeeping is not", async () => {
  await events.project([
    happened("Access/Swipe", "a", 2),
    happened("Access/Swipe", "a", 2),
    happened("Safety/Nothing", "unknown", 1),
    happened("Temperature/Screening", "b", 1),
  ]);
  expect(ids()).toEqual(["b", "a"]);
  expect(events.events({ ...all, event: "Access/Swipe" })[0]).toEqual({
    asset: "qiyun-no1/box-1/gate",
    event: "Access/Swipe",
    id: "a",
    eventTime: NOW - 2 * DAY,
    receivedAt: NOW,
    fields: { serial: "1", result: "granted" },
  });
  expect(events.events({ ...all, campus: "qiyun-no" })).toEqual([]);
  expect(events.events({ ...all, campus: "qiyun-no1", limit: 1 })).toHaveLength(1);
  expect((await events.checkpoint()).seq).toBe(seq);
});

test("what was not committed comes again", async () => {
  await events.project([happened("Access/Swipe", "a", 2)]);
  const committed = await events.checkpoint();
  await events.project([happened("Access/Swipe", "b", 1)]);
  expect(await events.checkpoint()).toEqual(committed);
  expect(ids()).toEqual(["a"]);
});

test("what a shorter retention would remove is told before, and nothing goes", async () => {
  await events.project([
    happened("Access/Swipe", "older", 186),
    happened("Access/Swipe", "younger", 180),
    happened("Temperature/Screening", "this month", 20),
  ]);
  const time = NOW - 20 * DAY;
  await store.write([{ device: "a/b/c", metric: "Environment/CO2", time, value: 1 }]);
  const shorter = { ...RETENTION_DAYS, eventDays: 184, healthEventDays: 14, pointDays: 15 };
  expect(await job().preview(shorter)).toEqual([
    { what: "events", before: NOW - 184 * DAY, count: 1, unit: "events" },
    { what: "health", before: NOW - 14 * DAY, count: 1, unit: "events" },
    { what: "points raw", before: NOW - 15 * DAY, count: 5, unit: "days" },
  ]);
  expect(await job().preview(RETENTION_DAYS)).toEqual([]);
  expect(ids()).toHaveLength(3);
});

test("each class goes when its time has come, and what went is told in figures and remembered", async () => {
  await events.project([
    happened("Access/Swipe", "half a year ago", 184),
    happened("Access/Swipe", "longer ago", 191),
    happened("Temperature/Screening", "a month ago", 31),
    happened("Temperature/Screening", "this month", 29),
  ]);
  const point = (metric: string, daysAgo: number) => ({
    device: "a/b/c",
    metric,
    time: NOW - daysAgo * DAY,
    value: 1,
  });
  await store.write([
    point("Environment/CO2", 29),
    point("Environment/CO2", 32),
    point("Environment/CO2:5m:mean", 185),
    point("Environment/CO2:5m:mean", 192),
    point("Environment/CO2:hour:mean", 3_000),
  ]);
  for (const [id, daysAgo] of [
    ["this month", 29],
    ["last month", 31],
  ] as const) {
    pictures.ask({ id, device: "qiyun-no1/box-1/camera", kind: "snapshot", at: NOW }, NOW);
    const data = Buffer.from(id);
    const sha256 = createHash("sha256").update(data).digest("hex");
    const whole = { request: id, sha256, contentType: "image/jpeg", takenAt: NOW - daysAgo * DAY, data };
    for (const part of partsOf(whole)) pictures.takePart(part, "qiyun-no1/box-1", NOW);
  }
  const metrics = createMetrics("test");
  const retention = job(store, metrics);
  const removals = await retention.run();
  expect(removals.map(({ what, count, unit }) => [what, count, unit])).toEqual([
    ["events", 1, "events"],
    ["health", 1, "events"],
    ["pictures", 1, "pictures"],
    ["points raw", 1, "points"],
    ["points 5m", 1, "points"],
  ]);
  expect(ids()).toEqual(["this month", "half a year ago"]);
  expect([await pictures.content("last month"), String(await pictures.content("this month"))]).toEqual([
    undefined,
    "this month",
  ]);
  expect(retention.view().removals).toEqual(removals.toReversed());
  expect(await metrics.metrics()).toMatch(/retention_removed_total\{what="points raw"[^}]*\} 1/);
  expect(await retention.run()).toEqual([]);
  expect(retention.view().kept).toContainEqual({ what: "events", days: 190 });
});

test("with its engine away what is here goes all the same, and of removals the newest are remembered", async () => {
  await events.project([happened("Access/Swipe", "old", 191)]);
  const away = { maintain: () => Promise.reject(new StoreAwayError("gone")) } as unknown as PointStore;
  await expect(job(away).run()).rejects.toThrow("gone");
  expect(ids()).toEqual([]);
  expect(events.removals()).toMatchObject([{ what: "events", count: 1 }]);
  for (let at = 0; at <= REMOVALS_MAX; at += 1)
    events.remember({ at, what: "events", before: at, count: 1, unit: "events" });
  expect(events.removals()).toHaveLength(REMOVALS_MAX);
  expect(events.removals()[0]?.at).toBe(REMOVALS_MAX);
});
