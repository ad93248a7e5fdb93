import { gunzipSync } from "node:zlib";
import fastify from "fastify";
import { expect, test } from "vitest";
import { compressAnswers } from "./compressed.ts";

const LONG = "设备".repeat(20_000);

const ask = async (url: string, headers: Record<string, string> = {}) => {
  const server = fastify();
  compressAnswers(server);
  server.get("/long", () => LONG);
  server.get("/short", () => "one device");
  const answer = await server.inject({ url, headers });
  await server.close();
  return answer;
};

test("a long answer is sent compressed to whoever takes it, and says how long it is now", async () => {
  const answer = await ask("/long", { "accept-encoding": "br, gzip" });
  expect(answer.headers["content-encoding"]).toBe("gzip");
  expect(Number(answer.headers["content-length"])).toBe(answer.rawPayload.length);
  expect(answer.rawPayload.length).toBeLessThan(LONG.length / 10);
  expect(gunzipSync(answer.rawPayload).toString()).toBe(LONG);
});

test("whoever does not take it gets it as it is, and no cache in between mixes the two up", async () => {
  const answer = await ask("/long", { "accept-encoding": "identity" });
  expect(answer.headers["content-encoding"]).toBeUndefined();
  expect(answer.headers.vary).toBe("accept-encoding");
  expect(answer.body).toBe(LONG);
});

test("a short answer is not worth the time", async () => {
  expect((await ask("/short", { "accept-encoding": "gzip" })).headers["content-encoding"]).toBeUndefined();
});
