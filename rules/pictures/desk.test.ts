import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PictureView } from "@campus-ops/broker/sparkplug";
import { createLog } from "@campus-ops/service";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AlarmPictureView } from "../api.ts";
import type { Camera } from "../core/pictures/choose.ts";
import { PICTURE_WAIT_MS } from "../core/pictures/request.ts";
import type { AlarmRecord } from "../core/view.ts";
import { sealed } from "../evidence/bundle.ts";
import { CHAIN_BEGIN, hashOf, toldBy } from "../evidence/chain.ts";
import { signingKey } from "../evidence/signing-key.ts";
import { verifyBundle } from "../evidence/verify.ts";
import { RulesStore } from "../store/rules-store.ts";
import { pictureContents } from "./contents.ts";
import { PictureDesk } from "./desk.ts";

/** A busy machine is slow, and no slower than this. */
const SOON = { timeout: 15_000 };
const AT = Date.UTC(2026, 10, 22);
const ROOM = "990100/990102/school/a/3/301";
const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(5_000, 7)]);
const SHA = createHash("sha256").update(JPEG).digest("hex");
const log = createLog("rules", "silent");

/** Ingest as far as pictures go: answers as `ingest/http/pictures.ts` does, and does what the test says. */
class Ingest {
  readonly requests = new Map<string, PictureView>();
  /** Requests that were put, in order. */
  readonly put: string[] = [];
  answer: (id: string) => Partial<PictureView> = () => ({});
  isAway = false;
  #settled = 0;

  readonly fetch = async (path: string, init?: { method?: string; body?: unknown }) => {
    if (this.isAway) throw new Error("connect ENOENT");
    const [, , id = "", content] = path.split("?")[0]?.split("/") ?? [];
    if (init?.method === "PUT") {
      this.put.push(id);
      if (this.requests.get(id)?.state !== "taken") {
        const asked = JSON.parse(String(init.body)) as Pick<PictureView, "device" | "kind" | "at">;
        this.requests.set(id, { id, ...asked, askedAt: AT, state: "asked" });
        this.settle(id, this.answer(id));
      }
      return Response.json(this.requests.get(id));
    }
    if (content === "content") return new Response(JPEG);
    const after = Number(/after=(\d+)/.exec(path)?.[1]);
    const news = [...this.requests.values()].filter(({ settled = 0 }) => settled > after);
    return Response.json(news.toSorted((a, b) => (a.settled ?? 0) - (b.settled ?? 0)));
  };

  settle(id: string, how: Partial<PictureView>): void {
    const request = this.requests.get(id);
    if (request === undefined || how.state === undefined) return;
    this.#settled += 1;
    this.requests.set(id, { ...request, ...how, settled: this.#settled, settledAt: AT + 3_000 });
  }
}
const taken = {
  state: "taken",
  sha256: SHA,
  bytes: JPEG.length,
  contentType: "image/jpeg",
  takenAt: AT + 2_000,
} as const;
const away = {
  state: "refused",
  reason: "unreachable",
  detail: "its edge box is away",
  since: AT - 60_000,
} as const;

let folder: string;
let store: RulesStore;
let ingest: Ingest;
let time: number;
const desks: PictureDesk[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pictures-"));
  store = new RulesStore(join(folder, "rules.sqlite"));
  ingest = new Ingest();
  time = AT + 1_000;
});
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.stop();
  store.close();
  rmSync(folder, { recursive: true });
});

const camera = (id: string): Camera => ({
  key: `school/box-1/${id}`,
  title: { zh: `摄像机 ${id}`, en: `camera ${id}` },
  path: ROOM,
  online: true,
  sees: [],
});

function start(cameras: readonly Camera[] = [camera("one")]): PictureDesk {
  const desk = new PictureDesk({
    rows: store.pictures,
    alarm: (id) => store.alarm(id),
    cameras: () => cameras,
    ingest: ingest as unknown as ConstructorParameters<typeof PictureDesk>[0]["ingest"],
    log,
    now: () => time,
  });
  desks.push(desk);
  return desk;
}

