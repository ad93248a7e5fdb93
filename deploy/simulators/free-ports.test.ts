import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { assignPorts, isFree } from "./free-ports.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

async function take(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  open.push(server);
  await once(server, "listening");
}

test("ports stay what they were, and none is given twice", async () => {
  const first = await assignPorts(["a", "b", "c"], {}, "a test");
  expect(new Set(Object.values(first)).size).toBe(3);
  expect(await assignPorts(["c", "b", "a", "d"], first, "a test")).toMatchObject(first);
});

test("a port that somebody took meanwhile is chosen anew, the others stay", async () => {
  const first = await assignPorts(["a", "b"], {}, "a test");
  await take(first.a ?? 0);
  const second = await assignPorts(["a", "b"], first, "a test");
  expect(second.b).toBe(first.b);
  expect(second.a).not.toBe(first.a);
});

test("a port is not free when only its UDP half is taken", async () => {
  const { a = 0 } = await assignPorts(["a"], {}, "a test");
  expect(await isFree(a)).toBe(true);
  const socket = createSocket("udp4").bind(a, "127.0.0.1");
  open.push(socket);
  await once(socket, "listening");
  expect(await isFree(a)).toBe(false);
});

test("two demonstrations look for their ports in different places", async () => {
  expect(await assignPorts(["a"], {}, "one")).not.toEqual(await assignPorts(["a"], {}, "two"));
});
