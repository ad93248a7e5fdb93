import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJournalReader } from "@campus-ops/broker/journal";
import { GOOD } from "@campus-ops/device-profiles/vocabulary";
import { createLog, type Running } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CampusRollup, CommandView, DeviceView, NodeView, QueryResult } from "./api.ts";
import { type IngestOptions, startIngest } from "./hub-ingest.ts";
import { CAMPUS, devices, HOST, NODE, SITE, sample, swipe } from "./testing/campus.ts";
import { type LoopbackBroker, startLoopbackBroker } from "./testing/loopback-broker.ts";
import { SmallEdge, type SmallEdgeOptions } from "./testing/small-edge.ts";
import { until } from "./testing/until.ts";

const HOUR = 3_600_000;
const start = Math.floor(Date.now() / HOUR) * HOUR - HOUR;

let folder: string;
let broker: LoopbackBroker;
let ingest: Running;
let client: SocketClient;
let edges: SmallEdge[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "ingest-"));
  broker = await startLoopbackBroker();
  ingest = await startHub();
  client = socketClient(join(folder, "run/ingest.sock"));
  edges = [];
});

afterEach(async () => {
  await Promise.all(edges.map((edge) => edge.end()));
  await client.close();
  await ingest.stop();
  await broker.stop();
  rmSync(folder, { recursive: true });
});

function startHub(more: Partial<IngestOptions> = {}): Promise<Running> {
  return startIngest({
    ...more,
    data: folder,
    socket: join(folder, "run/ingest.sock"),
    site: SITE,
    broker: { url: broker.url },
    hostId: HOST,
    retention: { journalDays: 30, journalBytes: 1e9, pointDays: 30 },
    log: createLog("ingest", "fatal"),
    now: Date.now,
    onFailure: (error) => {
      throw error;
    },
  });
}

function startEdge(more: Partial<SmallEdgeOptions> = {}): SmallEdge {
  const edge = new SmallEdge({
    url: broker.url,
    campus: CAMPUS,
    node: NODE,
    host: HOST,
    devices: devices(start),
    ...more,
  });
  edges.push(edge);
  return edge;
}

async function get<T>(path: string): Promise<T> {
  const response = await client.fetch(path);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

async function post<T>(path: string, body: unknown): Promise<{ status: number; body: T }> {
  const response = await client.fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as T };
}

const device = (id: string) => get<DeviceView>(`/devices/${CAMPUS}/${NODE}/${id}`);
const registered = () =>
  until(async () => (await get<DeviceView[]>(`/devices?campus=${CAMPUS}`)).length === 3);
const metricOf = ({ metrics }: DeviceView, name: string) =>
  metrics.find((metric) => metric.name === name)?.value;

test("what a device reports is acknowledged, and found in the registry, in the store and in the roll-up", async () => {
  const edge = startEdge();
  await registered();
  edge.report("air", [
    sample("Environment/Temperature", 21, start + 1_000),
    sample("Environment/CO2", 600, start + 1_000),
  ]);
  edge.report("air", [sample("Environment/Temperature", 23, start + 2_000)]);
  edge.report(
    "gate",
    [],
    [swipe(1, "granted", start), swipe(2, "refused", start), swipe(3, "granted", start + 600_000)],
  );
  edge.report("projector", [sample("Projector/Power", "on", start + 60_000)]);
  edge.report("projector", [
    sample("Projector/Power", "off", start + 180_000),
    sample("Projector/Fan", "error", start + 180_000),
  ]);
  await until(() => edge.unacknowledged === 0);
  await until(async () => metricOf(await device("projector"), "Projector/Power") === "off");

  expect(metricOf(await device("air"), "Environment/Temperature")).toBe(23);
  expect(await device("air")).toMatchObject({
    health: "working",
    title: { zh: "空气" },
    class: "environment-sensor",
  });
  expect(await device("projector")).toMatchObject({ health: "faulty" });
  const [node] = await get<NodeView[]>(`/nodes?campus=${CAMPUS}`);
  expect(node).toMatchObject({
    key: "qiyun-no1/box-1",
    online: true,
    samples: { expected: 9, received: 9, lost: 0 },
  });

  const query = { metric: "Environment/Temperature", from: start, to: start + HOUR, scope: "990100" };
  const points = [
    [start, 20],
    [start + 1_000, 21],
    [start + 2_000, 23],
  ];
  await until(async () => (await post<QueryResult>("/query", query)).body.series[0]?.points.length === 3);
  expect((await post<QueryResult>("/query", query)).body.series).toEqual([
    { key: "qiyun-no1/box-1/air", points },
  ]);
  const max = { ...query, step_ms: HOUR, aggregation: "max", groupBy: "county" };
  expect((await post<QueryResult>("/query", max)).body.series).toEqual([
    { key: "990100/990102", points: [[start, 23]] },
  ]);
  expect((await post<QueryResult>("/query", { ...query, scope: "990199" })).body.series).toEqual([]);

  const rollups = await get<CampusRollup[]>(`/rollups?from=${start}&to=${start + 300_000}`);
  const rollup = rollups.find(({ campus }) => campus === CAMPUS);
  expect(rollup).toMatchObject({
    campus: CAMPUS,
    path: "990100/990102/qiyun-no1",
    counts: {
      "devices.registered": 3,
      "devices.working": 2,
      "devices.faulty": 1,
      "nodes.online": 1,
      "access.granted": 1,
      "access.refused": 1,
      "projector.onSeconds": 120,
      "samples.received": 8,
      "samples.expected": 8,
    },
  });
});