function raise(id: string, more: Partial<AlarmRecord> = {}): void {
  const text = { zh: "一键报警", en: "Panic button pressed" };
  const alarm: AlarmRecord = {
    id,
    occurrence: 1,
    rule: "panic-pressed",
    priority: 1,
    state: "unacknowledged",
    title: text,
    device: { key: "school/box-1/panic", title: text, class: "panic-button", path: ROOM, campus: "school" },
    raisedAt: AT,
    receivedAt: AT,
    symptoms: 0,
    updatedAt: AT,
    ruleVersion: 1,
    explanation: text,
    card: { cause: text, consequence: text, action: text },
    respondWithin_ms: 30_000,
    evidence: [],
    ...more,
  };
  const transition = {
    at: AT,
    from: "normal",
    to: alarm.state,
    event: "raise",
    occurrence: 1,
    by: "rule",
  } as const;
  const head = { now: AT, seq: 7, nextOrdinal: 1, counters: {}, suppressions: [], drills: [] };
  store.commit(
    head as unknown as Parameters<RulesStore["commit"]>[0],
    { devices: [], monitors: [], forgotten: [] },
    [{ kind: "transition", seq: 7, transition, alarm, picture: true }],
  );
}

const pictureOf = (alarm: string): AlarmPictureView | undefined => store.pictures.ofAlarm(alarm)[0];
const told = (alarm: string) => toldBy(store.chainOf(alarm)).pictures.map(({ state }) => state);

test("an alarm gets the picture of its camera, and the picture a link of its own in the chain", async () => {
  raise("a");
  start();
  await expect.poll(() => pictureOf("a")?.state, SOON).toBe("asked");
  ingest.settle("a.1.snapshot.one", taken);
  await expect.poll(() => pictureOf("a")?.state, SOON).toBe("taken");
  expect(pictureOf("a")).toMatchObject({
    sha256: SHA,
    why: "same-place",
    camera: { key: "school/box-1/one" },
  });
  const links = store.chainOf();
  expect(links.map(({ n }) => n)).toEqual([1, 2]);
  let previous = CHAIN_BEGIN;
  for (const link of links) {
    expect([link.previous, hashOf(link.previous, link.body)]).toEqual([previous, link.hash]);
    previous = link.hash;
  }
  expect(links[1]?.body).toContain(SHA);
});

test("a camera that is away is waited for, the next one is asked meanwhile, and in the end it is said since when", async () => {
  ingest.answer = () => away;
  raise("a");
  start([camera("one"), camera("two")]);
  await expect.poll(() => ingest.put.length, SOON).toBeGreaterThanOrEqual(2);
  expect(ingest.put.slice(0, 2)).toEqual(["a.1.snapshot.one", "a.1.snapshot.two"]);
  await expect.poll(() => pictureOf("a")?.state, SOON).toBe("wanted");
  time = AT + PICTURE_WAIT_MS;
  await expect.poll(() => pictureOf("a")?.state, SOON).toBe("none");
  expect(pictureOf("a")).toMatchObject({
    reason: "unreachable",
    since: AT - 60_000,
    camera: { key: "school/box-1/one" },
  });
  expect(told("a")).toEqual(["none"]);
});

test("a picture that comes after everybody gave up is kept: a second link says so", async () => {
  raise("a");
  const desk = start();
  await expect.poll(() => pictureOf("a")?.state, SOON).toBe("asked");
  time = AT + PICTURE_WAIT_MS;
  desk.wake();
  await expect.poll(() => pictureOf("a")?.state, SOON).toBe("none");
  expect(pictureOf("a")?.reason).toBe("no-answer");
  ingest.settle("a.1.snapshot.one", taken);
  desk.wake();
  await expect.poll(() => pictureOf("a")?.state, SOON).toBe("taken");
  expect(pictureOf("a")?.reason).toBeUndefined();
  expect(store.chainOf("a")).toHaveLength(3);
  expect(told("a")).toEqual(["taken"]);
});

test("alarms in one place share a picture, and it is asked for once", async () => {
  raise("a");
  raise("b");
  start();
  await expect.poll(() => pictureOf("b")?.state, SOON).toBe("asked");
  ingest.settle("a.1.snapshot.one", taken);
  await expect.poll(() => [pictureOf("a")?.state, pictureOf("b")?.state], SOON).toEqual(["taken", "taken"]);
  raise("c");
  desks[0]?.wake();
  await expect.poll(() => pictureOf("c")?.sha256, SOON).toBe(SHA);
  expect(new Set(ingest.put)).toEqual(new Set(["a.1.snapshot.one"]));
});

