import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RejectedPoints } from "../rejected-points.ts";
import { keeping } from "../testing/store-contract.ts";
import type { InfluxDbAddress } from "./addressing.ts";
import { openInfluxDbStore } from "./influxdb.ts";

/** No InfluxDB 2 or 3 is at hand: what is checked is what goes over the wire, against their documentation. */
interface Recorded {
  readonly request: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

let server: Server;
let folder: string;
let requests: Recorded[];
let answers: ((recorded: Recorded) => readonly [status: number, body: unknown])[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "influxdb-wire-"));
  requests = [];
  answers = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += String(chunk);
    });
    request.on("end", () => {
      const recorded = {
        request: `${request.method} ${request.url}`,
        authorization: request.headers.authorization,
        body,
      };
      requests.push(recorded);
      const [status, answer] = answers.shift()?.(recorded) ?? [
        request.url?.startsWith("/query") ? 200 : 204,
        { results: [{}] },
      ];
      response.writeHead(status, { "content-type": "application/json" });
      response.end(status === 204 ? undefined : JSON.stringify(answer));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  rmSync(folder, { recursive: true });
});

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const rejected = () => new RejectedPoints(join(folder, "rejected"));
const open = (address: InfluxDbAddress, points = rejected()) =>
  openInfluxDbStore({ address, rejected: points, now: () => 7_200_001 });
const two = (): InfluxDbAddress => ({
  generation: 2,
  url: url(),
  organisation: "bureau of X",
  bucket: "campus ops",
  token: "t-1",
  database: "campus_ops",
  retentionPolicy: "main",
});
const point = { device: "a/box/one", metric: "Port/7/InOctets", time: 5, value: 1.5 };

test("2.x is written to by organisation and bucket, asked by the names of its DBRP mapping, with a token", async () => {
  const store = open(two());
  await store.write([point], { seq: 41, receivedAt: 7_000_000 });
  expect(await store.checkpoint()).toEqual({ seq: 0 });
  await store.close();
  expect(requests.map(({ request }) => request)).toEqual([
    "POST /api/v2/write?org=bureau+of+X&bucket=campus+ops&precision=ms",
    "POST /api/v2/write?org=bureau+of+X&bucket=campus+ops&precision=ms",
    "POST /query?db=campus_ops&rp=main&epoch=ms",
  ]);
  expect(requests.map(({ authorization }) => authorization)).toEqual(["Token t-1", "Token t-1", "Token t-1"]);
  expect(requests.map(({ body }) => body)).toEqual([
    "Port/InOctets,campus=a,device=a/box/one,instance=7 value=1.5 5",
    'campus_ops_checkpoint value=41,entry="41@7000000" 7200000',
    new URLSearchParams({
      q: 'SELECT value, entry FROM "campus_ops_checkpoint" ORDER BY time DESC LIMIT 1',
    }).toString(),
  ]);
});

test("2.x deletes through its own API, one measurement at a time", async () => {
  const store = open(two());
  answers.push(
    () => [
      200,
      { results: [{ series: [{ name: "measurements", columns: ["name"], values: [["Port/InOctets"]] }] }] },
    ],
    () => [200, { results: [{ series: [{ name: "x", columns: ["time", "count"], values: [[0, 12]] }] }] }],
  );
  const { removed } = await store.maintain(86_400_000 * 3, keeping(86_400_000));
  expect(removed).toEqual([{ tier: "raw", before: 172_800_000, count: 12, unit: "points" }]);
  await store.close();
  const deletion = requests.at(-1);
  expect(deletion?.request).toBe("POST /api/v2/delete?org=bureau+of+X&bucket=campus+ops");
  expect(JSON.parse(deletion?.body ?? "")).toEqual({
    start: "1970-01-01T00:00:00.000Z",
    stop: "1970-01-03T00:00:00.000Z",
    predicate: '_measurement="Port/InOctets"',
  });
});

test("3.x says that only its own retention deletes", async () => {
  const store = open({ generation: 3, url: url(), organisation: "", bucket: "campus_ops", token: "t" });
  const { problems } = await store.maintain(1e12, keeping(1));
  expect(problems).toHaveLength(1);
  expect(requests).toEqual([]);
  await store.close();
});

test("1.x with a user is asked with basic authentication", async () => {
  const store = open({ generation: 1, url: url(), database: "ops", username: "hub", password: "secret" });
  await store.checkpoint();
  await store.close();
  expect(requests[0]?.authorization).toBe(`Basic ${btoa("hub:secret")}`);
});

test("a success of which only a part was taken is a refusal, and is taken apart until the bad line stands alone", async () => {
  const points = rejected();
  const store = open(two(), points);
  answers = Array.from({ length: 8 }, () => ({ body }: Recorded) => [
    body.includes("value=13") ? 201 : 204,
    {},
  ]);
  await store.write(
    [11, 12, 13, 14].map((value) => ({ ...point, value })),
    { seq: 1 },
  );
  await store.close();
  expect(points.count).toBe(1);
});

test("a wrong token is no refusal of points: nothing is set aside, and nothing goes on", async () => {
  const points = rejected();
  const store = open(two(), points);
  answers.push(() => [401, { code: "unauthorized", message: "unauthorized access" }]);
  await expect(store.write([point], { seq: 1 })).rejects.toThrow("401 unauthorized access");
  await store.close();
  expect(points.count).toBe(0);
  expect(requests).toHaveLength(1);
});
