import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { follow, isInstalled, lineOf, offer } from "./client.ts";
import type { Answer, Update } from "./core/contract.ts";
import { REQUEST_BYTES_MAX } from "./core/request.ts";
import { Places } from "./places.ts";
import { serveRequests } from "./server.ts";

const RUNNING = { slot: "A", version: "0.1.0" } as const;

let folder: string;
let places: Places;
let server: Server;
let asked: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "update-"));
  places = new Places(folder);
  mkdirSync(dirname(places.socket), { recursive: true });
  asked = [];
  server = serveRequests((line): Answer => {
    asked.push(line);
    return { accepted: true };
  });
  server.listen(places.socket);
  await once(server, "listening");
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test("a line is asked, and its answer is the end of it", async () => {
  expect(await offer(places, { install: "/media/a.raucb" })).toEqual({ accepted: true });
  expect(asked).toEqual(['{"install":"/media/a.raucb"}']);
});

test("a line that has no end is cut off with an answer, and the next one is served", async () => {
  const socket = connect(places.socket);
  socket.write("x".repeat(REQUEST_BYTES_MAX + 1));
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(JSON.parse(answer.toString())).toMatchObject({ accepted: false, code: "bad-request" });
  expect(asked).toEqual([]);
  expect(await offer(places, { restart: true })).toEqual({ accepted: true });
});

test("whoever follows an installation sees each step once, to its end", async () => {
  const steps: readonly Update[] = [
    { state: "checking", running: RUNNING, at: "" },
    { state: "installing", running: RUNNING, percent: 40, target: "0.2.0", at: "" },
    { state: "waiting", running: RUNNING, target: "0.2.0", at: "" },
  ];
  const tell = (update: Update): void => writeFileSync(places.told, JSON.stringify(update));
  for (const first of steps.slice(0, 1)) tell(first);
  const seen: string[] = [];
  const end = await follow(places, (update) => {
    seen.push(lineOf(update));
    const next = steps[seen.length];
    if (next !== undefined) tell(next);
  });
  expect(seen).toEqual(["checking", "installing 40 % 0.2.0", "waiting 0.2.0"]);
  expect(isInstalled(end)).toBe(true);
});
