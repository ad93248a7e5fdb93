/**
 * What a receiver of webhooks answers is a stranger's text: whatever it is, the delivery comes to an end and says what
 * became of it. `CAMPUS_OPS_FUZZ_CASES` says how many answers there are, one for two hundred cases.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "@campus-ops/service";
import { afterEach, beforeEach, expect, test } from "vitest";
import { reaching } from "../../dashboards/webhooks/reach.ts";
import { WebhookSender } from "../../dashboards/webhooks/sender.ts";
import { WebhookStore } from "../../dashboards/webhooks/webhook-store.ts";
import { random, seedOf } from "../testing/random.ts";
import { mutant } from "./mutate.ts";

const CASES = Math.ceil(Number(process.env.CAMPUS_OPS_FUZZ_CASES ?? 10_000) / 200);
const ANSWERS = [
  "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
  "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
  "HTTP/1.1 503 Service Unavailable\r\nretry-after: 99999999999\r\ncontent-length: 0\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 Too Many Requests\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n",
].map((text) => Buffer.from(text));

let folder: string;
let store: WebhookStore;
let sender: WebhookSender;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "webhook-answers-"));
  store = new WebhookStore(join(folder, "webhooks.sqlite"));
  const log = createLog("test", "silent");
  const mayReach = reaching(["127.0.0.1"]);
  sender = new WebhookSender({ store, source: "campus-ops/990100", mayReach, now: Date.now, log });
});
afterEach(async () => {
  await sender.stop();
  store.close();
  rmSync(folder, { recursive: true });
});

test(`a delivery ends, and says how, whatever is answered: ${CASES} random and mutated answers`, {
  timeout: 60_000 + CASES * 100,
}, async () => {
  const seed = seedOf(process.env.CAMPUS_OPS_SEED);
  console.log(`CAMPUS_OPS_SEED=${seed}`);
  const chance = random(seed);
  const answers: Buffer[] = [...ANSWERS];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined).on("close", () => open.delete(socket));
    socket.once("data", () => socket.end(answers.shift() ?? mutant(ANSWERS, chance)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    store.add({ name: "bureau", url, path: "990100/990102" }, "whsec_of-nobody", "admin", 1_000_000);
    const [webhook] = store.webhooks();
    if (webhook === undefined) throw new Error("it was added");
    const results = new Map<string, number>();
    for (let count = 0; count < CASES; count += 1) {
      const { problem, result, status } = await sender.test(webhook);
      const isToldWhy = status !== undefined || (problem !== undefined && problem !== "");
      expect({ result, isToldWhy, is2xx: status !== undefined && status >= 200 && status < 300 }).toEqual({
        result: expect.stringMatching(/^(delivered|given-up)$/) as string,
        isToldWhy: true,
        is2xx: result === "delivered",
      });
      results.set(result, (results.get(result) ?? 0) + 1);
    }
    // Both ends of it were seen: a receiver that is never understood would prove little.
    expect([...results.keys()].toSorted()).toEqual(["delivered", "given-up"]);
  } finally {
    for (const socket of open) socket.destroy();
    server.close();
  }
});
