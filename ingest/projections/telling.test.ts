import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { DecodedEntry } from "@campus-ops/broker/journal";
import { type Address, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BUCKET_MS, bucketOf } from "../core/rollup.ts";
import { CAMPUS, NODE, sample, swipe } from "../testing/campus.ts";
import { RegistryProjection } from "./registry.ts";

const box: Address = { campus: CAMPUS, node: NODE };
const gate: Address = { ...box, device: DeviceId("gate") };
const hubNode: Address = { campus: CAMPUS, node: NodeId("hub") };
const hub: Address = { ...hubNode, device: DeviceId(CAMPUS) };
const T = bucketOf(1_790_000_000_000);

let folder: string;
let projection: RegistryProjection;
let seq: number;

const open = () =>
  new RegistryProjection({
    file: join(folder, "registry.sqlite"),
    campusPath: (campus) => `990100/990102/${campus}`,
    onChange: () => undefined,
  });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "telling-"));
  projection = open();
  seq = 0;
});
afterEach(() => {
  projection.close();
  rmSync(folder, { recursive: true });
});

function entry(kind: DecodedEntry["kind"], receivedAt: number, more: Partial<DecodedEntry>): DecodedEntry {
  seq += 1;
  return { seq, receivedAt, kind, samples: [], events: [], presence: [], leftOut: 0, ...more };
}

const live = (metric: string, value: Parameters<typeof sample>[1], eventTime: number) => ({
  ...sample(metric, value, eventTime),
  historical: false,
});
const there = (address: Address, online = true) => ({ address, online, at: T });

describe("what the hub above is told of a campus", () => {
  const school = (): DecodedEntry[] => [
    entry("NBIRTH", T, { address: box, presence: [there(box)], properties: {} }),
    entry("DBIRTH", T, { address: gate, presence: [there(gate)], properties: { class: "access-gate" } }),
  ];
  const grantedAt = (telling: ReturnType<RegistryProjection["rollups"]["telling"]>) =>
    telling.buckets.flatMap(({ counts, start }) =>
      counts["access.granted"] === undefined ? [] : [[start, counts["access.granted"]]],
    );
  const pass = (at: number, id: number, receivedAt: number) =>
    entry("DDATA", receivedAt, {
      address: gate,
      events: [{ ...swipe(id, "granted", at), historical: false }],
    });

  test("is how it stands, and of what happened the five minutes that changed; late data changes its own", async () => {
    const now = T + 20 * BUCKET_MS;
    await projection.project([...school(), pass(T + 1, 1, T + 2), pass(T + BUCKET_MS, 2, now)]);
    const first = projection.rollups.telling(CAMPUS, undefined, now);
    expect(first.standing).toMatchObject({ "devices.registered": 1, "devices.working": 1 });
    expect(first.standing).not.toHaveProperty("access.granted");
    expect(grantedAt(first)).toEqual([
      [T, 1],
      [T + BUCKET_MS, 1],
    ]);
    expect(grantedAt(projection.rollups.telling(CAMPUS, first.cursor, now))).toEqual([]);
    await projection.project([pass(T + 3, 3, now + 1), pass(T + 3, 3, now + 2)]);
    const second = projection.rollups.telling(CAMPUS, first.cursor, now);
    expect(grantedAt(second)).toEqual([[T, 2]]);
    expect(grantedAt(projection.rollups.telling("another", first.cursor, now))).toEqual([]);
  });

  test("is the same after a restart, and a file of an older version is told by its time", async () => {
    await projection.project([...school(), pass(T + 1, 1, T + 2)]);
    const before = projection.rollups.telling(CAMPUS, undefined, T + BUCKET_MS);
    projection.close();
    projection = open();
    expect(projection.rollups.telling(CAMPUS, undefined, T + BUCKET_MS)).toEqual(before);
    projection.close();
    const file = new DatabaseSync(join(folder, "registry.sqlite"));
    file.exec("DROP INDEX rollups_by_change; ALTER TABLE rollups DROP COLUMN changed");
    file.close();
    projection = open();
    expect(projection.rollups.all(T, T + 1)[0]?.counts["access.granted"]).toBe(1);
  });
});

