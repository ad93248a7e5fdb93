/** The disk under the rules' store is full while the journal goes on. */
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NewEntry, openJournalReader, openJournalWriter } from "@campus-ops/broker/journal";
import { SmallDisk } from "@campus-ops/broker/journal/testing/small-disk";
import { encodePayload, sampleToMetric } from "@campus-ops/broker/sparkplug";
import {
  CampusId,
  DataType,
  DeviceId,
  GOOD,
  NodeId,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import { fastify } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { healthRoute } from "../http/health.ts";
import { StoreFullError } from "../store/database.ts";
import { RulesStore } from "../store/rules-store.ts";
import { newEngine } from "../testing/campus.ts";
import { Follower } from "./follower.ts";

const MEBIBYTE = 1024 * 1024;
const T = 1_790_000_000_000;
const node = { campus: CampusId("school"), node: NodeId("box-1") };
const BUTTONS = 40;
/** Each button is pressed and let go so often while the disk is full. */
const PRESSES = 20;

const metric = (name: string, value: SampleValue, at: number) =>
  sampleToMetric({ metric: name, value, quality: GOOD, eventTime: at });
const button = (index: number) => ({ ...node, device: DeviceId(`button-${index}`) });

const births: readonly NewEntry[] = [
  {
    kind: "NBIRTH",
    address: node,
    receivedAt: T,
    payload: encodePayload({
      timestamp: T,
      metrics: [{ name: "bdSeq", datatype: DataType.Int64, value: 0 }],
    }),
  },
  ...Array.from({ length: BUTTONS }, (_, index): NewEntry => {
    const metrics = [metric("Properties/Class", "panic-button", T), metric("Panic/Pressed", false, T)];
    return {
      kind: "DBIRTH",
      address: button(index),
      receivedAt: T,
      payload: encodePayload({ timestamp: T, metrics }),
    };
  }),
];

const pressed = (index: number, value: boolean, at: number): NewEntry => ({
  kind: "DDATA",
  address: button(index),
  receivedAt: at,
  payload: encodePayload({ timestamp: at, metrics: [metric("Panic/Pressed", value, at)] }),
});

const presses: readonly NewEntry[] = Array.from({ length: BUTTONS * PRESSES }, (_, count) =>
  pressed(count % BUTTONS, Math.floor(count / BUTTONS) % 2 === 0, T + 1_000 + count),
);

let disk: SmallDisk;
let elsewhere: string;
beforeEach(() => {
  disk = new SmallDisk(16 * MEBIBYTE);
  elsewhere = mkdtempSync(join(tmpdir(), "rules-disk-full-"));
});
afterEach(() => {
  disk.remove();
  rmSync(elsewhere, { recursive: true });
});

const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(disk.folder);
  return bavail * bsize;
};

function following(store: RulesStore) {
  const engine = newEngine(store.load());
  const journal = openJournalReader(join(elsewhere, "journal"));
  const stop = new AbortController();
  const [full, room] = [Promise.withResolvers<StoreFullError>(), Promise.withResolvers<void>()];
  const shown: number[] = [];
  const follower = new Follower({
    journal,
    engine: () => engine,
    store,
    onRows: (rows) => shown.push(...rows.map(({ id }) => id)),
    onEffects: () => undefined,
    onGap: () => undefined,
    onFull: full.resolve,
    onRoom: room.resolve,
  });
  const running = follower.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
    journal.close();
  };
  return { follower, full: full.promise, room: room.promise, shown, end };
}

const history = (store: RulesStore) =>
  store.alarms({ active: false, limit: 1_000 }).map(({ id }) => [id, store.transitions(id)]);

test("alarms wait for room, are refused to nobody for good, and are all there once", {
  timeout: 60_000,
}, async () => {
  const writer = openJournalWriter(join(elsewhere, "journal"));
  await writer.append([...births, pressed(0, true, T + 500)]);
  const store = new RulesStore(join(disk.folder, "rules.sqlite"));
  const { end, follower, full, room, shown } = following(store);
  await expect.poll(() => shown.length).toBeGreaterThan(0);
  const before = shown.length;
  const makeRoom = disk.fill(0, freeBytes);
  await writer.append(presses);
  expect(await full).toBeInstanceOf(StoreFullError);
  expect(follower.isHeld).toBe(true);
  const act = { kind: "action", receivedAt: T, alarm: "none", action: "acknowledge", by: "desk-1" } as const;
  expect(() => follower.act(act)).toThrow("nothing was done");
  const server = fastify();
  healthRoute(server, { follower });
  const unwell = await server.inject("/healthz");
  expect([unwell.statusCode, unwell.json()]).toMatchObject([
    503,
    { ailments: [expect.stringContaining("full")] },
  ]);
  makeRoom();
  await room;
  expect((await server.inject("/healthz")).json()).toMatchObject({ status: "ok", ailments: [] });
  await expect.poll(() => follower.seq).toBe(writer.last);
  expect(shown.length).toBeGreaterThan(before);
  expect(new Set(shown).size).toBe(shown.length);
  await end();

  const ample = new RulesStore(join(elsewhere, "reference.sqlite"));
  const reference = following(ample);
  await expect.poll(() => reference.follower.seq).toBe(writer.last);
  await reference.end();
  expect(history(store)).toEqual(history(ample));
  expect(history(ample).length).toBe(BUTTONS);
  store.close();
  ample.close();
  writer.close();
});
