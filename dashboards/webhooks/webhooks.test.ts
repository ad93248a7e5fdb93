/** A receiver of its own, which is away, refuses and comes back; what is signed is checked by its own arithmetic. */
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "@campus-ops/service";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ALARM } from "../api/testing/world.ts";
import { KEPT_MS, nextAttempt, verdictOf } from "./core/attempts.ts";
import { reaching } from "./reach.ts";
import { WebhookSender } from "./sender.ts";
import { DELIVERIES_KEPT_MAX, WAITING_MAX, WebhookStore } from "./webhook-store.ts";

const EAST = "990100/990102";
const SECRET = "whsec_of-nobody";

let folder: string;
let store: WebhookStore;
let now: number;
const closing: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "webhooks-"));
  now = 1_000_000;
  store = new WebhookStore(join(folder, "webhooks.sqlite"));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  store.close();
  rmSync(folder, { recursive: true });
});

const alarm = (path: string, comment: string) =>
  JSON.stringify({ ...ALARM, device: { ...ALARM.device, path }, instance: comment });

function sending(allowed: readonly string[] = ["127.0.0.1"]): WebhookSender {
  const log = createLog("test", "silent");
  const mayReach = reaching(allowed);
  const sender = new WebhookSender({ store, source: "campus-ops/990100", mayReach, now: () => now, log });
  closing.push(() => sender.stop());
  return sender;
}

