/** The flow editor's door, with a server of HTTP and WebSockets behind it that says what it was asked with. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt } from "../accounts/core/permissions.ts";
import { EDITORS_MAX, flowEditor } from "./flow-editor.ts";
import { LiveFeed } from "./live-feed.ts";
import { ApiProblem } from "./problem.ts";

const SECRETS = { cookie: "__Host-session=secret", authorization: "Bearer secret" };

let folder: string;
let asked: IncomingHttpHeaders[];
/** The sockets that Node-RED holds open. */
let held: Socket[];
let signedIn: boolean;
let feed: LiveFeed;
let door: FastifyInstance;
let editor: Server;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-flow-editor-"));
  asked = [];
  held = [];
  signedIn = true;
  feed = new LiveFeed((error) => {
    throw error;
  });
  editor = createServer((request, response) => {
    asked.push(request.headers);
    response.end("flows");
  }).on("upgrade", (request, socket: Socket) => {
    asked.push(request.headers);
    held.push(socket.on("end", () => socket.end()).resume());
    socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
  });
  const socket = join(folder, "node-red");
  await once(editor.listen(socket), "listening");
  const title = { zh: "管理员", en: "Administrator" };
  door = fastify({ forceCloseConnections: true });
  flowEditor(door, {
    socket,
    feed,
    authenticate: () => {
      if (!signedIn) throw new ApiProblem("not-signed-in");
      return { user: "chief", title, grants: everyRoleAt("") };
    },
  });
  await door.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  await door.close();
  for (const socket of held) socket.destroy();
  editor.close();
  rmSync(folder, { recursive: true });
});

/** The first line of what a WebSocket is answered, and its socket. */
async function open(): Promise<readonly [string, Socket]> {
  const { port } = door.server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  const lines = Object.entries({
    host: "127.0.0.1",
    upgrade: "websocket",
    connection: "upgrade",
    ...SECRETS,
  });
  socket.write(
    `GET /flows/comms HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join("\r\n")}\r\n\r\n`,
  );
  const [switched] = (await once(socket, "data")) as [Buffer];
  return [String(switched).split("\r\n")[0] ?? "", socket];
}

test("who somebody is signed in as stays at the door: a flow is asked without cookie and token", async () => {
  const { port } = door.server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/flows/page`, {
    headers: { ...SECRETS, accept: "text/html" },
  });
  expect(await answer.text()).toBe("flows");
  const [line] = await open();
  expect(line).toContain("101 Switching Protocols");
  expect(asked).toHaveLength(2);
  expect(asked[0]).toMatchObject({ accept: "text/html" });
  expect(asked[1]).toMatchObject({ upgrade: "websocket" });
  for (const { authorization, cookie } of asked)
    expect([authorization, cookie]).toEqual([undefined, undefined]);
});

test("an editor that is open ends with the session that opened it, on both sides of the door", async () => {
  const [, socket] = await open();
  const ended = Promise.all([once(socket, "close"), ...held.map((each) => once(each, "close"))]);
  feed.publish("status", "{}");
  expect(socket.destroyed).toBe(false);
  signedIn = false;
  feed.publish("alarm", "{}");
  feed.publish("status", "{}");
  await ended;
  expect(held).toHaveLength(1);
});

test("more editors than may be open are refused, and one that is closed makes room", async () => {
  const opened = [];
  for (let count = 0; count < EDITORS_MAX; count += 1) opened.push(await open());
  const [refused] = await open();
  expect(refused).toContain("503");
  opened[0]?.[1].destroy();
  await expect.poll(async () => (await open())[0], { timeout: 60_000 }).toContain("101");
});

test("an open editor keeps the process from stopping no longer than any page", async () => {
  const [, socket] = await open();
  const ended = once(socket, "close");
  await door.close();
  await ended;
  expect(feed.listeners).toBe(0);
});
