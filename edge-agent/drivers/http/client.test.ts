import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { DriverError } from "../driver.ts";
import { HTTP_LIMITS, HttpClient } from "./client.ts";

const never = new AbortController().signal;
const LOGIN = { username: "admin", secret: "correct horse" };

let server: http.Server;
/** The `Authorization` header of each request, or none. */
let asked: (string | undefined)[];

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function start(serve: (response: http.ServerResponse, count: number) => void): Promise<HttpClient> {
  asked = [];
  server = http.createServer((request, response) => {
    asked.push(request.headers.authorization);
    serve(response, asked.length);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return new HttpClient({ url, ...LOGIN }, { ...HTTP_LIMITS, answerBytes_max: 1_000 });
}

const challenge = (response: http.ServerResponse, header: string): void =>
  void response.writeHead(401, { "www-authenticate": header }).end();

async function failure(promise: Promise<unknown>): Promise<DriverError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DriverError)) throw new Error(`expected a DriverError, got ${String(error)}`);
  expect(error.message).not.toContain(LOGIN.secret);
  return error;
}

test("nonces that are called stale without end are given up after a few", async () => {
  const client = await start((response) =>
    challenge(response, 'Digest realm="x", nonce="1", qop="auth", stale=true'),
  );
  const error = await failure(client.ask("/a", {}, never));
  expect([error.kind, error.retry]).toEqual(["login-refused", false]);
  expect(asked).toHaveLength(4);
});

test("a second 401 that does not say stale is a wrong password, and nothing is asked after it", async () => {
  const client = await start((response) => challenge(response, 'Digest realm="x", nonce="1", qop="auth"'));
  for (let i = 0; i < 3; i += 1)
    expect((await failure(client.ask("/a", {}, never))).kind).toBe("login-refused");
  expect((await failure(client.stream("/b", never))).kind).toBe("login-refused");
  expect(asked.map((each) => each !== undefined)).toEqual([false, true]);
});

test("the password is not sent in the clear: a device that knows only Basic is told of", async () => {
  const client = await start((response) => challenge(response, 'Basic realm="x"'));
  expect((await failure(client.ask("/a", {}, never))).message).toContain("switch Digest on");
  expect(asked).toEqual([undefined]);
});

test.each([
  [404, "unsupported", false],
  [501, "unsupported", false],
  [500, "device-exception", true],
  [503, "device-exception", true],
] as const)("status %i is %s", async (status, kind, retry) => {
  const client = await start((response) => void response.writeHead(status).end());
  const error = await failure(client.ask("/a", {}, never));
  expect([error.kind, error.retry]).toEqual([kind, retry]);
});

test("an answer that is too long is garbage, and so is a page in place of a picture", async () => {
  const client = await start((response) => void response.end("x".repeat(2_000)));
  expect((await failure(client.ask("/a", {}, never))).kind).toBe("garbage");
  expect((await failure(client.snapshot("/a", never))).kind).toBe("garbage");
});

test("a stream ends where the device ends it, and with its reason where we do", async () => {
  const client = await start((response, count) => {
    response.write("piece");
    if (count === 1) response.end();
  });
  const pieces: string[] = [];
  for await (const chunk of (await client.stream("/a", never)).chunks) pieces.push(chunk.toString());
  expect(pieces.join("")).toBe("piece");
  const controller = new AbortController();
  const stream = await client.stream("/a", controller.signal);
  const read = (async () => {
    for await (const _ of stream.chunks) controller.abort(new Error("enough"));
  })();
  await expect(read).rejects.toThrow("enough");
});