describe("a campus that a hub below tells", () => {
  const told = (at: number, more: readonly ReturnType<typeof live>[]): DecodedEntry[] => [
    entry("NBIRTH", at, {
      address: hubNode,
      presence: [there(hubNode)],
      properties: { class: "hub" },
      samples: [live("Properties/Class", "hub", at)],
    }),
    entry("DBIRTH", at, {
      address: hub,
      presence: [there(hub)],
      properties: { class: "hub", path: `990100/990102/${CAMPUS}` },
      samples: [live("Rollup/DevicesRegistered", 7, at), ...more],
    }),
  ];
  const expected = (start: number, count: number) => [
    live("Rollup/SamplesExpected", count, start),
    live("Rollup/SamplesReceived", count, start),
  ];

  test("is there once, and what its own agent sends counts as nobody's", async () => {
    await projection.project([
      ...told(T, []),
      entry("DDATA", T + 1, { address: hub, samples: expected(T, 10) }),
    ]);
    const all = projection.rollups.all(T, T + 1);
    expect(all).toHaveLength(1);
    expect(all[0]?.counts).toMatchObject({
      "devices.registered": 7,
      "samples.expected": 10,
      "samples.received": 10,
    });
    expect(all[0]).not.toHaveProperty("lastKnown");
  });

  test("is rolled up as it was told, of the buckets that are asked for and no others", async () => {
    const bucket = (n: number, received: number) => [
      live("Rollup/SamplesExpected", 12, T + n * BUCKET_MS),
      live("Rollup/SamplesReceived", received, T + n * BUCKET_MS),
    ];
    const samples = [bucket(0, 7), bucket(1, 9), bucket(3, 10)].flat();
    await projection.project([...told(T, []), entry("DDATA", T + 1, { address: hub, samples })]);
    const of = (from: number, to: number) => {
      const counts = projection.rollups.happenings(CAMPUS, T + from * BUCKET_MS, T + to * BUCKET_MS);
      return [counts["samples.expected"], counts["samples.received"]];
    };
    expect([of(0, 1), of(0, 4), of(1, 3), of(2, 3)]).toEqual([
      [12, 7],
      [36, 26],
      [12, 9],
      [undefined, undefined],
    ]);
    // The same as a page is shown, which adds up whole hours of all campuses at once.
    const [page] = projection.rollups.all(T, T + 4 * BUCKET_MS);
    expect(page?.counts).toMatchObject({ "samples.expected": 36, "samples.received": 26 });
    projection.close();
    projection = open();
    expect(of(0, 4)).toEqual([36, 26]);
  });

  test("keeps its figures while its hub is cut off, and is as incomplete as it is long", async () => {
    const cut = T + BUCKET_MS;
    const now = T + 4 * BUCKET_MS;
    await projection.project([
      ...told(T, []),
      entry("DDATA", T + 1, { address: hub, samples: expected(T, 10) }),
      entry("NDEATH", cut, { address: hubNode, presence: [{ address: hubNode, online: false, at: cut }] }),
      entry("CLOCK", now, {}),
    ]);
    const [away] = projection.rollups.all(T, now);
    expect(away?.lastKnown).toBe(cut);
    expect(away?.counts).toMatchObject({
      "devices.registered": 7,
      "samples.expected": 40,
      "samples.received": 10,
    });
    expect(projection.rollups.telling(CAMPUS, undefined, now).lastKnown).toBe(cut);
    await projection.project([
      ...told(now, []),
      entry("DDATA", now + 1, {
        address: hub,
        samples: [1, 2, 3].flatMap((n) => expected(T + n * BUCKET_MS, 9)),
      }),
    ]);
    const [back] = projection.rollups.all(T, now);
    expect(back).not.toHaveProperty("lastKnown");
    expect(back?.counts).toMatchObject({ "samples.expected": 37, "samples.received": 37 });
  });
});
