import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenOnSocket, Registry, serveOperations } from "@campus-ops/service";
import { afterEach, beforeEach, expect, test } from "vitest";
import { confirm } from "./confirm.ts";

let run: string;
const closing: (() => Promise<void>)[] = [];
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), "campus-ops-confirm-"));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  rmSync(run, { recursive: true, force: true });
});

const ENTRY = {
  device: "room-1",
  title: { zh: "温湿度", en: "Room sensor" },
  class: "environment-sensor",
  path: "990100/990102/qiyun-no1/a/1/101",
  state: "checking",
  online: true,
  wrong: ["Environment/Temperature: 300 (out-of-range)"],
};

/** The socket of an edge agent that has one device to be confirmed, and obeys only when it is told twice. */
async function edge(name: string): Promise<void> {
  const operations = await serveOperations(join(run, `edge-${name}.sock`), {
    health: () => ({ commissioning: [ENTRY] }),
    registry: new Registry(),
    actions: {
      "/confirm": async (query) =>
        query.has("anyway")
          ? { state: "confirmed", detail: query.get("device") ?? "" }
          : { state: "refused", detail: "its readings are not plausible" },
    },
  });
  closing.push(() => operations.close());
}

const ask = (device?: string, more: { edge?: string; anyway?: boolean } = {}) =>
  confirm(run, { device, edge: more.edge, anyway: more.anyway ?? false }, "zh");

test("without a name it tells who waits, where, and what is wrong with it", async () => {
  await edge("qiyun-no1-box-1");
  expect((await ask()).lines).toEqual([
    "room-1  温湿度  环境传感器  990100/990102/qiyun-no1/a/1/101  读数检查中",
    "    Environment/Temperature: 300 (out-of-range)",
  ]);
});

test("a confirmation that is refused says why, and one made anyway is done", async () => {
  await edge("qiyun-no1-box-1");
  expect(await ask("room-1")).toEqual({
    done: false,
    lines: ["room-1：未确认：its readings are not plausible"],
  });
  expect(await ask("room-1", { anyway: true })).toEqual({ done: true, lines: ["room-1：已确认"] });
});

test("which agent is meant has to be said only where there are several", async () => {
  await expect(ask("room-1")).rejects.toThrow("no edge agent runs here");
  await edge("a-box-1");
  await edge("b-box-1");
  await expect(ask("room-1")).rejects.toThrow("say --edge and one of a-box-1, b-box-1");
  expect((await ask("room-1", { edge: "b-box-1", anyway: true })).done).toBe(true);
  await expect(ask("room-1", { edge: "c-box-1" })).rejects.toThrow("no edge agent c-box-1 runs here");
});

test("other sockets in the folder are not asked", async () => {
  const server = createServer();
  await listenOnSocket(server, join(run, "ingest.sock"));
  closing.push(() => new Promise((resolve) => server.close(() => resolve())));
  await expect(ask()).rejects.toThrow("no edge agent runs here");
});