/** Answers with the statuses in turn, then 204. */
async function receiver(statuses: readonly number[] = []) {
  const answers = [...statuses];
  const got: {
    readonly headers: IncomingMessage["headers"];
    readonly body: string;
    readonly status: number;
  }[] = [];
  let told = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const status = answers.shift() ?? 204;
    got.push({ headers: request.headers, body, status });
    response.writeHead(status, { location: "/elsewhere" }).end();
    told.resolve();
    told = Promise.withResolvers();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const until = async (count: number): Promise<void> => {
    while (got.length < count) await told.promise;
  };
  return { got, until, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

const settled = async (waiting: number): Promise<void> => {
  await expect.poll(() => store.views()[0]?.waiting, { timeout: 10_000 }).toBe(waiting);
};

test("each transition of its place arrives once, in order, as a signed CloudEvent, through refusals that pass", async () => {
  const { got, until, url } = await receiver([503, 429]);
  store.add({ name: "bureau", url, path: EAST }, SECRET, "admin", now);
  const sender = sending();
  sender.take("alarm", alarm(`${EAST}/first/a`, "one"), "7");
  sender.take("alarm", alarm("990100/990121/third", "elsewhere"), "8");
  sender.take("flood", "{}", undefined);
  sender.take("alarm", alarm(`${EAST}/first/a`, "two"), "9");
  for (const attempt of [1, 2]) {
    await until(attempt);
    await expect.poll(() => store.first(1)?.attempts, { timeout: 10_000 }).toBe(attempt);
    now += 3_600_000;
    sender.send();
  }
  await until(4);
  await settled(0);
  expect(got.map(({ headers, status }) => [headers["webhook-id"], status])).toEqual([
    ["alarm-7", 503],
    ["alarm-7", 429],
    ["alarm-7", 204],
    ["alarm-9", 204],
  ]);
  const [, , third] = got;
  const at = third?.headers["webhook-timestamp"];
  const mac = createHmac("sha256", SECRET).update(`alarm-7.${at}.${third?.body}`).digest("base64");
  expect(third?.headers["webhook-signature"]).toBe(`v1,${mac}`);
  expect(JSON.parse(third?.body ?? "")).toMatchObject({
    specversion: "1.0",
    id: "alarm-7",
    type: "campus-ops.alarm.unacknowledged.v1",
    subject: `${EAST}/first/a`,
    data: { id: "a1", instance: "one" },
  });
  expect(ALARM.assigned?.to).toBe("guard-2");
  expect(third?.body).not.toContain("guard-2");
  expect(store.cursor()).toBe("9");
  expect(store.views()[0]).toMatchObject({ waiting: 0, lost: 0, deliveredAt: now });
});

test("what waits outlives the program, and a transition that is read again is not sent again", async () => {
  store.add({ name: "bureau", url: "http://127.0.0.1:9/", path: "" }, SECRET, "admin", now);
  store.queue([1], "alarm-1", "{}", "1", now);
  store.close();
  store = new WebhookStore(join(folder, "webhooks.sqlite"));
  store.queue([1], "alarm-1", "{}", "1", now);
  expect([store.cursor(), store.views()[0]?.waiting, store.first(1)?.key]).toEqual(["1", 1, "alarm-1"]);
});

test("what a receiver will never take is given up and counted, a redirect is not followed, and the next is sent", async () => {
  const { got, until, url } = await receiver([400, 302]);
  store.add({ name: "bureau", url, path: "" }, SECRET, "admin", now);
  const sender = sending();
  for (const id of ["1", "2", "3"]) sender.take("alarm", alarm(EAST, id), id);
  await until(3);
  await settled(0);
  expect(got.map(({ status }) => status)).toEqual([400, 302, 204]);
  expect(store.views()[0]).toMatchObject({ lost: 2 });
});

test("more than may wait: the oldest give way and are counted; a webhook that is removed takes its messages with it", () => {
  store.add({ name: "bureau", url: "http://127.0.0.1:9/", path: "" }, SECRET, "admin", now);
  for (let number = 0; number < 3; number += 1) store.queue([1], `alarm-${number}`, "{}", "1", now);
  expect(store.first(1)?.key).toBe("alarm-0");
  expect(WAITING_MAX).toBeGreaterThan(1_000);
  store.remove(1);
  expect([store.views(), store.first(1), store.cursor()]).toEqual([[], undefined, undefined]);
  sending().take("alarm", alarm(EAST, "nobody to tell"), "9");
  expect(store.cursor()).toBeUndefined();
});

test("each attempt is listed with what came of it, a page after the other, and only so many are kept", async () => {
  const { until, url } = await receiver([503, 400]);
  store.add({ name: "bureau", url, path: "" }, SECRET, "admin", now);
  const sender = sending();
  sender.take("alarm", alarm(EAST, "one"), "7");
  await until(1);
  await expect.poll(() => store.first(1)?.attempts, { timeout: 10_000 }).toBe(1);
  now += 3_600_000;
  sender.send();
  await until(2);
  await settled(0);
  const { before, deliveries } = store.deliveries(1, 1);
  expect(deliveries).toMatchObject([
    {
      message: "alarm-7",
      type: "campus-ops.alarm.unacknowledged.v1",
      path: EAST,
      result: "given-up",
      status: 400,
    },
  ]);
  expect(store.deliveries(1, 1, before)).toMatchObject({
    deliveries: [{ message: "alarm-7", result: "again", status: 503, problem: "HTTP 503" }],
  });
  expect(store.deliveries(1, 2)).not.toHaveProperty("before");

  const attempted = { message: "m", type: "t", path: "", at: now, took_ms: 1, result: "delivered" } as const;
  for (let count = 0; count <= DELIVERIES_KEPT_MAX; count += 1) store.tested(1, attempted);
  expect(store.deliveries(1, DELIVERIES_KEPT_MAX + 1).deliveries).toHaveLength(DELIVERIES_KEPT_MAX);
});

test("a disabled webhook is told nothing of that time, and what waited goes on when it is enabled", async () => {
  const { got, until, url } = await receiver([503]);
  store.add({ name: "bureau", url, path: "" }, SECRET, "admin", now);
  const sender = sending();
  sender.take("alarm", alarm(EAST, "before"), "1");
  await until(1);
  await expect.poll(() => store.first(1)?.attempts, { timeout: 10_000 }).toBe(1);
  store.enable(1, false);
  now += 3_600_000;
  sender.take("alarm", alarm(EAST, "meanwhile"), "2");
  // It was read, and is not read again.
  expect([store.cursor(), store.views()[0]?.waiting]).toEqual(["2", 1]);
  store.enable(1, true);
  sender.take("alarm", alarm(EAST, "after"), "3");
  await until(3);
  await settled(0);
  expect(got.map(({ headers }) => headers["webhook-id"])).toEqual(["alarm-1", "alarm-1", "alarm-3"]);
});

test("a test is one signed event of its own, past what waits, and says what was answered", async () => {
  const { got, url } = await receiver([204, 403]);
  store.add({ name: "bureau", url, path: "" }, SECRET, "admin", now);
  store.enable(1, false);
  store.queue([1], "alarm-1", "{}", "1", now);
  const sender = sending();
  const [webhook] = store.webhooks();
  if (webhook === undefined) throw new Error("there is one");
  expect(await sender.test(webhook)).toMatchObject({
    result: "delivered",
    status: 204,
    type: "campus-ops.test.v1",
  });
  expect(await sender.test(webhook)).toMatchObject({ result: "given-up", status: 403, problem: "HTTP 403" });
  store.renewSecret(1, "whsec_new");
  const [renewed = webhook] = store.webhooks();
  await sender.test(renewed);
  const [first, , third] = got;
  const signed = (secret: string, message: (typeof got)[number] | undefined): string => {
    const { "webhook-id": id, "webhook-timestamp": at } = message?.headers ?? {};
    return `v1,${createHmac("sha256", secret).update(`${id}.${at}.${message?.body}`).digest("base64")}`;
  };
  expect(first?.headers["webhook-signature"]).toBe(signed(SECRET, first));
  expect(third?.headers["webhook-signature"]).toBe(signed("whsec_new", third));
  // A subject that is empty is none.
  expect(JSON.parse(first?.body ?? "")).not.toHaveProperty("subject");
  expect(store.views()[0]).toMatchObject({ waiting: 1, lost: 0 });
});

test("nothing reaches what only this machine can, by its address or by a name for it, and the attempt says why", async () => {
  const { got, url } = await receiver();
  store.add({ name: "by address", url, path: "" }, SECRET, "admin", now);
  store.add({ name: "by name", url: url.replace("127.0.0.1", "localhost"), path: "" }, SECRET, "admin", now);
  const sender = sending([]);
  for (const webhook of store.webhooks()) {
    const { problem, result, status } = await sender.test(webhook);
    expect([result, status, problem]).toEqual([
      "given-up",
      undefined,
      expect.stringContaining("webhooks do not go to"),
    ]);
  }
  expect(got).toEqual([]);
});

test("a webhook that is removed while it is being told leaves nothing behind", () => {
  store.add({ name: "bureau", url: "http://127.0.0.1:9/", path: "" }, SECRET, "admin", now);
  store.queue([1], "alarm-1", "{}", "1", now);
  store.remove(1);
  const attempted = {
    message: "alarm-1",
    type: "t",
    path: "",
    at: now,
    took_ms: 1,
    result: "again",
  } as const;
  store.settle(1, 1, attempted, now);
  expect([store.views(), store.deliveries(1, 10).deliveries]).toEqual([[], []]);
});

describe("an attempt", () => {
  test.each([
    [undefined, "again"],
    [500, "again"],
    [429, "again"],
    [204, "delivered"],
    [302, "never"],
    [404, "never"],
  ] as const)("that was answered %s is %s", (status, verdict) => {
    expect(verdictOf(status)).toBe(verdict);
  });

  test("comes later each time, at least hourly, until the message is too old", () => {
    expect([1, 2, 3, 30].map((attempts) => nextAttempt(0, attempts, 100))).toEqual([
      5_100, 10_100, 20_100, 3_600_100,
    ]);
    expect(nextAttempt(0, 1, KEPT_MS)).toBeUndefined();
  });
});
