import { connect } from "node:net";
import { genericVisitorWebhook } from "@campus-ops/device-profiles/profiles/visitor-terminal/generic-webhook";
import type { WebhookProfile } from "@campus-ops/device-profiles/profiles/webhook-profile";
import {
  type SimulatedDevice,
  type SimulatorOptions,
  startSimulator,
} from "@campus-ops/device-profiles/simulator";
import { freePort } from "@campus-ops/device-profiles/simulator/calling-client";
import type { Reading } from "@campus-ops/device-profiles/vocabulary";
import { soon } from "@campus-ops/service/testing/soon";
import { afterEach, describe, expect, test, vi } from "vitest";
import { FollowedSession, patience, TEST_ENVIRONMENT } from "../testing/followed-session.ts";
import { signatureOf } from "./webhook/authentication.ts";
import { BODY_BYTES_MAX, CONNECTIONS_MAX, Hook, POSTS_PER_S_MAX } from "./webhook/server.ts";
import { createWebhookDriver } from "./webhook.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const SECRET = "of the visitor system";
const driver = createWebhookDriver(0);

async function start(options: SimulatorOptions = {}): Promise<SimulatedDevice> {
  const device = await startSimulator(genericVisitorWebhook, { secret: SECRET, ...options });
  cleanups.push(() => device.close());
  return device;
}

async function follow(
  url: string,
  profile: WebhookProfile = genericVisitorWebhook,
): Promise<FollowedSession> {
  const followed = await FollowedSession.open(driver, profile, url, { secret: SECRET });
  cleanups.push(() => followed.close());
  return followed;
}

const place = async (): Promise<string> => `webhook://127.0.0.1:${await freePort()}/hooks/visitors`;

interface Post {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly path?: string;
}

