import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DecodedEntry } from "@campus-ops/broker/journal";
import { type Address, CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CampusRollup } from "../api.ts";
import { KNOWN_RANGES_MAX } from "../core/known-ranges.ts";
import { BUCKET_MS, bucketOf } from "../core/rollup.ts";
import { CAMPUS, NODE, sample, swipe } from "../testing/campus.ts";
import { RegistryProjection } from "./registry.ts";
import { SLICE_MS, Turns } from "./turns.ts";

const T = bucketOf(1_790_000_000_000);
const HOUR_MS = 12 * BUCKET_MS;
const COUNTY = CampusId("990102");
const box: Address = { campus: CAMPUS, node: NODE };
const gate: Address = { ...box, device: DeviceId("gate") };
const hubNode: Address = { campus: COUNTY, node: NodeId("hub") };
const tellerOf = (campus: string): Address => ({ ...hubNode, device: DeviceId(campus) });
const placeOf = (campus: string): string => `990100/990102/${campus}`;

let folder: string;
let projection: RegistryProjection;
let seq: number;

const open = () =>
  new RegistryProjection({
    file: join(folder, "registry.sqlite"),
    campusPath: placeOf,
    onChange: () => undefined,
  });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "campus-rollups-"));
  projection = open();
  seq = 0;
});
afterEach(() => {
  projection.close();
  rmSync(folder, { recursive: true });
});

function entry(kind: DecodedEntry["kind"], receivedAt: number, more: Partial<DecodedEntry>): DecodedEntry {
  seq += 1;
  return { seq, receivedAt, kind, samples: [], events: [], presence: [], leftOut: 0, ...more };
}
const live = (metric: string, value: Parameters<typeof sample>[1], eventTime: number) => ({
  ...sample(metric, value, eventTime),
  historical: false,
});
const there = (address: Address, online: boolean, at: number) => ({ address, online, at });

const school = (): DecodedEntry[] => [
  entry("NBIRTH", T, { address: box, presence: [there(box, true, T)], properties: {} }),
  entry("DBIRTH", T, {
    address: gate,
    presence: [there(gate, true, T)],
    properties: { class: "access-gate" },
  }),
];
const tellerBirth = (campus: string, path: string, at: number): DecodedEntry =>
  entry("DBIRTH", at, {
    address: tellerOf(campus),
    presence: [there(tellerOf(campus), true, at)],
    properties: { class: "hub", path },
    samples: [live("Rollup/DevicesRegistered", 7, at)],
  });
const hubBirth = (at: number): DecodedEntry =>
  entry("NBIRTH", at, {
    address: hubNode,
    presence: [there(hubNode, true, at)],
    properties: { class: "hub" },
    samples: [live("Properties/Class", "hub", at)],
  });

type Step = (at: number, id: number) => readonly DecodedEntry[];
const campus = fc.constantFrom("east", "west");
const bucket = fc.integer({ min: -14, max: 14 }).map((each) => T + each * BUCKET_MS);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(campus, bucket, fc.nat(3)).map(([which, start, granted]): Step => {
    const samples = [
      live("Rollup/AccessGranted", granted, start),
      live("Rollup/SamplesExpected", 10, start),
      live("Rollup/SamplesReceived", 9, start),
    ];
    return (at) => [entry("DDATA", at, { address: tellerOf(which), samples })];
  }),
  fc.tuple(campus, fc.nat(3)).map(
    ([which, working]): Step =>
      (at) => [
        entry("DDATA", at, {
          address: tellerOf(which),
          samples: [live("Rollup/DevicesWorking", working, at)],
        }),
      ],
  ),
  bucket.map(
    (start): Step =>
      (at, id) => [
        entry("DDATA", at, {
          address: gate,
          events: [{ ...swipe(id, "granted", start), historical: false }],
        }),
      ],
  ),
  fc.constant<Step>((at) => [
    entry("NDEATH", at, { address: hubNode, presence: [there(hubNode, false, at)] }),
  ]),
  fc.constant<Step>((at) => [
    hubBirth(at),
    tellerBirth("east", placeOf("east"), at),
    tellerBirth("west", placeOf("west"), at),
  ]),
  // The campus that it tells of moves to another name, and what was there is there no more.
  fc.constant<Step>((at) => [tellerBirth("west", placeOf("north"), at)]),
  fc.constant<Step>((at) => [entry("CLOCK", at, {})]),
);

const key = ({ campus: of, path }: CampusRollup): string => `${of} ${path}`;
const sorted = (rollups: readonly CampusRollup[]) =>
  rollups.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));