test("a duplicate is acknowledged again and counted once; a gap shows as missing", async () => {
  const edge = startEdge();
  await registered();
  edge.report("air", [sample("Environment/Temperature", 1, start)]);
  edge.giveUp(4);
  edge.report("air", [sample("Environment/Temperature", 2, start + 1)]);
  await until(() => edge.unacknowledged === 0);
  const again = startEdge({ node: NODE });
  again.report("air", [sample("Environment/Temperature", 1, start)]);
  await until(() => again.unacknowledged === 0);
  await until(async () => (await get<NodeView[]>(`/nodes?campus=${CAMPUS}`))[0]?.samples.received === 2);
  expect((await get<NodeView[]>(`/nodes?campus=${CAMPUS}`))[0]?.samples).toEqual({
    expected: 6,
    received: 2,
    lost: 0,
  });
  const metrics = await (await client.fetch("/metrics")).text();
  expect(metrics).toMatch(/campus_ops_ingest_duplicates_total\{[^}]*\} [1-9]/);
});

test("a payload that is no Sparkplug B is counted and set aside, and nobody else suffers", async () => {
  const edge = startEdge();
  await registered();
  edge.publishRaw(`spBv1.0/${CAMPUS}/DDATA/${NODE}/gate`, new Uint8Array([255, 255, 255, 255, 255]));
  edge.publishRaw("spBv1.0/other/NBIRTH/box", new Uint8Array([8]));
  edge.report("gate", [sample("Door/Open", true, start)]);
  await until(() => edge.unacknowledged === 0);
  await until(async () => metricOf(await device("gate"), "Door/Open") === true);
  expect(await (await client.fetch("/metrics")).text()).toMatch(
    /campus_ops_ingest_malformed_total\{[^}]*\} 2/,
  );
  expect(readdirSync(join(folder, "quarantine"))).toHaveLength(2);
});

test("a box that dies leaves its devices stale, and a new birth brings them back", async () => {
  const edge = startEdge();
  await registered();
  edge.cut();
  await until(async () => (await device("gate")).health === "stale");
  expect((await get<NodeView[]>(`/nodes?campus=${CAMPUS}`))[0]?.online).toBe(false);
  startEdge();
  await until(async () => (await device("gate")).health === "working");
});

test("a command is sent, settled by the device's result, and refused when it makes no sense", async () => {
  const edge: SmallEdge = startEdge({
    onCommand: (id, { id: command = "", metric, value }) => {
      const fields = { command, metric, state: "confirmed", detail: null };
      const result = { event: "Command/Result", id: command, eventTime: start, quality: GOOD, fields };
      edge.report(id, [sample(metric, value, start + 5)], [result]);
    },
  });
  await registered();
  const unlock = { device: `${CAMPUS}/${NODE}/gate`, metric: "Door/Unlocked", value: true, by: "duty" };
  const { status, body } = await post<CommandView>("/commands", unlock);
  expect(status).toBe(202);
  expect(body).toMatchObject({ ...unlock, state: "requested" });
  await until(async () => (await get<CommandView>(`/commands/${body.id}`)).state === "confirmed");
  expect(metricOf(await device("gate"), "Door/Unlocked")).toBe(true);

  expect((await post("/commands", { ...unlock, metric: "Door/Open" })).status).toBe(400);
  expect((await post("/commands", { ...unlock, value: "yes" })).status).toBe(400);
  expect((await post("/commands", { ...unlock, device: "a/b/c" })).status).toBe(404);
  const search = { ...unlock, device: `${CAMPUS}/${NODE}`, metric: "Discovery/Search", value: "{}" };
  expect(await post("/commands", search)).toMatchObject({
    status: 400,
    body: { detail: `the edge box ${CAMPUS}/${NODE} takes no Discovery/Search` },
  });
  edge.cut();
  await until(async () => (await device("gate")).health === "stale");
  expect((await post("/commands", unlock)).status).toBe(409);
});

