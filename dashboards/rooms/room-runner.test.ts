import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RoomItem } from "./api.ts";
import { RoomRunner, type SendCommand } from "./room-runner.ts";
import { RoomStore } from "./room-store.ts";

const NOW = 1_000;
let folder: string;
let store: RoomStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rooms-"));
  store = new RoomStore(join(folder, "rooms.sqlite"), NOW);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const item = (device: string, metric = "Light/On", state: RoomItem["state"] = "waiting"): RoomItem => ({
  device,
  title: { zh: device, en: device },
  path: "a/b/c",
  metric,
  value: false,
  state,
});
const run = (items: readonly RoomItem[]) => ({
  path: "a/b/c",
  scene: "all-off",
  title: { zh: "关", en: "off" },
  by: "wang",
  reason: "",
  items,
});
const runner = (send: SendCommand) => new RoomRunner(store, send, () => NOW);
const states = (id: number) => store.run(id)?.items.map(({ state }) => state);

test("every device gets its result, and those that need nothing are sent nothing", async () => {
  const sent: string[] = [];
  const rooms = runner(async ({ device }) => {
    sent.push(device);
    if (device === "broken") throw new Error("ingest is away");
    return { state: device === "odd" ? "refused" : "confirmed" };
  });
  const begun = rooms.start(
    run([
      item("a"),
      item("odd"),
      item("broken"),
      item("off", "Light/On", "already"),
      item("x", "Light/On", "away"),
    ]),
  );
  await rooms.ended(begun?.id ?? 0);
  expect(sent).toEqual(["a", "odd", "broken"]);
  expect(states(begun?.id ?? 0)).toEqual(["confirmed", "refused", "unknown", "already", "away"]);
  expect(store.run(begun?.id ?? 0)).toMatchObject({ state: "done", endedAt: NOW });
});

test("one device is asked for one thing at a time", async () => {
  const open: string[] = [];
  const rooms = runner(async ({ device }) => {
    expect(open).not.toContain(device);
    open.push(device);
    await Promise.resolve();
    open.splice(open.indexOf(device), 1);
    return { state: "confirmed" };
  });
  const begun = rooms.start(run([item("a", "Light/On"), item("a", "Light/Level"), item("b")]));
  await rooms.ended(begun?.id ?? 0);
  expect(states(begun?.id ?? 0)).toEqual(["confirmed", "confirmed", "confirmed"]);
});

test("cancelled, what is under way is still followed and what was not sent never is", async () => {
  const release: (() => void)[] = [];
  const rooms = runner(() => new Promise((resolve) => release.push(() => resolve({ state: "confirmed" }))));
  const begun = rooms.start(run(Array.from({ length: 20 }, (_, n) => item(`d${n}`))));
  const sent = release.length;
  rooms.cancel(begun?.id ?? 0);
  for (const each of release) each();
  await rooms.ended(begun?.id ?? 0);
  const counts = states(begun?.id ?? 0) ?? [];
  expect(sent).toBe(8);
  expect(counts.filter((state) => state === "confirmed")).toHaveLength(8);
  expect(counts.filter((state) => state === "cancelled")).toHaveLength(12);
  expect(store.run(begun?.id ?? 0)?.state).toBe("cancelled");
});

test("what ran when the hub stopped is not taken up again: sent is unknown, unsent is cancelled", () => {
  const { id } = store.begin({
    ...run([item("a", "Light/On", "requested"), item("b")]),
    state: "running",
    startedAt: NOW,
  });
  store.close();
  store = new RoomStore(join(folder, "rooms.sqlite"), NOW + 5);
  expect(store.run(id)).toMatchObject({ state: "cancelled", endedAt: NOW + 5 });
  expect(states(id)).toEqual(["unknown", "cancelled"]);
});

test("a scene that was saved is there after a restart, until it is removed", () => {
  const settings = [{ class: "display" as const, metric: "Display/Power", value: true }];
  const scene = store.addScene({ title: { zh: "家长会", en: "parents" }, path: "a/b/c", settings });
  store.close();
  store = new RoomStore(join(folder, "rooms.sqlite"), NOW);
  expect(store.scenes()).toEqual([scene]);
  store.removeScene(scene?.id ?? "");
  expect(store.scenes()).toEqual([]);
});