async function post(
  url: string,
  { body = "[]", headers, method = "POST", path }: Post = {},
): Promise<number> {
  const { host, pathname } = new URL(url);
  const answer = await fetch(`http://${host}${path ?? pathname}`, {
    method,
    headers: headers ?? { authorization: `Bearer ${SECRET}` },
    ...(method === "GET" ? {} : { body }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** What is posted again is posted as it was. */
const ARRIVED_AT = new Date().toISOString();

const arrival = (id: string, more: object = {}): string =>
  JSON.stringify({
    type: "arrival",
    id,
    time: ARRIVED_AT,
    visit: `v-${id}`,
    card: "04A1B2C3",
    zones: "a,b",
    ...more,
  });

describe("a visitor system that posts", () => {
  test("tells who comes and goes; a card's number stays on the box", async () => {
    const system = await start();
    const followed = await follow(system.url);
    const until = Date.UTC(2026, 8, 1, 10);
    system.raise("Visitor/Arrival", { visit: "2026-0001", credential: "04A1B2C3", until, zones: "lobby" });
    system.raise("Visitor/Departure", { visit: "2026-0001" });
    await soon(() => expect(followed.events).toHaveLength(2));
    expect(followed.events).toMatchObject([
      {
        event: "Visitor/Arrival",
        quality: { status: "good" },
        fields: { visit: "2026-0001", credential: "pseudonym of 04A1B2C3", until, zones: "lobby" },
      },
      { event: "Visitor/Departure", fields: { visit: "2026-0001" } },
    ]);
  });

  test("is told 202 when it is on the disk, and to come again when it is not", async () => {
    const url = await place();
    const followed = await follow(url);
    followed.keep = false;
    expect(await post(url, { body: arrival("1") })).toBe(503);
    followed.keep = true;
    expect(await post(url, { body: arrival("1") })).toBe(202);
    expect(followed.events.map(({ id }) => id)).toEqual([`1 ${ARRIVED_AT}`]);
  });

  test("waits for the disk; the same record posted meanwhile has the same fate and is told once", async () => {
    const url = await place();
    const session = await driver.open(
      { url: new URL(url), secret: SECRET },
      genericVisitorWebhook,
      TEST_ENVIRONMENT,
      patience(),
    );
    const ending = new AbortController();
    cleanups.push(async () => {
      ending.abort();
      await session.close();
    });
    const readings: Reading[] = [];
    const onDisk = Promise.withResolvers<boolean>();
    const ended = session.subscribe?.((reading, settled) => {
      readings.push(reading);
      void (reading.events.length > 0 ? onDisk.promise : Promise.resolve(true)).then(settled);
    }, ending.signal);
    const answers = [post(url, { body: arrival("7") }), post(url, { body: arrival("7") })];
    await soon(() => expect(readings).toHaveLength(2));
    const early = await Promise.race([...answers, new Promise((resolve) => setImmediate(resolve, "waits"))]);
    expect(early).toBe("waits");
    onDisk.resolve(true);
    expect(await Promise.all(answers)).toEqual([202, 202]);
    expect(readings.flatMap(({ events }) => events)).toHaveLength(1);
    ending.abort();
    await ended;
  });

  test("calls while no session is open: one is wanted at once, and the post waits for it", async () => {
    const url = await place();
    const lingering = createWebhookDriver(60_000);
    const onCall = vi.fn();
    const environment = { ...TEST_ENVIRONMENT, onCall };
    const target = { url: new URL(url), secret: SECRET };
    await (await lingering.open(target, genericVisitorWebhook, environment, patience())).close();
    const answer = post(url, { body: arrival("9") });
    await soon(() => expect(onCall).toHaveBeenCalled());
    const followed = await FollowedSession.open(lingering, genericVisitorWebhook, url, { secret: SECRET });
    cleanups.push(() => followed.close());
    expect(await answer).toBe(202);
    expect(followed.events).toHaveLength(1);
  });

  test("may sign what it posts, so that the secret never travels", async () => {
    const url = await place();
    await follow(url);
    const body = arrival("1");
    const signed = (text: string) => ({ "x-signature": signatureOf(Buffer.from(text), SECRET) });
    expect(await post(url, { body, headers: signed(body) })).toBe(202);
    expect(await post(url, { body: arrival("2"), headers: signed(body) })).toBe(401);
  });

  test("that was set up anew and counts from the beginning tells other things under its old numbers", async () => {
    const system = await start();
    const followed = await follow(system.url);
    system.raise("Visitor/Departure", { visit: "1" });
    await soon(() => expect(followed.events).toHaveLength(1));
    await system.fault("counter-reset");
    system.raise("Visitor/Departure", { visit: "2" });
    await soon(() => expect(followed.events).toHaveLength(2));
    const [before, after] = followed.events;
    expect([before?.id, after?.id]).toEqual([expect.stringMatching(/^1 /), expect.stringMatching(/^1 /)]);
    expect(after?.id).not.toBe(before?.id);
  });

  test("that posts nothing for too long is gone", async () => {
    const followed = await follow(await place(), { ...genericVisitorWebhook, silenceMax_ms: 40 });
    await expect(followed.ended).rejects.toMatchObject({ kind: "timeout", retry: true, conclusive: true });
  });

  test.each([
    ["clock-1970", "device-clock"],
    ["clock-ahead", "device-clock"],
    ["local-time", "device-clock"],
  ] as const)("with %s is told at the time of its receipt, as %s", async (fault, reason) => {
    const system = await start();
    const followed = await follow(system.url);
    await system.fault(fault);
    system.raise("Visitor/Departure", { visit: "1" });
    await soon(() => expect(followed.events).toMatchObject([{ quality: { status: "uncertain", reason } }]));
    expect(Math.abs((followed.events[0]?.eventTime ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test("in GB18030, called UTF-8, is understood", async () => {
    const system = await start();
    const followed = await follow(system.url);
    await system.fault("mislabelled-text");
    system.raise("Visitor/Arrival", { visit: "1", zones: "教学楼，实验楼" });
    await soon(() => expect(followed.events[0]?.fields.zones).toBe("教学楼，实验楼"));
  });

  test("that repeats itself keeps each record's identity", async () => {
    const system = await start();
    const followed = await follow(system.url);
    await system.fault("storm");
    system.raise("Visitor/Departure", { visit: "1" });
    await soon(() => expect(followed.events.length).toBeGreaterThan(1));
    expect(new Set(followed.events.map(({ id }) => id)).size).toBe(1);
  });

  test("that sends what is no JSON, or no record, is told so and counted", async () => {
    const url = await place();
    const followed = await follow(url);
    for (const body of ["", "{", "7", `["a"]`, `"text"`]) expect(await post(url, { body })).toBe(400);
    expect(await post(url, { body: `{"type":"nothing we know"}` })).toBe(202);
    expect(followed.latest("Connectivity/Malformed")).toBe(6);
    expect(followed.events).toEqual([]);
  });
});

describe("at a port that anybody can call", () => {
  test("a wrong secret, path, method and size are each refused", async () => {
    const url = await place();
    const followed = await follow(url);
    expect(await post(url, { headers: { authorization: "Bearer guessed" } })).toBe(401);
    expect(await post(url, { headers: {} })).toBe(401);
    expect(await post(url, { path: "/hooks/another-campus" })).toBe(404);
    expect(await post(url, { method: "GET" })).toBe(405);
    expect(await post(url, { body: "x".repeat(BODY_BYTES_MAX + 1) })).toBe(413);
    expect(await post(url)).toBe(202);
    expect(followed.latest("Connectivity/RefusedCalls")).toBe(2);
    expect(followed.latest("Connectivity/UnknownCallers")).toBe(1);
  });

  test("more posts a second than anybody needs are turned away, and the next second's are not", async () => {
    const url = await place();
    await follow(url);
    // All at once; a machine that takes longer than a second for them is asked again.
    const burst = () => Promise.all(Array.from({ length: POSTS_PER_S_MAX * 3 }, () => post(url)));
    await soon(async () => expect(await burst()).toEqual(expect.arrayContaining([202, 429])));
    await soon(async () => expect(await post(url)).toBe(202));
  });

  test("so many a second of one system, and as many in the next", () => {
    const hook = new Hook("secret", () => undefined);
    const admitted = (now_ms: number): number =>
      Array.from({ length: POSTS_PER_S_MAX * 2 }, () => hook.admits(now_ms)).filter(Boolean).length;
    expect(admitted(5_000)).toBe(POSTS_PER_S_MAX);
    expect(admitted(5_999)).toBe(0);
    expect(admitted(6_000)).toBe(POSTS_PER_S_MAX);
  });

  test("a thousand connections that say nothing, or speak another protocol, keep no system out", async () => {
    const url = await place();
    const followed = await follow(url);
    const crowd = Array.from({ length: 1_000 }, (_, count) => {
      const socket = connect(Number(new URL(url).port), "127.0.0.1");
      cleanups.push(() => void socket.destroy());
      socket.on("error", () => undefined);
      socket.resume();
      if (count % 2 === 0) socket.write("\u0000\u0001 no HTTP\r\n\r\n");
      return socket;
    });
    await soon(() =>
      expect(crowd.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(CONNECTIONS_MAX),
    );
    expect(await post(url)).toBe(202);
    expect(followed.latest("Connectivity/UnknownCallers")).toBeGreaterThan(0);
  });

  test("a port without a secret is not opened, nor one that is none", async () => {
    const open = (url: string, secret?: string) =>
      driver.open(
        { url: new URL(url), ...(secret === undefined ? {} : { secret }) },
        genericVisitorWebhook,
        TEST_ENVIRONMENT,
        patience(),
      );
    await expect(open(await place())).rejects.toMatchObject({ kind: "unsupported", retry: false });
    await expect(open("webhook://127.0.0.1:1", "s")).rejects.toMatchObject({ kind: "unsupported" });
  });
});
