import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Notice } from "../../core/people/wording.ts";
import { type Channel, ChannelError, type Message } from "./channel.ts";
import { robot, shorten } from "./robots.ts";
import { sms } from "./sms.ts";
import { webhook } from "./webhook.ts";

const notice: Notice = {
  kind: "raised",
  alarm: "a1",
  occurrence: 1,
  rule: "panic-pressed",
  priority: 1,
  state: "unacknowledged",
  title: { zh: "一键报警", en: "Panic" },
  device: { key: "one/box/b", title: { zh: "按钮", en: "button" }, path: "990100/990102/one", campus: "one" },
  place: { zh: "一小", en: "No. 1" },
  raisedAt: 1_700_000_000_000,
  late: false,
  symptoms: 0,
  action: { zh: "到现场", en: "go" },
};
const message: Message = {
  id: "a1.5.raised.gate.hook",
  subject: "【红色 1】一键报警",
  text: '【红色 1】一键报警\n"现场"',
  notices: [notice],
  createdAt: 1_700_000_000_500,
};
const NOW = 1_700_000_001_234;
const soon = () => AbortSignal.timeout(20_000);

interface Received {
  readonly url: string;
  readonly method: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

let server: Server;
let base: string;
let received: Received[];
let answer: { status: number; body: string };

beforeEach(async () => {
  received = [];
  answer = { status: 200, body: '{"errcode":0,"code":0,"ok":true}' };
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { url = "", method = "", headers } = request;
      received.push({ url, method, headers, body: Buffer.concat(chunks).toString("utf8") });
      response.writeHead(answer.status, { location: "http://127.0.0.1:9/" }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const failure = async (sending: Promise<string>): Promise<ChannelError> => {
  const error = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ChannelError) return error;
  throw new Error(`expected a ChannelError, got ${String(error)}`);
};

const template = {
  method: "POST" as const,
  contentType: "application/json",
  headers: { authorization: "Bearer {secret}" },
  body: '{"to":"{phone}","text":"{text}","id":"{id}"}',
  phones: ["13800000001", "13800000002"],
  secret: "s3cret",
  success: { field: "ok", equals: true },
};

const CHANNELS: readonly (readonly [string, (url: string) => Channel])[] = [
  ["a webhook", (url) => webhook({ url, secret: "s3cret", source: "/hub/990100", now: () => NOW })],
  ["a DingTalk robot", (url) => robot({ kind: "dingtalk", url, secret: "SEC1", now: () => NOW })],
  ["a WeCom robot", (url) => robot({ kind: "wecom", url, now: () => NOW })],
  ["a Feishu robot", (url) => robot({ kind: "feishu", url, secret: "key1", now: () => NOW })],
  ["a gateway for short messages", (url) => sms({ ...template, url })],
];

describe.each(CHANNELS)("%s", (_, open) => {
  test("delivers a message and keeps the receipt", async () => {
    expect(await open(`${base}/in?key=k1`).send(message, soon(), "13800000001")).not.toBe("");
    expect(received).toHaveLength(1);
    expect(received[0]?.url).toContain("key=k1");
    expect(received[0]?.body).toContain("一键报警");
  });

  test("says that it may be tried again when nobody listens, without telling its address", async () => {
    const error = await failure(open("http://127.0.0.1:9/secret-token").send(message, soon(), ""));
    expect(error.retry).toBe(true);
    expect(error.message).not.toContain("secret-token");
  });

  test("may be tried again after 500 and 429, and not after 403 or a redirect", async () => {
    for (const [status, retry] of [
      [500, true],
      [429, true],
      [403, false],
      [302, false],
    ] as const) {
      answer = { status, body: "" };
      expect((await failure(open(base).send(message, soon(), ""))).retry, String(status)).toBe(retry);
    }
  });

  test("obeys its deadline", async () => {
    server.removeAllListeners("request");
    const error = await failure(open(base).send(message, AbortSignal.timeout(50), ""));
    expect(error.retry).toBe(true);
  });
});

test("a webhook carries a CloudEvent that its signature vouches for", async () => {
  await webhook({ url: base, secret: "s3cret", source: "/hub/990100", now: () => NOW }).send(
    message,
    soon(),
    "",
  );
  const [{ headers, body } = { headers: {} as IncomingMessage["headers"], body: "" }] = received;
  const event = JSON.parse(body) as Record<string, unknown>;
  expect(event).toMatchObject({
    specversion: "1.0",
    id: message.id,
    source: "/hub/990100",
    type: "campus-ops.alarm.raised.v1",
    subject: "990100/990102/one",
    time: "2023-11-14T22:13:20.500Z",
    data: { alarm: "a1", priority: 1, raisedAt: "2023-11-14T22:13:20.000Z" },
  });
  expect(headers["content-type"]).toContain("application/cloudevents+json");
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  const mac = createHmac("sha256", "s3cret").update(signed).digest("base64");
  expect(headers["webhook-signature"]).toBe(`v1,${mac}`);
});

test("DingTalk is signed in the address, Feishu in the body", async () => {
  await robot({
    kind: "dingtalk",
    url: `${base}/robot/send?access_token=t`,
    secret: "SEC1",
    now: () => NOW,
  }).send(message, soon(), "");
  const query = new URL(received[0]?.url ?? "", base).searchParams;
  const mac = createHmac("sha256", "SEC1").update(`${NOW}\nSEC1`).digest("base64");
  expect([query.get("access_token"), query.get("timestamp"), query.get("sign")]).toEqual([
    "t",
    String(NOW),
    mac,
  ]);
  expect(JSON.parse(received[0]?.body ?? "")).toEqual({ msgtype: "text", text: { content: message.text } });

  await robot({ kind: "feishu", url: base, secret: "key1", now: () => NOW }).send(message, soon(), "");
  const seconds = String(Math.floor(NOW / 1_000));
  expect(JSON.parse(received[1]?.body ?? "")).toEqual({
    timestamp: seconds,
    sign: createHmac("sha256", `${seconds}\nkey1`).digest("base64"),
    msg_type: "text",
    content: { text: message.text },
  });
});

test("a robot that answers 200 and refuses has not taken the message; a reached limit passes", async () => {
  const open = robot({ kind: "wecom", url: base, now: () => NOW });
  answer.body = '{"errcode":93000,"errmsg":"invalid webhook url"}';
  expect((await failure(open.send(message, soon(), ""))).retry).toBe(false);
  answer.body = '{"errcode":45009,"errmsg":"api freq out of limit"}';
  expect((await failure(open.send(message, soon(), ""))).retry).toBe(true);
  answer.body = "<html>captive portal</html>";
  expect((await failure(open.send(message, soon(), ""))).retry).toBe(true);
});

test("a long text is cut at the end of a character", () => {
  const cut = shorten("报".repeat(2_000));
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(2_048);
  expect(cut).toMatch(/^报+…$/);
});

test("a short message is filled into the gateway's own template, escaped for where it stands", async () => {
  await sms({ ...template, url: `${base}/send?u={phone}` }).send(message, soon(), "13800000001");
  expect(received[0]?.headers.authorization).toBe("Bearer s3cret");
  expect(received[0]?.url).toBe("/send?u=13800000001");
  expect(JSON.parse(received[0]?.body ?? "")).toEqual({
    to: "13800000001",
    text: message.text,
    id: message.id,
  });
  const form = {
    ...template,
    contentType: "application/x-www-form-urlencoded",
    body: "to={phone}&text={text}",
  };
  await sms({ ...form, url: base }).send(message, soon(), "13800000002");
  expect(new URLSearchParams(received[1]?.body).get("text")).toBe(message.text);
});

test("a gateway that answers 200 and says no in its own words has not taken the message", async () => {
  answer.body = '{"ok":false}';
  const error = await failure(sms({ ...template, url: base }).send(message, soon(), "13800000001"));
  expect(error.message).toContain("ok = false");
});

test("each number of a gateway is a recipient of its own", () => {
  expect(sms({ ...template, url: base }).recipients).toEqual(["13800000001", "13800000002"]);
});
