import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { campusOpsHub } from "@campus-ops/device-profiles/profiles/hub/campus-ops";
import type { Reading, Rollup } from "@campus-ops/device-profiles/vocabulary";
import { listenOnSocket } from "@campus-ops/service";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeviceSession } from "./driver.ts";
import { readCursor, writeCursor } from "./local-hub/readings.ts";
import { localHubDriver } from "./local-hub.ts";

/** Answers as ingest and rules do, as far as this driver asks them. */
let run: string;
let servers: Server[];
let asked: string[];
let answers: Record<string, { readonly status?: number; readonly body: unknown }>;
const never = new AbortController().signal;
const NOW = 1_800_000_000_000;
const BUCKET = NOW - (NOW % 300_000);

async function serve(name: string): Promise<void> {
  const server = createServer((request, reply) => {
    void bodyOf(request).then((body) => {
      asked.push(`${name} ${request.method} ${request.url}${body}`);
      const path = (request.url ?? "").split("?")[0] ?? "";
      const { body: said, status = 200 } = answers[`${name} ${path}`] ?? {
        status: 404,
        body: "nothing there",
      };
      reply.writeHead(status).end(status === 204 ? undefined : JSON.stringify(said));
    });
  });
  servers.push(server);
  await listenOnSocket(server, join(run, `${name}.sock`));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? "" : ` ${text}`;
}

beforeEach(async () => {
  run = mkdtempSync(join(tmpdir(), "co-lh-"));
  servers = [];
  asked = [];
  answers = {
    "rules /telling/school/counts": { body: { standing: { "alarms.priority1": 2 }, buckets: [] } },
    "rules /telling/school/days": { body: { cursor: 0, days: [], isMore: false } },
    "ingest /telling/school": { body: { cursor: 41, standing: { "devices.registered": 7 }, buckets: [] } },
  };
  await serve("rules");
  await serve("ingest");
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(run, { recursive: true, force: true });
});

const open = (cursor?: string, now = () => NOW): Promise<DeviceSession> =>
  localHubDriver.open(
    { url: new URL(`local-hub://${pathToFileURL(run).pathname}?campus=school`) },
    campusOpsHub,
    { now, pseudonym: (text) => text, ...(cursor === undefined ? {} : { cursor }) },
    never,
  );
const poll = async (session: DeviceSession): Promise<Reading> => {
  const reading = await session.poll?.(never);
  if (reading === undefined) throw new Error("it cannot be polled");
  return reading;
};
const valueIn = ({ samples }: Reading, metric: string) =>
  samples.find((each) => each.metric === metric)?.value;