test("who takes what has changed since any answer has what all of it would be, whatever comes in and wherever reading gives way", async () => {
  const ranges = [
    { from: T - HOUR_MS, to: T + HOUR_MS },
    { from: T - BUCKET_MS, to: T + 3 * BUCKET_MS },
    { from: T - 100 * HOUR_MS, to: T + HOUR_MS },
  ] as const;
  const ask = fc.record({ range: fc.constantFrom(...ranges), back: fc.nat(4) });
  const history = fc.array(fc.tuple(step, fc.option(ask)), { minLength: 5, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(history, fc.array(fc.boolean()), async (steps, cuts) => {
      projection.close();
      rmSync(folder, { recursive: true });
      folder = mkdtempSync(join(tmpdir(), "campus-rollups-"));
      projection = open();
      seq = 0;
      await projection.project([...school(), hubBirth(T), tellerBirth("east", placeOf("east"), T)]);
      let [taken, uptime_ms, looks] = [0, 0, 0];
      const take = async (): Promise<void> => {
        const [each] = steps[taken] ?? [];
        taken += 1;
        const at = T + taken * 40_000;
        if (each !== undefined) await projection.project(each(at, taken));
      };
      const turns = (): Turns =>
        new Turns(() => {
          looks += 1;
          if (cuts[looks % cuts.length] !== true) return uptime_ms;
          void take();
          uptime_ms += SLICE_MS;
          return uptime_ms;
        });
      const answers = new Map<
        (typeof ranges)[number],
        { tag: string; have: ReadonlyMap<string, readonly CampusRollup[]> }[]
      >();
      while (taken < steps.length) {
        const asked = steps[taken]?.[1];
        await take();
        if (asked === null || asked === undefined) continue;
        const { from, to } = asked.range;
        const before = answers.get(asked.range) ?? [];
        const base = before.at(-1 - asked.back);
        const answer = await projection.rollups.changed(from, to, base?.tag, turns());
        const have = new Map(answer.isDelta ? base?.have : []);
        for (const [of, own] of Map.groupBy(answer.rollups, (each) => each.campus)) have.set(of, own);
        answers.set(asked.range, [...before, { tag: answer.tag, have }]);
        const all = projection.rollups.all(from, to);
        expect(sorted([...have.values()].flat())).toEqual(sorted(all));
        // Added up by the file itself, campus by campus.
        for (const each of all) {
          const happened = Object.entries(projection.rollups.happenings(each.campus, from, to));
          expect(each.counts).toMatchObject(Object.fromEntries(happened.filter(([, count]) => count !== 0)));
        }
      }
    }),
    { numRuns: 20 },
  );
});

test("of a day that nobody touched nothing is told again, and of one that was, the campus that it was", async () => {
  await projection.project([
    ...school(),
    hubBirth(T),
    tellerBirth("east", placeOf("east"), T),
    tellerBirth("west", placeOf("west"), T),
  ]);
  const ask = (tag?: string) => projection.rollups.changed(T - HOUR_MS, T + HOUR_MS, tag, new Turns(() => 0));
  const first = await ask();
  expect(first).toMatchObject({ isDelta: false });
  expect(first.rollups.map((each) => each.campus).sort()).toEqual(["east", CAMPUS, "west"].sort());
  expect(await ask(first.tag)).toEqual({ tag: first.tag, isDelta: true, rollups: [] });
  await projection.project([
    entry("DDATA", T + 1, { address: tellerOf("west"), samples: [live("Rollup/AccessGranted", 3, T)] }),
  ]);
  const second = await ask(first.tag);
  expect(second).toMatchObject({ isDelta: true, rollups: [{ campus: "west" }] });
  expect(await ask("of another hub")).toMatchObject({ isDelta: false });
  expect(await ask(`${second.tag}9`)).toMatchObject({ isDelta: false });
  projection.close();
  projection = open();
  expect(await ask(second.tag)).toMatchObject({ isDelta: false });
});

test("ranges beyond the bound are answered whole", async () => {
  await projection.project(school());
  const ask = (at: number, tag?: string) =>
    projection.rollups.changed(T - at * BUCKET_MS, T + BUCKET_MS, tag, new Turns(() => 0));
  const { tag } = await ask(0);
  for (let at = 1; at < KNOWN_RANGES_MAX; at += 1) await ask(at);
  expect(await ask(0, tag)).toMatchObject({ isDelta: true, rollups: [] });
  for (let at = 1; at <= KNOWN_RANGES_MAX; at += 1) await ask(at);
  expect(await ask(0, tag)).toMatchObject({ isDelta: false });
});

test("what was read ahead is not read again, and reading ahead ends when it is called off", async () => {
  await projection.project(school());
  const day = [T - 24 * HOUR_MS, T + BUCKET_MS] as const;
  const stepsOf = async (signal?: AbortSignal): Promise<number> => {
    // The time is looked at once when the first turn begins, and after each step.
    const looks: number[] = [];
    const turns = new Turns(() => {
      looks.push(0);
      return 0;
    });
    await projection.rollups.prepare(...day, turns, signal);
    return looks.length - 1;
  };
  expect(await stepsOf(AbortSignal.abort())).toBe(1);
  expect(await stepsOf()).toBeGreaterThan(1);
  expect(await stepsOf()).toBe(0);
});
