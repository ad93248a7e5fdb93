/** Workers as their fellows see them: servers of two campuses, asked over their sockets by the one that was asked. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerWithProblems, listenOnSocket, Problem } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { BackTestView } from "../api.ts";
import type { City } from "./ask.ts";
import { CityBackTests } from "./back-tests.ts";
import { cityRoutes } from "./routes.ts";

const NOW = Date.UTC(2026, 8, 7, 4);
const TITLE = { zh: "门", en: "door" };

class Campus {
  readonly server: FastifyInstance = fastify();
  readonly id: string;
  readonly handOvers: unknown[] = [];
  readonly drills = new Set<string>();
  readonly cancelled: string[] = [];
  red = false;
  refusesDrills = false;
  backTest: BackTestView["state"] = "done";

  constructor(id: string, rang: readonly number[]) {
    this.id = id;
    const { server } = this;
    answerWithProblems(server, id);
    const alarm = {
      id: `${id}-1`,
      priority: 1,
      title: TITLE,
      device: { title: TITLE, path: `city/county/${id}` },
    };
    server.get<{ Querystring: { after?: string } }>(
      "/alarm-figures/transitions",
      ({ query: { after = "0" } }) => {
        // One row a page.
        const at = rang[Number(after)];
        const next = Number(after) + 1;
        return {
          rows: at === undefined ? [] : [{ at, event: "raise", alarm }],
          ...(next < rang.length ? { next } : {}),
        };
      },
    );
    server.get("/alarm-figures/standing", () => ({ count: rang.length, stale: 0, first: [] }));
    server.get("/desks/gate/summary", () => ({
      at: NOW,
      unacknowledged: 1,
      standing: 1,
      alarms: this.red
        ? [{ ...alarm, device: TITLE, path: `city/county/${id}`, state: "unacknowledged", raisedAt: NOW }]
        : [],
    }));
    server.post("/desks/gate/hand-overs", ({ body }) => {
      this.handOvers.push(body);
      return { id: this.handOvers.length, desk: "gate", at: NOW, ...(body as object) };
    });
    server.post<{ Body: { id: string } }>("/drills", ({ body }) => {
      if (this.refusesDrills) throw new Problem(400, "Bad request", "its end is too far", "结束时间太远");
      this.drills.add(body.id);
      return { ...body, from: NOW, until: NOW + 1 };
    });
    server.delete<{ Params: { id: string } }>("/drills/:id", ({ params }, reply) => {
      if (!this.drills.delete(params.id)) throw new Problem(404, "No such drill", params.id, params.id);
      return reply.code(204).send();
    });
    const view = (): BackTestView => ({
      id: `${id}-test`,
      by: "chief",
      rules: ["door"],
      state: this.backTest,
      startedAt: NOW,
      progress: { entries: 10, samples: 20, total: 10, upTo: NOW },
      difference: {
        before: 1,
        after: 3,
        same: 1,
        new: { count: 2, first: [] },
        gone: { count: 0, first: [] },
        changed: { count: 0, first: [] },
        cut: false,
      },
    });
    server.post("/back-tests", view);
    server.get("/back-tests/:id", view);
    server.delete("/back-tests/:id", () => {
      this.cancelled.push(id);
      return view();
    });
  }
}

let folder: string;
let first: Campus;
let second: Campus;
let clients: Map<string, SocketClient>;
let asked: FastifyInstance;
let backTests: CityBackTests;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "city-"));
  first = new Campus("first", [NOW - 3_000, NOW - 1_000]);
  second = new Campus("second", [NOW - 2_000]);
  clients = new Map();
  for (const { id, server } of [first, second]) {
    await listenOnSocket(server, join(folder, `${id}.sock`));
    clients.set(id, socketClient(join(folder, `${id}.sock`)));
  }
  const city: City = {
    campuses: ["first", "second"].map((id) => ({ id, path: `city/county/${id}` })),
    client: (campus) => clients.get(campus) as SocketClient,
  };
  backTests = new CityBackTests(city, () => NOW);
  asked = fastify();
  answerWithProblems(asked, "rules");
  cityRoutes(asked, {
    city,
    backTests,
    desks: new Map([["gate", { scope: [] }]]),
    watched: [{ id: "gate", scope: [] }],
    now: () => NOW,
  });
});
afterEach(async () => {
  await backTests.stop();
  await asked.close();
  for (const client of clients.values()) await client.close();
  for (const { server } of [first, second]) await server.close();
  rmSync(folder, { recursive: true });
});

const get = async (url: string) => (await asked.inject(url)).json();
const post = async (url: string, payload: object) =>
  (await asked.inject({ method: "POST", url, payload })).json();

test("alarm figures count what rang on every campus, page by page, and a place has its own campuses alone", async () => {
  const range = `from=${NOW - 60_000}&to=${NOW}`;
  const whole = await get(`/city/alarm-figures?${range}`);
  expect(whole.all).toMatchObject({ raised: 3, byPriority: { 1: 3 } });
  expect(whole.desks).toMatchObject([{ desk: "gate", raised: 3 }]);
  expect(whole.standing.count).toBe(3);
  expect((await get(`/city/alarm-figures?${range}&scope=city/county/second`)).all.raised).toBe(1);
});

test("a desk of two campuses is handed over once, with what stands on both, and not over a red alarm of either", async () => {
  second.red = true;
  const handOver = { from: "chen", to: "li" };
  expect(await post("/city/desks/gate/hand-overs", handOver)).toMatchObject({ status: 409 });
  expect(first.handOvers).toEqual([]);
  second.red = false;
  expect(await post("/city/desks/gate/hand-overs", handOver)).toMatchObject({ from: "chen", to: "li" });
  expect(first.handOvers).toMatchObject([{ summary: { standing: 2, unacknowledged: 2 } }]);
  expect(second.handOvers).toEqual([]);
  expect(await get("/city/desks/other/summary")).toMatchObject({ status: 404 });
});

test("a drill of a county is on all of its campuses, or on none", async () => {
  const drill = { path: "city/county", duration_ms: 1, by: "chief", title: "fire" };
  const { id } = await post("/city/drills", drill);
  expect([first.drills, second.drills]).toEqual([new Set([id]), new Set([id])]);
  expect(
    (await asked.inject({ method: "DELETE", url: `/city/drills/${id}`, payload: { by: "chief" } }))
      .statusCode,
  ).toBe(204);
  second.refusesDrills = true;
  expect(await post("/city/drills", drill)).toMatchObject({ status: 400, detail: "its end is too far" });
  expect(first.drills).toEqual(new Set());
});

test("a back-test runs over the journal of each campus, and ends when the last has", async () => {
  const { id } = await post("/city/back-tests", { pack: "rules: []", by: "chief" });
  await expect.poll(async () => (await get(`/city/back-tests/${id}`)).state).toBe("done");
  expect(await get(`/city/back-tests/${id}`)).toMatchObject({
    by: "chief",
    rules: ["door"],
    progress: { entries: 20, samples: 40 },
    difference: { before: 2, after: 6, new: { count: 4 } },
  });
});

test("a back-test that is cancelled, or fails on one campus, ends on the others", async () => {
  first.backTest = "running";
  const { id } = await post("/city/back-tests", { pack: "rules: []", by: "chief" });
  expect(await post("/city/back-tests", { pack: "rules: []", by: "chief" })).toMatchObject({ status: 409 });
  second.backTest = "failed";
  await asked.inject({ method: "DELETE", url: `/city/back-tests/${id}` });
  expect(first.cancelled).toEqual(["first"]);
  const next = await post("/city/back-tests", { pack: "rules: []", by: "chief" });
  await expect.poll(async () => (await get(`/city/back-tests/${next.id}`)).state).toBe("failed");
  await expect.poll(() => first.cancelled).toEqual(["first", "first"]);
});

test("without one of the campuses nothing is answered, and it says which", async () => {
  await second.server.close();
  const answer = await get(`/city/alarm-figures?from=${NOW - 60_000}&to=${NOW}`);
  expect(answer).toMatchObject({ status: 503, title: "A campus does not answer" });
  expect(answer.detail).toContain("second");
});