describe("the hub on this machine as a device", () => {
  test("tells how a campus stands, and of the five minutes that changed what happened; again only when that changes", async () => {
    const session = await open();
    const bucket = (granted: number) => ({ start: BUCKET, counts: { "access.granted": granted } });
    answers["ingest /telling/school"] = {
      body: { cursor: 42, standing: { "devices.registered": 7 }, buckets: [bucket(3)] },
    };
    answers["rules /telling/school/counts"] = {
      body: {
        standing: { "alarms.priority1": 2 },
        buckets: [{ start: BUCKET, counts: { "alarms.raised": 1 } }],
      },
    };
    const first = await poll(session);
    const told = (metric: string) => [valueIn(first, `Rollup/${metric}`)];
    expect([
      ...told("DevicesRegistered"),
      ...told("AlarmsPriority1"),
      ...told("AccessGranted"),
      ...told("AlarmsRaised"),
    ]).toEqual([7, 2, 3, 1]);
    expect(first.samples.find(({ metric }) => metric === "Rollup/AccessGranted")?.eventTime).toBe(BUCKET);
    expect(first.cursor).toBe("0 42");
    expect(valueIn(await poll(session), "Rollup/AccessGranted")).toBeUndefined();
    expect(asked.at(-2)).toBe("ingest GET /telling/school?after=42");
    answers["ingest /telling/school"] = { body: { cursor: 43, standing: {}, buckets: [bucket(4)] } };
    expect(valueIn(await poll(session), "Rollup/AccessGranted")).toBe(4);
  });

  test("of an open bucket what has happened is told at once, and what runs with the clock once a minute whatever happens", async () => {
    let now = BUCKET + 1_000;
    const session = await open(undefined, () => now);
    const said = async (after_ms: number, counts: Rollup): Promise<readonly string[]> => {
      now = BUCKET + after_ms;
      answers["ingest /telling/school"] = {
        body: { cursor: after_ms, standing: {}, buckets: [{ start: BUCKET, counts }] },
      };
      const { samples } = await poll(session);
      return samples.filter(({ eventTime }) => eventTime === BUCKET).map(({ metric }) => metric);
    };
    expect(await said(1_000, { "samples.received": 40 })).toHaveLength(9);
    expect(await said(6_000, { "samples.received": 240 })).toEqual([]);
    expect(await said(11_000, { "samples.received": 440, "access.refused": 1 })).toEqual([
      "Rollup/AccessRefused",
    ]);
    expect(await said(60_999, { "samples.received": 2_400, "access.refused": 1 })).toEqual([]);
    expect(await said(61_000, { "samples.received": 2_440, "access.refused": 2 })).toEqual([
      "Rollup/AccessRefused",
      "Rollup/SamplesReceived",
    ]);
    expect(await said(66_000, { "samples.received": 2_600, "access.refused": 2 })).toEqual([]);
    // It closes with what was held back.
    expect(await said(300_000, { "samples.received": 12_000, "access.refused": 2 })).toEqual([
      "Rollup/SamplesReceived",
    ]);
    expect(await said(305_000, { "samples.received": 12_001, "access.refused": 2 })).toEqual([
      "Rollup/SamplesReceived",
    ]);
  });

  test("says of a campus that is cut off itself how it was last known", async () => {
    answers["ingest /telling/school"] = { body: { cursor: 1, standing: {}, lastKnown: 77, buckets: [] } };
    const { samples } = await poll(await open());
    expect(samples.find(({ metric }) => metric === "Rollup/DevicesWorking")).toMatchObject({
      eventTime: 77,
      quality: { status: "uncertain", reason: "unreachable" },
    });
  });

  test("hands alarms over with the place they were read to, and again from there when they could not be kept", async () => {
    const alarm = { id: "a.9", at: NOW, fields: { alarm: "a", secret: "nobody asked", facts: "{}" } };
    answers["rules /telling/school"] = { body: { cursor: 9, alarms: [alarm] } };
    const session = await open("5 40");
    const ending = new AbortController();
    const taken: Reading[] = [];
    const subscription = session.subscribe?.((reading, settled) => {
      taken.push(reading);
      settled?.(taken.length > 1);
      if (taken.length > 1) ending.abort();
    }, ending.signal);
    await subscription?.catch(() => undefined);
    expect(taken.map(({ cursor }) => cursor)).toEqual(["9 40", "9 40"]);
    expect(asked.filter((each) => each.includes("wait_ms")).slice(0, 2)).toEqual(
      Array(2).fill("rules GET /telling/school?after=5&wait_ms=20000"),
    );
    const fields = new Map(Object.entries(taken[0]?.events[0]?.fields ?? {}));
    expect([fields.get("alarm"), fields.has("secret"), fields.get("instance")]).toEqual(["a", false, null]);
  });

  test("tells days as sums between the alarms, and nothing that the dictionary has not", async () => {
    const day = (n: number, event = "HubDay/Use") => ({
      event,
      id: `school.${n}`,
      at: NOW,
      fields: { day: BUCKET, kind: "maker", used: n, person: "somebody" },
    });
    answers["rules /telling/school"] = { body: { cursor: 5, alarms: [] } };
    answers["rules /telling/school/days"] = {
      body: { cursor: 9, days: [day(8), day(9), day(9, "HubDay/Persons")], isMore: true },
    };
    const session = await open("5 40 d7");
    const ending = new AbortController();
    const taken: Reading[] = [];
    const subscription = session.subscribe?.((reading, settled) => {
      taken.push(reading);
      settled?.(taken.length > 1);
      if (taken.length > 2) ending.abort();
    }, ending.signal);
    await subscription?.catch(() => undefined);
    expect(asked.filter((each) => each.includes("/days")).slice(0, 3)).toEqual(
      [7, 7, 9].map((after) => `rules GET /telling/school/days?after=${after}`),
    );
    // More are waiting: no alarm is waited for meanwhile.
    expect(asked.filter((each) => each.includes("wait_ms")).at(-1)).toContain("wait_ms=0");
    expect(taken[1]?.cursor).toBe("5 40 d9");
    expect(taken[1]?.events.map(({ event, id }) => [event, id])).toEqual([
      ["HubDay/Use", "school.8"],
      ["HubDay/Use", "school.9"],
    ]);
    expect(taken[1]?.events[0]?.fields).toMatchObject({ used: 8, kind: "maker", day: BUCKET });
    expect(taken[1]?.events[0]?.fields).not.toHaveProperty("person");
  });

  test("takes what was done above, and shows it when the hub has it", async () => {
    const session = await open();
    answers["rules /facts"] = { status: 204, body: undefined };
    await session.write?.("HubAlarm/Heard", "{facts}", never);
    expect(asked.at(-1)).toBe('rules POST /facts {"facts":"{facts}"}');
    expect(valueIn(await poll(session), "HubAlarm/Heard")).toBe("{facts}");
    answers["rules /facts"] = { status: 404, body: "no such alarm" };
    await expect(session.write?.("HubAlarm/Heard", "{others}", never)).rejects.toMatchObject({
      kind: "device-exception",
    });
    await expect(session.write?.("Door/Lock", true, never)).rejects.toMatchObject({ kind: "unsupported" });
    expect(valueIn(await poll(session), "HubAlarm/Heard")).toBe("{facts}");
  });

  test("cannot be reached while its rules or its ingest are away", async () => {
    const session = await open();
    rmSync(join(run, "ingest.sock"));
    await expect(poll(session)).rejects.toMatchObject({ kind: "unreachable", retry: true });
    answers["rules /telling/school/counts"] = { body: "soon", status: 503 };
    await expect(open()).rejects.toMatchObject({ kind: "device-exception", retry: true });
  });
});

test("a cursor is read as it was written, and another version's counts for nothing", () => {
  expect(readCursor(writeCursor({ alarms: 3, counts: 8 }))).toEqual({ alarms: 3, counts: 8 });
  expect(readCursor(writeCursor({ alarms: 3 }))).toEqual({ alarms: 3 });
  expect(readCursor(writeCursor({ alarms: 3, days: 5 }))).toEqual({ alarms: 3, days: 5 });
  expect(readCursor(writeCursor({ alarms: 3, counts: 8, days: 5 }))).toEqual({
    alarms: 3,
    counts: 8,
    days: 5,
  });
  for (const other of [undefined, "", "7,8", "-1 2", "1 2 3"])
    expect(readCursor(other)).toEqual({ alarms: 0 });
});
