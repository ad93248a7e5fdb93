/** The flow editor's door, with a server of HTTP and WebSockets behind it that says what it was asked with. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fastify from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt } from "../accounts/core/permissions.ts";
import { flowEditor } from "./flow-editor.ts";

const SECRETS = { cookie: "__Host-session=secret", authorization: "Bearer secret" };

let folder: string;
let asked: IncomingHttpHeaders[];
const editor = createServer((request, response) => {
  asked.push(request.headers);
  response.end("flows");
}).on("upgrade", (request, socket) => {
  asked.push(request.headers);
  socket.end("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
});
const door = fastify();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-flow-editor-"));
  asked = [];
  const socket = join(folder, "node-red");
  await once(editor.listen(socket), "listening");
  const title = { zh: "管理员", en: "Administrator" };
  flowEditor(door, { socket, authenticate: () => ({ user: "chief", title, grants: everyRoleAt("") }) });
  await door.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  await door.close();
  editor.close();
  rmSync(folder, { recursive: true });
});

test("who somebody is signed in as stays at the door: a flow is asked without cookie and token", async () => {
  const { port } = door.server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/flows/page`, {
    headers: { ...SECRETS, accept: "text/html" },
  });
  expect(await answer.text()).toBe("flows");
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
  expect(String(switched)).toContain("101 Switching Protocols");
  socket.destroy();
  expect(asked).toHaveLength(2);
  expect(asked[0]).toMatchObject({ accept: "text/html" });
  expect(asked[1]).toMatchObject({ upgrade: "websocket" });
  for (const { authorization, cookie } of asked)
    expect([authorization, cookie]).toEqual([undefined, undefined]);
});
