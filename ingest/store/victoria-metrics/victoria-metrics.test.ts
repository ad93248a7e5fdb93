import { once } from "node:events";
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../testing/until.ts";
import { type PointStore, StoreAwayError } from "../store.ts";
import { keeping, storeContract } from "../testing/store-contract.ts";
import type { VictoriaMetricsAddress } from "./addressing.ts";
import { VictoriaMetricsServer } from "./testing/victoria-metrics-server.ts";
import { openVictoriaMetricsStore } from "./victoria-metrics.ts";

/** What is written becomes visible within a second; a test cannot wait for that after every write. */
function visibleAtOnce(store: PointStore, server: VictoriaMetricsServer): PointStore {
  return {
    write: async (points, checkpoint) => {
      await store.write(points, checkpoint);
      await server.flush();
    },
    checkpoint: () => store.checkpoint(),
    query: (query) => store.query(query),
    maintain: (now, retention) => store.maintain(now, retention),
    bounds: () => store.bounds(),
    scan: (from, to) => store.scan(from, to),
    settle: () => store.settle(),
    close: () => store.close(),
  };
}

let server: VictoriaMetricsServer;
beforeAll(async () => {
  server = await VictoriaMetricsServer.start();
});
afterAll(() => server.stop());

const single = (): VictoriaMetricsAddress => ({ kind: "single", url: server.url });
const open = (address: VictoriaMetricsAddress, settle_ms = 0): PointStore =>
  openVictoriaMetricsStore({ address, now: Date.now, uptime_ms: () => performance.now(), settle_ms });

/** The server has one name space: the next test begins with nothing in it. */
async function empty(): Promise<void> {
  await fetch(`${server.url}/api/v1/admin/tsdb/delete_series`, {
    method: "POST",
    body: new URLSearchParams({ "match[]": '{__name__!=""}' }),
  });
}

storeContract("victoria-metrics 1.79", () => ({
  open: async () => visibleAtOnce(open(single()), server),
  writeNumber: async (seq) => {
    const body = `campus_ops_checkpoint ${seq} ${Date.now()}\n`;
    await fetch(`${server.url}/api/v1/import/prometheus`, { method: "POST", body });
    await server.flush();
  },
  remove: empty,
}));

const METRIC = "Environment/CO2";
const day = Date.UTC(2026, 2, 2);
const points = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    device: "a/box/one",
    metric: METRIC,
    time: day + at,
    value: at,
  }));
const all = { metric: METRIC, groups: new Map([["a/box/one", "x"]]), from: day, to: day + 1_000, limit: 999 };

test("a server that was killed and started again is noticed, and the checkpoint is that of what is on its disk", async () => {
  const store = open(single(), 60_000);
  expect(await store.checkpoint()).toEqual({ seq: 0 });
  await store.write(points(3), { seq: 7 });
  expect(await store.checkpoint()).toEqual({ seq: 0 });
  await store.close();

  const eager = open(single());
  await eager.checkpoint();
  await eager.write(points(4), { seq: 8 });
  await server.flush();
  await server.end("SIGTERM");
  await expect(eager.write(points(5), { seq: 9 })).rejects.toThrow(StoreAwayError);
  // The process tells its start in whole seconds.
  await until(() => Date.now() % 1_000 < 50);
  await server.begin();
  await expect(eager.write(points(5), { seq: 9 })).rejects.toThrow(/started again/);
  expect(await eager.checkpoint()).toEqual({ seq: 8 });
  await eager.write(points(6), { seq: 10 });
  await server.flush();
  expect((await eager.query(all)).series[0]?.points).toHaveLength(6);
  await eager.close();
  await empty();
});

test("points that are written again as they are take no room, whatever is written in between", async () => {
  const store = visibleAtOnce(open(single()), server);
  for (let round = 1; round <= 3; round += 1) await store.write(points(50), { seq: round });
  const body = new URLSearchParams({ "match[]": `{device="a/box/one"}`, reduce_mem_usage: "1", start: "1" });
  const exported = await (await fetch(`${server.url}/api/v1/export`, { method: "POST", body })).text();
  expect(
    exported
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { values: number[] }).values.length),
  ).toEqual([50]);
  await store.close();
  await empty();
});

test("an operator is told of a server that keeps too little or counts twice", async () => {
  const careless = await VictoriaMetricsServer.start(["-dedup.minScrapeInterval=0s", "-retentionPeriod=30d"]);
  const store = open({ kind: "single", url: careless.url });
  const { problems } = await store.maintain(Date.now(), {
    ...keeping(30 * 86_400_000),
    hour: 31 * 86_400_000,
  });
  expect(problems).toEqual([
    expect.stringMatching(/retentionPeriod=30d, which is shorter than what is configured for hour/),
    expect.stringMatching(/without -dedup.minScrapeInterval/),
  ]);
  await store.close();
  await careless.stop();
});

describe("a cluster", () => {
  /** No vminsert and vmselect are at hand: their paths, translated to those of a single server that really runs. */
  test("is written to and asked under its own paths, by account", async () => {
    const seen: string[] = [];
    const proxy = createServer((request, response) => {
      const url = request.url ?? "";
      seen.push(url.split("?")[0] ?? "");
      const path = url.replace(/^\/(insert|select|delete)\/7:2\/prometheus/, "");
      if (path === url) response.writeHead(404).end();
      else {
        const { method, headers } = request;
        request.pipe(
          forward(new URL(path, server.url), { method, headers }, (answer) => {
            response.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(response);
          }),
        );
      }
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/`;
    const store = visibleAtOnce(
      open({ kind: "cluster", insertUrl: url, selectUrl: url, account: "7:2" }),
      server,
    );
    await store.write(points(5), { seq: 3 });
    expect(await store.checkpoint()).toEqual({ seq: 3 });
    expect((await store.query(all)).series[0]?.points).toHaveLength(5);
    const mean = { step_ms: 1_000, aggregation: "mean" as const };
    expect((await store.query({ ...all, buckets: mean })).series).toEqual([{ key: "x", points: [[day, 2]] }]);
    const { removed } = await store.maintain(day + 99 * 86_400_000, keeping(86_400_000));
    expect(removed).toMatchObject([{ tier: "raw", count: 1 }]);
    await store.close();
    expect(new Set(seen.map((path) => path.split("/")[1]))).toEqual(new Set(["insert", "select", "delete"]));
    proxy.closeAllConnections();
    proxy.close();
    await empty();
  });
});
