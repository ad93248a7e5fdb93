/** Pictures through a hub's ingest: asked over HTTP, sent over MQTT, acknowledged by the journal, kept outside of it. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJournalReader } from "@campus-ops/broker/journal";
import {
  PART_BYTES_MAX,
  PICTURE_FORMATS,
  type PictureKind,
  partMetric,
  partsOf,
  refusalMetric,
} from "@campus-ops/broker/sparkplug";
import { createLog, type Running } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeviceView, NodeView, PictureView } from "../api.ts";
import { startIngest } from "../hub-ingest.ts";
import { CAMPUS, devices, HOST, NODE, SITE } from "../testing/campus.ts";
import { type LoopbackBroker, startLoopbackBroker } from "../testing/loopback-broker.ts";
import { SmallEdge, type SmallEdgeOptions } from "../testing/small-edge.ts";
import { until } from "../testing/until.ts";

const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(3 * PART_BYTES_MAX, 7)]);
const SHA = createHash("sha256").update(JPEG).digest("hex");
/** Any device of the box will do as a camera: only the edge knows what takes pictures. */
const CAMERA = `${CAMPUS}/${NODE}/gate`;

let folder: string;
let broker: LoopbackBroker;
let ingest: Running;
let client: SocketClient;
let edge: SmallEdge | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "pictures-"));
  broker = await startLoopbackBroker();
  await startHub();
  client = socketClient(join(folder, "run/ingest.sock"));
});
afterEach(async () => {
  await edge?.end();
  edge = undefined;
  await client.close();
  await ingest.stop();
  await broker.stop();
  rmSync(folder, { recursive: true });
});

async function startHub(): Promise<void> {
  ingest = await startIngest({
    data: folder,
    socket: join(folder, "run/ingest.sock"),
    site: SITE,
    broker: { url: broker.url },
    hostId: HOST,
    retention: { journalDays: 30, journalBytes: 1e9 },
    log: createLog("ingest", "fatal"),
    now: Date.now,
    onFailure: (error) => {
      throw error;
    },
  });
}

async function startEdge(onPicture: NonNullable<SmallEdgeOptions["onPicture"]>): Promise<SmallEdge> {
  const started = new SmallEdge({
    url: broker.url,
    campus: CAMPUS,
    node: NODE,
    host: HOST,
    devices: devices(Date.now()),
    onPicture,
  });
  edge = started;
  await until(async () => (await get<DeviceView[]>(`/devices?campus=${CAMPUS}`)).length === 3);
  return started;
}

async function get<T>(path: string): Promise<T> {
  return (await (await client.fetch(path)).json()) as T;
}

async function ask(
  id: string,
  device = CAMERA,
  kind: PictureKind = "snapshot",
): Promise<{ status: number; body: PictureView }> {
  const response = await client.fetch(`/pictures/${id}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ device, kind, at: Date.now() }),
  });
  return { status: response.status, body: (await response.json()) as PictureView };
}

const partsFor = (request: string, contentType = "image/jpeg") =>
  partsOf({ request, sha256: SHA, contentType, takenAt: Date.now(), data: JPEG }).map(partMetric);

test("a picture that was asked for comes in parts, is whole, and its content is not in the journal", async () => {
  const small = await startEdge(({ id, kind }) => partsFor(id, PICTURE_FORMATS[kind].contentType));
  expect((await ask("a")).body).toMatchObject({ state: "asked", device: CAMERA });
  await until(async () => (await get<PictureView[]>("/pictures?after=0")).length === 1);
  expect(await get<PictureView>("/pictures/a")).toMatchObject({
    state: "taken",
    sha256: SHA,
    bytes: JPEG.length,
  });
  const content = await client.fetch("/pictures/a/content");
  expect(content.headers.get("content-type")).toBe("image/jpeg");
  expect(Buffer.from(await content.arrayBuffer())).toEqual(JPEG);
  await until(() => small.unacknowledged === 0);
  expect((await get<NodeView[]>(`/nodes?campus=${CAMPUS}`))[0]).toMatchObject({
    samples: { received: 4, lost: 0 },
  });

  const reader = openJournalReader(join(folder, "journal"));
  const entries = await reader.read(0, 1_000);
  await reader.close();
  const kept = entries.filter(({ kind }) => kind === "NDATA");
  expect(kept).toHaveLength(4);
  expect(Math.max(...kept.map(({ payload }) => payload.length))).toBeLessThan(500);
  // Asked once more, it is there.
  expect((await ask("a")).body.state).toBe("taken");

  // A clip takes the same road, and is what it is.
  await ask("b", CAMERA, "clip");
  await until(async () => (await get<PictureView>("/pictures/b")).state === "taken");
  const clip = await client.fetch("/pictures/b/content");
  expect(clip.headers.get("content-type")).toBe("video/mp4");
  expect(Buffer.from(await clip.arrayBuffer())).toEqual(JPEG);
});

test("half a picture waits for its other half over a restart of the hub, and is not asked for again", async () => {
  let asked = 0;
  const small = await startEdge(({ id }) => {
    asked += 1;
    return partsFor(id).slice(0, 2);
  });
  await ask("a");
  await until(() => small.unacknowledged === 0 && small.count === 2);
  await ingest.stop();
  await startHub();
  await until(async () => (await get<NodeView[]>(`/nodes?campus=${CAMPUS}`))[0]?.online === true);
  expect((await ask("a")).body.state).toBe("asked");
  for (const metric of partsFor("a").slice(2)) small.tell(metric);
  await until(async () => (await get<PictureView>("/pictures/a")).state === "taken");
  expect(asked).toBe(1);
});

test("no picture is an answer: from the edge, for a camera that is away, and for one that nobody knows", async () => {
  const small = await startEdge(({ id }) => [
    refusalMetric({ request: id, reason: "unsupported", detail: "takes no pictures", at: Date.now() }),
  ]);
  await ask("a");
  await until(async () => (await get<PictureView>("/pictures/a")).state === "refused");
  expect(await get<PictureView>("/pictures/a")).toMatchObject({
    reason: "unsupported",
    detail: "takes no pictures",
  });
  small.cut();
  await until(async () => (await get<DeviceView>(`/devices/${CAMERA}`)).health === "stale");
  const { since } = await get<DeviceView>(`/devices/${CAMERA}`);
  expect((await ask("b")).body).toMatchObject({ state: "refused", reason: "unreachable", since });
  expect((await ask("c", `${CAMPUS}/${NODE}/nobody`)).status).toBe(404);
  expect((await client.fetch("/pictures/b/content")).status).toBe(404);
  expect((await get<PictureView[]>("/pictures?after=1")).map(({ id }) => id)).toEqual(["b"]);
});
