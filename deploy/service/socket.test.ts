import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fastify from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listenOnSocket, SOCKET_PATH_BYTES_MAX, socketPath } from "./socket.ts";
import { socketClient } from "./socket-client.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-socket-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a private socket", () => {
  test("answers its own user, and its file and folder are closed to others", async () => {
    const path = socketPath(join(folder, "run"), "rules");
    const server = fastify();
    server.get("/healthz", () => ({ status: "ok" }));
    await listenOnSocket(server, path);
    const client = socketClient(path);
    expect(await (await client.fetch("/healthz")).json()).toEqual({ status: "ok" });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "run")).mode & 0o777).toBe(0o700);
    await client.close();
    await server.close();
  });

  test("replaces what a killed process left in its place", async () => {
    const path = socketPath(folder, "rules");
    writeFileSync(path, "");
    const server = fastify();
    await listenOnSocket(server, path);
    expect(statSync(path).isSocket()).toBe(true);
    await server.close();
  });

  test("is refused where its path is longer than the kernel takes, with what to do", async () => {
    const path = join(folder, "x".repeat(SOCKET_PATH_BYTES_MAX), "a.sock");
    await expect(listenOnSocket(fastify(), path)).rejects.toThrow("set CAMPUS_OPS_RUN to a shorter folder");
  });

  test("that nobody listens on rejects", async () => {
    const client = socketClient(socketPath(folder, "gone"));
    await expect(client.fetch("/healthz")).rejects.toThrow();
    await client.close();
  });

  test("that ends in the middle of an answer rejects", async () => {
    const path = socketPath(folder, "rude");
    const rude = createServer((socket) => {
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
    }).listen(path);
    await once(rude, "listening");
    const client = socketClient(path);
    const response = await client.fetch("/");
    await expect(response.text()).rejects.toThrow();
    await client.close();
    rude.close();
  });
});
