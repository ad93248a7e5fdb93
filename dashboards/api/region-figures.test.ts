import type { Rollup } from "@campus-ops/device-profiles/vocabulary";
import type { CampusRollup } from "@campus-ops/ingest/api";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RANGES_MAX, RegionFigures } from "./region-figures.ts";
import { openFolder, part } from "./testing/world.ts";

const BUCKET_MS = 300_000;
const RANGE = { from: 10 * BUCKET_MS, to: 20 * BUCKET_MS };

/** Ingest as its API says: every change has a version, and a restart gives everything another name. */
class Figures {
  readonly asked: { readonly path: string; readonly manipulation: unknown; readonly tag: unknown }[] = [];
  name = 1;
  version = 0;
  isAway = false;
  readonly rollups = new Map<string, { readonly version: number; readonly of: readonly CampusRollup[] }>();

  set(campus: string, ...counts: readonly (Rollup & { readonly since?: number })[]): void {
    this.version += 1;
    const of = counts.map(({ since, ...own }): CampusRollup => {
      const known = since === undefined ? {} : { lastKnown: since };
      return { campus, path: `990100/990102/${campus}`, ...RANGE, counts: own, ...known };
    });
    this.rollups.set(campus, { version: this.version, of });
  }

  answer(base: string | undefined): { readonly isDelta: boolean; readonly rollups: readonly CampusRollup[] } {
    const [name, version] = (base ?? "").replaceAll('"', "").split(".").map(Number);
    const isDelta = name === this.name && version !== undefined && version <= this.version;
    const changed = [...this.rollups.values()].filter((each) => !isDelta || each.version > version);
    return { isDelta, rollups: changed.flatMap(({ of }) => of) };
  }
}

let close: () => Promise<void>;
let ingest: Figures;
let region: RegionFigures;
/** What answers wait for; nothing unless a test says. */
let gate: Promise<void>;
/** Resolves when ingest has been asked the first time. */
let isAsked: PromiseWithResolvers<void>;

beforeEach(async () => {
  close = await openFolder();
  ingest = new Figures();
  gate = Promise.resolve();
  isAsked = Promise.withResolvers();
  const client = await part("ingest", (server) => {
    server.get("/rollups", async ({ headers, url }, reply) => {
      const base = headers["if-none-match"];
      ingest.asked.push({ path: url, manipulation: headers["a-im"], tag: base });
      const { isDelta, rollups } = ingest.answer(base);
      const tag = `"${ingest.name}.${ingest.version}"`;
      const isAway = ingest.isAway;
      isAsked.resolve();
      await gate;
      if (isAway) return reply.code(503).send({ title: "away" });
      if (isDelta) reply.code(226).headers({ im: "changed-campuses", "delta-base": base });
      return reply.header("etag", tag).send(rollups);
    });
  });
  region = new RegionFigures(client);
});
afterEach(() => close());

const seen = async (range = RANGE) => {
  const { counts, lastKnown } = await region.of(range);
  return { counts: Object.fromEntries(counts), lastKnown: Object.fromEntries(lastKnown) };
};

const campus = fc.constantFrom("first", "second", "third");
const granted = fc.integer({ min: 0, max: 9 });
const change = fc.oneof(
  fc.record({ campus, granted, since: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }) }),
  fc.constant("restart" as const),
  fc.constant("asked" as const),
  fc.constant("away" as const),
);

test("whatever changes, restarts and is away in between, what is shown is all that there is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 30 }), async (changes) => {
      ingest.rollups.clear();
      ingest.name += 1;
      for (const each of changes) {
        if (each === "restart") {
          ingest.name += 1;
          ingest.rollups.delete("third");
        } else if (each === "away") {
          ingest.isAway = true;
          await expect(seen()).rejects.toThrow();
          ingest.isAway = false;
        } else if (each !== "asked") {
          const { since, ...own } = each;
          const counts = { "access.granted": own.granted, ...(since === undefined ? {} : { since }) };
          // Two hubs tell of it.
          if (own.campus === "second") ingest.set(own.campus, counts, { "access.granted": 1 });
          else ingest.set(own.campus, counts);
        } else {
          const { counts, lastKnown } = await seen();
          const all = [...ingest.rollups].map(([id, { of }]) => [
            id,
            { "access.granted": of.reduce((sum, one) => sum + (one.counts["access.granted"] ?? 0), 0) },
          ]);
          expect(counts).toEqual(Object.fromEntries(all));
          const cutOff = [...ingest.rollups].flatMap(([id, { of }]) =>
            of.flatMap((one) => (one.lastKnown === undefined ? [] : [[id, one.lastKnown]])),
          );
          expect(lastKnown).toEqual(Object.fromEntries(cutOff));
        }
      }
    }),
    { numRuns: 30 },
  );
});

test("of what is known only the changes are asked for, by pages of the same five minutes in one question", async () => {
  ingest.set("first", { "access.granted": 1 });
  await seen();
  await seen({ from: RANGE.from + 1, to: RANGE.to - 1 });
  const path = `/rollups?from=${RANGE.from}&to=${RANGE.to}`;
  expect(ingest.asked).toEqual([
    { path, manipulation: undefined, tag: undefined },
    { path, manipulation: "changed-campuses", tag: '"1.1"' },
  ]);
});

test("a campus whose hub is back is as last known no more", async () => {
  ingest.set("first", { since: 5 });
  expect((await seen()).lastKnown).toEqual({ first: 5 });
  ingest.set("first", { "access.granted": 1 });
  expect((await seen()).lastKnown).toEqual({});
});

test("pages that come while one is answered share the next answer, which is asked for after they came", async () => {
  const opened = Promise.withResolvers<void>();
  gate = opened.promise;
  const first = seen();
  const waiting = Array.from({ length: 5 }, () => seen());
  ingest.set("first", { "access.granted": 7 });
  opened.resolve();
  await first;
  for (const each of await Promise.all(waiting))
    expect(each.counts).toEqual({ first: { "access.granted": 7 } });
  expect(ingest.asked).toHaveLength(2);
  await seen();
  expect(ingest.asked).toHaveLength(3);
});

test("a question that fails fails for its pages alone", async () => {
  const opened = Promise.withResolvers<void>();
  gate = opened.promise;
  ingest.isAway = true;
  const first = seen();
  await isAsked.promise;
  const second = seen();
  ingest.isAway = false;
  opened.resolve();
  await expect(first).rejects.toThrow();
  expect((await second).counts).toEqual({});
});

test("ranges beyond the bound are asked for as if they had never been", async () => {
  for (let at = 0; at <= RANGES_MAX; at += 1) await seen({ from: at * BUCKET_MS, to: RANGE.to });
  await seen({ from: BUCKET_MS, to: RANGE.to });
  expect(ingest.asked.at(-1)?.tag).toBe('"1.0"');
  await seen({ from: 0, to: RANGE.to });
  expect(ingest.asked.at(-1)?.tag).toBeUndefined();
});