test("what happens after the raising is seen as well, and where it is not, nothing is said twice", async () => {
  ingest.answer = (id) => (id.startsWith("a") ? taken : away);
  raise("a");
  const desk = start();
  await expect.poll(() => pictureOf("a")?.state, SOON).toBe("taken");
  for (const after_ms of [5_000, 10_000]) {
    time = AT + after_ms;
    desk.wake();
    await expect.poll(() => told("a").length, SOON).toBe(1 + after_ms / 5_000);
  }
  expect(store.pictures.ofAlarm("a").map(({ after_ms, state }) => [after_ms, state])).toEqual([
    [0, "taken"],
    [5_000, "taken"],
    [10_000, "taken"],
  ]);
  raise("b");
  time = AT + PICTURE_WAIT_MS + 10_000;
  desk.wake();
  await expect.poll(() => store.pictures.ofAlarm("b").map(({ state }) => state), SOON).toEqual(["none"]);
  expect(told("b")).toEqual(["none"]);
});

const withClips = (id: string): Camera => ({ ...camera(id), clips: true });

test("a camera that gives clips is asked for one as well, once, and others are not", async () => {
  raise("a");
  const desk = start([camera("one"), withClips("two")]);
  await expect.poll(() => ingest.put.length, SOON).toBe(2);
  expect(ingest.put.toSorted()).toEqual(["a.1.clip.two", "a.1.snapshot.one"]);
  expect(ingest.requests.get("a.1.clip.two")).toMatchObject({ kind: "clip", at: AT });
  ingest.settle("a.1.clip.two", { ...taken, contentType: "video/mp4", recorder: "school/box-1/nvr" });
  desk.wake();
  const clip = () => store.pictures.ofAlarm("a").find(({ kind }) => kind === "clip");
  await expect.poll(() => clip()?.state, SOON).toBe("taken");
  expect(clip()).toMatchObject({
    after_ms: -5_000,
    sha256: SHA,
    camera: { key: "school/box-1/two" },
    recorder: "school/box-1/nvr",
  });
  expect(told("a")).toEqual(["taken"]);
});

test("alarms in one place share a clip; where there is none, nothing is said but that the clip failed", async () => {
  ingest.answer = (id) =>
    id.includes(".clip.") ? { ...away, reason: "failed", detail: "no stream" } : taken;
  raise("a");
  raise("b");
  start([withClips("one")]);
  await expect.poll(() => ingest.put.filter((id) => id.includes(".clip.")).length, SOON).toBeGreaterThan(0);
  time = AT + PICTURE_WAIT_MS;
  desks[0]?.wake();
  const clips = (alarm: string) =>
    store.pictures.ofAlarm(alarm).flatMap(({ kind, reason }) => (kind === "clip" ? [reason] : []));
  await expect.poll(() => [clips("a"), clips("b")], SOON).toEqual([["failed"], ["failed"]]);
  ingest.answer = (id) => (id.includes(".clip.") ? away : taken);
  raise("c", { raisedAt: time, receivedAt: time });
  desks[0]?.wake();
  await expect.poll(() => ingest.put.some((id) => id.startsWith("c.1.clip.")), SOON).toBe(true);
  time += PICTURE_WAIT_MS;
  desks[0]?.wake();
  await expect.poll(() => clips("c"), SOON).toEqual([]);
  expect(told("c")).toContain("taken");
});

