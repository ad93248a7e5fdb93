import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog, listenOnSocket } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BUCKET_MS, type Count } from "../core/series/counts.ts";
import { SeriesStore } from "./series-store.ts";
import { type Family, Teller } from "./teller.ts";

const DAY = 86_400_000;
const METRIC = "Counts/alarmsRaised1";

let folder: string;
let server: FastifyInstance;
let ingest: SocketClient;
let store: SeriesStore;
/** What ingest keeps: a range that is told takes the place of all that was told of it. */
let kept: Map<number, number>;
let ranges: (readonly [from: number, to: number])[];
let refuses: boolean;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "teller-"));
  kept = new Map();
  ranges = [];
  refuses = false;
  server = fastify({ bodyLimit: 1024 * 1024 });
  server.put("/counts/school/alarms", (request, reply) => {
    if (refuses) return reply.code(503).send({ title: "not now" });
    const { from, to, counts } = request.body as { from: number; to: number; counts: Count[] };
    ranges.push([from, to]);
    for (const start of kept.keys()) if (start >= from && start < to) kept.delete(start);
    for (const { start, value } of counts) kept.set(start, value);
    return reply.code(204).send();
  });
  server.put("/counts/:campus/alarms", (_, reply) => reply.code(204).send());
  await listenOnSocket(server, join(folder, "ingest.sock"));
  ingest = socketClient(join(folder, "ingest.sock"));
  store = new SeriesStore(join(folder, "series.sqlite"));
});
afterEach(async () => {
  store.close();
  await ingest.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Things happen at `at`; `since` is what became known since it was settled last. */
class Happenings implements Family {
  readonly name = "alarms";
  readonly changes_ms = 0;
  readonly at: number[] = [];
  #since: number | undefined;
  happen(...at: readonly number[]): void {
    this.at.push(...at);
    this.#since = Math.min(...at, this.#since ?? Number.POSITIVE_INFINITY);
  }
  changed = () => new Map(this.#since === undefined ? [] : [["school", this.#since] as const]);
  count = async (_: string, from: number, to: number): Promise<readonly Count[]> => {
    const within = this.at.filter((at) => at >= from && at < to);
    const starts = Map.groupBy(within, (at) => Math.floor(at / BUCKET_MS) * BUCKET_MS);
    return [...starts].map(([start, own]) => ({ start, metric: METRIC, value: own.length }));
  };
  settle = () => {
    this.#since = undefined;
  };
}

const tellerOf = (family: Family) =>
  new Teller({ families: [family], campuses: ["school"], store, ingest, log: createLog("test", "silent") });

test("what became known late is told again from where it touches, and nothing before it", async () => {
  const happenings = new Happenings();
  const teller = tellerOf(happenings);
  happenings.happen(10 * DAY, 10 * DAY + BUCKET_MS);
  await teller.tell(10 * DAY + 2 * BUCKET_MS);
  expect([...kept]).toEqual([
    [10 * DAY, 1],
    [10 * DAY + BUCKET_MS, 1],
  ]);
  await teller.tell(10 * DAY + 3 * BUCKET_MS);
  expect(ranges.at(-1)).toEqual([10 * DAY + 2 * BUCKET_MS, 10 * DAY + 3 * BUCKET_MS]);
  happenings.happen(10 * DAY + BUCKET_MS + 1);
  await teller.tell(10 * DAY + 4 * BUCKET_MS);
  expect(kept.get(10 * DAY + BUCKET_MS)).toBe(2);
  expect(ranges.at(-1)).toEqual([10 * DAY + BUCKET_MS, 10 * DAY + 4 * BUCKET_MS]);
});

test("three days are told a day at a time; after an end in the middle the same is there as if nothing had happened", async () => {
  const happenings = new Happenings();
  happenings.happen(...Array.from({ length: 72 }, (_, hour) => 10 * DAY + hour * 3_600_000));
  let answers = 0;
  const counted = happenings.count;
  happenings.count = (campus, from, to) => {
    answers += 1;
    // Killed before the second day is told.
    if (answers === 2) throw new Error("the end");
    return counted(campus, from, to);
  };
  await expect(tellerOf(happenings).tell(13 * DAY)).rejects.toThrow("the end");
  expect(ranges).toEqual([[10 * DAY, 11 * DAY]]);
  await tellerOf(happenings).tell(13 * DAY);
  expect([...kept.values()].reduce((sum, value) => sum + value, 0)).toBe(72);
  expect(ranges.at(-1)).toEqual([12 * DAY, 13 * DAY]);
});

test("a store that is away is told when it is back", async () => {
  const happenings = new Happenings();
  const teller = tellerOf(happenings);
  happenings.happen(10 * DAY);
  refuses = true;
  await expect(teller.tell(10 * DAY + BUCKET_MS)).rejects.toThrow("503");
  refuses = false;
  await teller.tell(10 * DAY + 3 * BUCKET_MS);
  expect([...kept]).toEqual([[10 * DAY, 1]]);
});

test("what cannot be counted keeps nothing else from being told", async () => {
  const broken = { name: "use", changes_ms: 0, changed: () => new Map(), settle: () => undefined };
  const happenings = new Happenings();
  happenings.happen(10 * DAY);
  const count = () => Promise.reject(new Error("cannot be counted"));
  store.told("use", [{ campus: "school", until: 10 * DAY }]);
  const families = [{ ...broken, count }, happenings];
  const teller = new Teller({
    families,
    campuses: ["school"],
    store,
    ingest,
    log: createLog("test", "silent"),
  });
  await expect(teller.tell(10 * DAY + BUCKET_MS)).rejects.toThrow("cannot be counted");
  expect([...kept]).toEqual([[10 * DAY, 1]]);
});

test("campuses are told many at a time, and one that is not taken keeps nobody beside it from being told", async () => {
  const count = 40;
  const campuses = Array.from({ length: count }, (_, at) => `campus-${at}`);
  let [waiting, together] = [0, 0];
  const everyone = Promise.withResolvers<void>();
  const answered: string[] = [];
  const teller = new Teller({
    families: [
      {
        name: "alarms",
        changes_ms: 0,
        changed: () => new Map(campuses.map((campus) => [campus, 10 * DAY])),
        settle: () => undefined,
        count: async (campus) => {
          waiting += 1;
          together = Math.max(together, waiting);
          // The first ones wait for each other, which they could not if they were told one by one.
          if (waiting === 2) everyone.resolve();
          await everyone.promise;
          waiting -= 1;
          if (campus === "campus-3") throw new Error("cannot be counted");
          answered.push(campus);
          return [];
        },
      },
    ],
    campuses,
    store,
    ingest,
    log: createLog("test", "silent"),
  });
  await expect(teller.tell(10 * DAY + BUCKET_MS)).rejects.toThrow("cannot be counted");
  expect(together).toBeGreaterThan(1);
  expect(together).toBeLessThan(count);
  for (const campus of answered) expect(store.until("alarms", campus)).toBe(10 * DAY + BUCKET_MS);
  expect(store.until("alarms", "campus-3")).toBeUndefined();
  expect(answered).toContain("campus-4");
});
