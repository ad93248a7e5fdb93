import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenOnSocket } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Message } from "./channel.ts";
import { deviceChannel } from "./device.ts";

const text = { zh: "文", en: "text" };
const message = (kind: "raised" | "settled" | "test"): Message => ({
  id: "m1",
  subject: "",
  text: "",
  createdAt: 0,
  notices: [
    {
      kind,
      alarm: "a1",
      occurrence: 1,
      rule: "panic-pressed",
      priority: 1,
      state: "unacknowledged",
      title: text,
      device: { key: "d", title: text, path: "990100", campus: "one" },
      place: text,
      raisedAt: 0,
      late: false,
      symptoms: 0,
      action: text,
    },
  ],
});

describe("a siren", () => {
  let folder: string;
  let server: FastifyInstance;
  let ingest: SocketClient;
  let status: number;
  let commands: unknown[];
  let ringing: boolean;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "rules-siren-"));
    status = 202;
    commands = [];
    ringing = true;
    server = fastify({ forceCloseConnections: true });
    server.post("/commands", (request, reply) => {
      commands.push(request.body);
      return reply.code(status).send({});
    });
    await listenOnSocket(server, join(folder, "ingest.sock"));
    ingest = socketClient(join(folder, "ingest.sock"));
  });
  afterEach(async () => {
    await ingest.close();
    await server.close();
    rmSync(folder, { recursive: true });
  });
  const siren = () =>
    deviceChannel({
      device: "one/box/io",
      metric: "Relay/1/Closed",
      on: true,
      off: false,
      ingest,
      isRinging: () => ringing,
    });
  const send = (kind: "raised" | "settled" | "test") =>
    siren().send(message(kind), AbortSignal.timeout(20_000), "");

  test("is switched on by an alarm, and off only when none rings any more", async () => {
    await send("raised");
    await send("settled");
    ringing = false;
    await send("settled");
    const command = { device: "one/box/io", metric: "Relay/1/Closed", by: "alarm", reason: "panic-pressed" };
    expect(commands).toEqual([
      { ...command, value: true },
      { ...command, value: true },
      { ...command, value: false },
    ]);
  });

  test("is heard when it is tested, and silent again afterwards unless an alarm rings", async () => {
    ringing = false;
    await send("test");
    expect(commands.map((each) => (each as { value: boolean }).value)).toEqual([true, false]);
    commands.length = 0;
    ringing = true;
    await send("test");
    expect(commands.map((each) => (each as { value: boolean }).value)).toEqual([true]);
  });

  test("is tried again while its device or ingest is away, and given up where the command is wrong", async () => {
    status = 409;
    await expect(send("raised")).rejects.toMatchObject({ retry: true });
    status = 400;
    await expect(send("raised")).rejects.toMatchObject({ retry: false });
    await server.close();
    await expect(send("raised")).rejects.toMatchObject({ retry: true });
  });
});