test("a bundle plays its clip, and one that was exchanged is found", async () => {
  ingest.answer = (id) =>
    id.includes(".clip.") ? { ...taken, contentType: "video/mp4", recorder: "school/box-1/nvr" } : away;
  raise("a");
  start([withClips("one")]);
  await expect.poll(() => told("a"), SOON).toContain("taken");
  const chain = store.chainOf("a");
  const alarm = store.alarm("a");
  if (alarm === undefined) throw new Error("no alarm");
  const detail = { ...alarm, ...toldBy(chain), symptomIds: [] };
  const title = { zh: "第一小学", en: "No. 1" };
  const bundle = {
    hub: title,
    exportedAt: AT,
    exportedBy: "desk",
    alarm: detail,
    chain,
    head: store.chainHead(),
  };
  const file = sealed(bundle, signingKey(join(folder, "key")), new Map([[SHA, JPEG]]));
  expect(verifyBundle(file).problems).toEqual([]);
  expect(file).toContain(`src="data:video/mp4;base64,${JPEG.toString("base64")}"></video>`);
  expect(file).toContain("来自录像机 · from the recorder school/box-1/nvr");
  const other = Buffer.from(JPEG).fill(8, 100).toString("base64");
  expect(verifyBundle(file.replace(JPEG.toString("base64"), other)).problems).toEqual([
    `the picture ${SHA} is not the one that was taken`,
  ]);
  expect(verifyBundle(file.replace(/<video [^>]*><\/video>/, "")).problems).not.toEqual([]);
});

test("a desk that ends anywhere is taken over by the next, and nothing is doubled", async () => {
  ingest.isAway = true;
  raise("a");
  await start().stop();
  expect(pictureOf("a")?.state).toBe("wanted");
  ingest.isAway = false;
  const second = start();
  await expect.poll(() => pictureOf("a")?.state, SOON).toBe("asked");
  await second.stop();
  ingest.settle("a.1.snapshot.one", taken);
  start();
  await expect.poll(() => pictureOf("a")?.state, SOON).toBe("taken");
  await start().stop();
  expect([store.chainOf("a").length, ingest.requests.size]).toEqual([2, 1]);
});

test("a bundle has the picture on its page, and one that was exchanged or renamed is found", async () => {
  ingest.answer = () => taken;
  raise("a");
  start();
  await expect.poll(() => pictureOf("a")?.state, SOON).toBe("taken");
  const chain = store.chainOf("a");
  const alarm = store.alarm("a");
  if (alarm === undefined) throw new Error("no alarm");
  const detail = { ...alarm, ...toldBy(chain), symptomIds: [] };
  const contents = pictureContents(
    ingest as unknown as Parameters<typeof pictureContents>[0],
    store.pictures,
    log,
  );
  const hub = { zh: "第一小学", en: "No. 1" };
  const bundle = { hub, exportedAt: AT, exportedBy: "desk-1", alarm: detail, chain, head: store.chainHead() };
  const key = signingKey(join(folder, "key"));
  const file = sealed(bundle, key, await contents.of(detail.pictures, 1e6));
  expect(verifyBundle(file).problems).toEqual([]);
  expect(file).toContain(`src="data:image/jpeg;base64,${JPEG.toString("base64")}"`);
  expect(file).toContain("摄像机 one");

  const other = Buffer.from(JPEG).fill(8, 100);
  const exchanged = file.replace(JPEG.toString("base64"), other.toString("base64"));
  expect(verifyBundle(exchanged).problems).toEqual([`the picture ${SHA} is not the one that was taken`]);
  const sha = createHash("sha256").update(other).digest("hex");
  expect(verifyBundle(exchanged.replace(`picture-${SHA}`, `picture-${sha}`)).problems).not.toEqual([]);
  // Though it looks like the page of a hub that no longer has the picture.
  const facts = /<img [^>]*>(<figcaption>.*)<\/figcaption>/.exec(file)?.[1] ?? "";
  const removed = /<figcaption>(.*)<\/figcaption>/.exec(sealed(bundle, key))?.[1] ?? "";
  const without = file.replace(/<img [^>]*>/, "").replace(facts, `<figcaption>${removed}`);
  expect(verifyBundle(without).problems).toEqual(["a picture was taken out or put in"]);
  // Whose time is over is not on the page; its hash is, and the bundle holds.
  expect(verifyBundle(sealed(bundle, key)).problems).toEqual([]);
  expect(sealed(bundle, key)).toContain(SHA);
  expect((await contents.of(detail.pictures, 10)).size).toBe(0);
  // Its times are those of the school, wherever it is verified.
  expect(sealed(bundle, key)).toContain(" +08:00");
  const abroad = sealed({ ...bundle, timeZone: "Asia/Kathmandu" }, key);
  expect([verifyBundle(abroad).problems, abroad.includes(" +05:45"), abroad.includes(" +08:00")]).toEqual([
    [],
    true,
    false,
  ]);
});
