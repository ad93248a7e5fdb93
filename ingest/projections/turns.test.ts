import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DecodedEntry } from "@campus-ops/broker/journal";
import {
  type Address,
  CampusId,
  DeviceId,
  GOOD,
  NodeId,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { BUCKET_MS } from "../core/rollup.ts";
import type { Point, QueryPoints, WritePoints } from "../store/store.ts";
import { keeping } from "../store/testing/store-contract.ts";
import { RegistryProjection } from "./registry.ts";
import { RollupProjection } from "./rollups.ts";
import { SLICE_MS, Turns } from "./turns.ts";

const HOUR_MS = 3_600_000;
const T = Math.floor(1_790_000_000_000 / HOUR_MS) * HOUR_MS;
const UNTIL = T + 2 * HOUR_MS;
const STEP_MS = 120_000;
const CAMPUSES = 6;
const TOLD = ["AccessGranted", "SamplesExpected", "SamplesReceived"] as const;
const node: Address = { campus: CampusId("990102"), node: NodeId("hub") };
const campus = (index: number): Address => ({ ...node, device: DeviceId(`school-${index}`) });

/** What a hub below tells of five minutes of a campus. */
interface Telling {
  readonly campus: number;
  readonly bucket: number;
  readonly value: number;
  readonly step: number;
}

function journalOf(tellings: readonly Telling[]): DecodedEntry[][] {
  let seq = 0;
  const entry = (kind: DecodedEntry["kind"], receivedAt: number, more: Partial<DecodedEntry> = {}) =>
    ({ seq: ++seq, receivedAt, kind, samples: [], events: [], presence: [], leftOut: 0, ...more }) as const;
  const said = (metric: string, value: SampleValue, eventTime: number) => ({
    ...{ metric, value, quality: GOOD, eventTime, historical: false },
  });
  const hub = entry("NBIRTH", T, {
    address: node,
    presence: [{ address: node, online: true, at: T }],
    samples: [said("Properties/Class", "hub", T)],
  });
  const births = Array.from({ length: CAMPUSES }, (_, index) =>
    entry("DBIRTH", T, {
      address: campus(index),
      presence: [{ address: campus(index), online: true, at: T }],
      properties: { class: "hub", path: `990100/990102/school-${index}` },
    }),
  );
  const steps: DecodedEntry[][] = [[hub, ...births]];
  for (let at = T + STEP_MS, step = 0; at <= UNTIL; at += STEP_MS, step += 1) {
    const told = tellings
      .filter((each) => each.step === step && T + each.bucket * BUCKET_MS <= at)
      .map((each) =>
        entry("DDATA", at, {
          address: campus(each.campus),
          samples: TOLD.map((count) => said(`Rollup/${count}`, each.value, T + each.bucket * BUCKET_MS)),
        }),
      );
    steps.push([...told, entry("CLOCK", at)]);
  }
  return steps;
}

/** The series that are left, where folds may give way at each look at the clock for which `isOver` says so. */
async function rolledUp(steps: readonly (readonly DecodedEntry[])[], isOver: () => boolean) {
  const folder = mkdtempSync(join(tmpdir(), "turns-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const kept = new Map<string, Point>();
  // Counts are not made of points: nothing is asked of the store.
  const store: QueryPoints & WritePoints = {
    write: async (points) => {
      for (const point of points) kept.set(`${point.metric} ${point.device} ${point.time}`, point);
    },
    checkpoint: async () => ({ seq: 0 }),
    query: async () => ({ series: [], truncated: false }),
  };
  const unsynced = { committed: () => undefined, closing: () => undefined };
  const file = (name: string) => ({ path: join(folder, name), opened: () => unsynced });
  const registry = new RegistryProjection({
    file: file("registry.sqlite"),
    campusPath: (id) => `990100/990102/${id}`,
    onChange: () => undefined,
  });
  let [uptime_ms, gaveWay] = [0, 0];
  /** Steps that the registry has taken: it goes on while a fold gives way. */
  let taken = 0;
  const take = (): void => void registry.project(steps[taken++] ?? []);
  const rollups = new RollupProjection({
    file: file("rollups.sqlite"),
    store,
    writtenUntil: () => Number.POSITIVE_INFINITY,
    counts: (id, from, to) => registry.rollups.happenings(id, from, to),
    isOnline: () => true,
    retention: keeping(400 * 24 * HOUR_MS),
    isAway: () => false,
    uptime_ms: () => {
      if (!isOver()) return uptime_ms;
      gaveWay += 1;
      take();
      uptime_ms += SLICE_MS;
      return uptime_ms;
    },
  });
  for (const [index, entries] of steps.entries()) {
    if (taken <= index) take();
    await rollups.project(entries);
  }
  for (let after = 1; rollups.waiting() > 0 && after < 100; after += 1) {
    const clock = { kind: "CLOCK", samples: [], events: [], presence: [], leftOut: 0 } as const;
    await rollups.project([{ ...clock, seq: 1_000_000 + after, receivedAt: UNTIL + after * HOUR_MS }]);
  }
  rollups.close();
  registry.close();
  return { kept, gaveWay };
}

/** Of a campus, by the beginnings of its periods. */
function sums(kept: ReadonlyMap<string, Point>, count: string, tier: string, device: string) {
  const metric = `Counts/${count}:${tier}:sum`;
  const own = [...kept.values()].filter((each) => each.metric === metric && each.device === device);
  return new Map(own.map(({ time, value }) => [time, value]));
}

test("wherever folds give way, and whatever comes in then, the same roll-ups are left, and a parent is the sum of its parts", async () => {
  const telling = fc.record({
    campus: fc.nat(CAMPUSES - 1),
    bucket: fc.nat(11),
    // Told again, it is often nothing after all.
    value: fc.oneof(fc.nat(400), fc.constant(0)),
    step: fc.nat(58),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(telling, { minLength: 20, maxLength: 50 }),
      fc.infiniteStream(fc.boolean()),
      async (tellings, cuts) => {
        const steps = journalOf(tellings);
        const whole = await rolledUp(steps, () => false);
        const cut = await rolledUp(steps, () => cuts.next().value === true);
        expect([whole.gaveWay, cut.gaveWay > 0]).toEqual([0, true]);
        expect(new Map([...cut.kept].sort())).toEqual(new Map([...whole.kept].sort()));
        for (let index = 0; index < CAMPUSES; index += 1) {
          for (const count of ["accessGranted", "samplesExpected", "samplesReceived"]) {
            const parts = [...sums(cut.kept, count, "5m", `school-${index}`)];
            for (const [hour, sum] of sums(cut.kept, count, "hour", `school-${index}`)) {
              const own = parts.filter(([time]) => time >= hour && time < hour + HOUR_MS);
              expect(own.reduce((all, [, part]) => all + part, 0)).toBe(sum);
            }
          }
        }
      },
    ),
    { numRuns: 5 },
  );
});

test("a page that is asked for while much is folded has its turn before all of it is done", async () => {
  let now_ms = 0;
  const turns = new Turns(() => now_ms);
  const order: string[] = [];
  const asked = new Promise<void>((resolve) => {
    setImmediate(() => {
      order.push("page");
      resolve();
    });
  });
  for (let piece = 1; piece <= 4; piece += 1) {
    now_ms += SLICE_MS / 2;
    if (turns.areOver) await turns.give();
    order.push(`piece ${piece}`);
  }
  await asked;
  expect(order).toEqual(["piece 1", "page", "piece 2", "piece 3", "piece 4"]);
});