test("the stream tells what changes, and a client that comes back is sent what it missed", async () => {
  const edge = startEdge();
  await registered();
  const first = await openStream("/stream?after=0");
  await first.has(
    (text) => text.includes('"device":"gate"') && text.includes("event: node") && text.includes("id: "),
  );
  edge.report("gate", [sample("Door/Open", true, start)]);
  await first.has((text) => /"name":"Door\/Open","value":true/.test(text));
  const cursor = Number([...first.text().matchAll(/^id: (\d+)$/gm)].at(-1)?.[1]);
  first.close();
  edge.report("air", [sample("Environment/CO2", 777, start)]);
  await until(async () => metricOf(await device("air"), "Environment/CO2") === 777);
  const second = await openStream(`/stream?after=${cursor}`);
  await second.has((text) => text.includes("777"));
  expect(second.text()).not.toContain('"device":"projector"');
  second.close();
  const fromNow = await openStream("/stream");
  // What has just changed may follow in the same piece: changes are gathered before they are sent.
  await fromNow.has((text) => /^id: \d+\n\n/.test(text));
  expect(fromNow.text()).not.toContain('"device":"projector"');
  fromNow.close();
});

test("a broker that is started again loses nothing", async () => {
  const edge = startEdge();
  await registered();
  const { port } = broker;
  await broker.stop();
  for (let index = 1; index <= 20; index += 1)
    edge.report("air", [sample("Environment/CO2", 400 + index, start + index)]);
  broker = await startLoopbackBroker(port);
  await until(() => edge.unacknowledged === 0);
  await until(async () => (await get<NodeView[]>(`/nodes?campus=${CAMPUS}`))[0]?.samples.received === 20);
});

test("ingest that starts before its broker finds it when it is there, and says so meanwhile", async () => {
  const { port } = broker;
  await broker.stop();
  await until(async () => (await client.fetch("/healthz")).status === 503);
  await ingest.stop();
  ingest = await startHub();
  expect((await client.fetch("/healthz")).status).toBe(503);
  broker = await startLoopbackBroker(port);
  await until(async () => (await client.fetch("/healthz")).status === 200);
  startEdge();
  await registered();
});

test("a node that died while no host listened is recorded as gone when it stays silent", async () => {
  const edge = startEdge();
  await registered();
  await ingest.stop();
  edge.cut();
  ingest = await startHub({ silence_ms: 200 });
  expect((await get<NodeView[]>(`/nodes?campus=${CAMPUS}`))[0]?.online).toBe(true);
  await until(async () => !(await get<NodeView[]>(`/nodes?campus=${CAMPUS}`))[0]?.online);
  expect((await device("gate")).health).toBe("stale");
});

test("requests that make no sense are answered with problems", async () => {
  for (const path of ["/nothing", `/devices/${CAMPUS}/${NODE}/nobody`, "/commands/none"]) {
    const response = await client.fetch(path);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
  }
  expect((await post("/query", { metric: "a/b", from: 5, to: 4 })).status).toBe(400);
  expect((await post("/query", { metric: "a/b", from: 5, to: 9, limit: 1_000_000 })).status).toBe(400);
  expect((await client.fetch("/rollups?from=1&to=x")).status).toBe(400);
});

async function openStream(path: string) {
  const stop = new AbortController();
  const response = await client.fetch(path, { signal: stop.signal });
  let text = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? [])
      text += decoder.decode(chunk as Uint8Array, { stream: true });
  })().catch(() => undefined);
  return {
    text: () => text,
    has: (question: (text: string) => boolean) => until(() => question(text)),
    close: () => {
      stop.abort();
      return reading;
    },
  };
}

test("who waits for a moment is told it by the journal, before the clock that ticks by itself", async () => {
  const reader = openJournalReader(join(folder, "journal"));
  const clocks = async (after: number) =>
    (await reader.read(0, 1_000)).filter(({ kind, receivedAt }) => kind === "CLOCK" && receivedAt > after);
  // A machine that was busy just then gets another second.
  await until(async () => {
    const [last] = (await clocks(0)).slice(-1);
    if (last === undefined) return false;
    const at = last.receivedAt + 300;
    const answer = await client.fetch("/clock", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ at }),
    });
    expect(answer.status).toBe(204);
    await until(async () => (await clocks(last.receivedAt)).length > 0);
    const [next] = await clocks(last.receivedAt);
    return next !== undefined && next.receivedAt >= at && next.receivedAt < last.receivedAt + 1_000;
  });
  reader.close();
});
