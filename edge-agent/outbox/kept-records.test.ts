import { join } from "node:path";
import { DATA_CLASSES, type DataClass } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { lossRecord } from "../reports.ts";
import { RECORD_TIME, recordOf } from "../testing/records.ts";
import { temporaryFolder } from "../testing/test-agent.ts";
import { Outbox } from "./outbox.ts";

const HOUR_MS = 3_600_000;
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

interface Bench {
  readonly outbox: Outbox;
  now: number;
  /** Another agent over the same file. */
  again(): Outbox;
}

function bench(bytesMax = 1 << 20, hours = 24): Bench {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const time = { now: RECORD_TIME };
  const open = (): Outbox => {
    const opened = new Outbox({
      file: join(folder.path, "outbox.sqlite"),
      bytesMax: 1 << 30,
      daysMax: 90,
      keep: { keep_ms: hours * HOUR_MS, bytesMax },
      now: () => time.now,
      lossRecord,
      onTrouble: (message, error) => {
        throw new Error(message, { cause: error });
      },
    });
    closing.push(() => opened.close());
    return opened;
  };
  return Object.assign(time, { outbox: open(), again: open });
}

const sample = (value: number, dataClass: DataClass = "telemetry") =>
  recordOf("a", dataClass, { "Environment/CO2": value });

/** Numbers one record after the other, and has the host confirm them all. */
async function confirmed({ outbox }: Bench, ...records: ReturnType<typeof sample>[]) {
  const stored = (await Promise.all(records.map((record) => outbox.append([record])))).flat();
  outbox.acknowledge(stored.map(({ range }) => range));
  // The next commit carries it.
  await outbox.append([sample(-1)]);
  outbox.acknowledge([{ first: outbox.account().next - 1, last: outbox.account().next - 1 }]);
  return stored;
}

const valuesIn = (outbox: Outbox): unknown[] =>
  outbox.next(1_000, new Map()).map(({ metrics }) => metrics[0]?.value);

describe("what the host has confirmed", () => {
  test("waits again when the host has lost it: under its numbers, as it was, and counted as waiting", async () => {
    const at = bench();
    const stored = await confirmed(at, sample(1), sample(2), sample(3));
    expect(at.outbox.recordCount).toBe(0);
    expect(at.outbox.recall([{ first: 2, last: 3 }])).toBe(2);
    expect(at.outbox.next(10, new Map())).toEqual(stored.slice(1));
    expect(at.outbox.account()).toMatchObject({ next: 5, waiting: 2 });
    expect(at.outbox.devicesWaiting()).toEqual(["a"]);
    expect(at.outbox.recall([{ first: 2, last: 3 }])).toBe(0);
  });

  test("is deleted for good when it is confirmed again, and can be lost once more", async () => {
    const at = bench();
    const [first] = await confirmed(at, sample(1));
    at.outbox.recall([{ first: 1, last: 1 }]);
    at.outbox.acknowledge(first === undefined ? [] : [first.range]);
    await at.outbox.append([sample(2)]);
    expect(valuesIn(at.outbox)).toEqual([2]);
    expect(at.outbox.recall([{ first: 1, last: 1 }])).toBe(1);
    expect(valuesIn(at.outbox)).toEqual([1, 2]);
  });

  test("is there after a restart, too", async () => {
    const at = bench();
    await confirmed(at, sample(1), sample(2));
    at.outbox.close();
    const again = at.again();
    expect(again.stats().kept.records).toBe(3);
    expect(again.recall([{ first: 1, last: 2 }])).toBe(2);
    expect(valuesIn(again)).toEqual([1, 2]);
  });

  test("goes when it has been kept for its time, as new confirmations come", async () => {
    const at = bench();
    await confirmed(at, sample(1), sample(2));
    at.now += 25 * HOUR_MS;
    await confirmed(at, sample(3), sample(4), sample(5));
    at.outbox.recall([{ first: 1, last: 99 }]);
    // The record after the first two was settled with the commit that followed, a day later.
    expect(valuesIn(at.outbox)).toEqual([-1, 3, 4, 5, -1]);
  });

  test("beyond its room the least precious goes first, and what waits never gives way to it", async () => {
    const at = bench(400);
    const records = Array.from({ length: 20 }, (_, value) =>
      sample(value, value % 2 === 0 ? "telemetry" : "alarm"),
    );
    await confirmed(at, ...records);
    expect(at.outbox.stats().kept.bytes).toBeLessThanOrEqual(400);
    at.outbox.recall([{ first: 1, last: 20 }]);
    const left = valuesIn(at.outbox) as number[];
    expect(left.length).toBeGreaterThan(2);
    expect(left.every((value) => value % 2 === 1)).toBe(true);
  });

  test("says nothing to a host that numbers anew: another epoch's is forgotten", async () => {
    const at = bench();
    await confirmed(at, sample(1));
    at.outbox.renew();
    expect(at.outbox.stats().kept).toEqual({ records: 0, bytes: 0 });
    expect(at.outbox.recall([{ first: 1, last: 9 }])).toBe(0);
  });

  test("is not kept at all where nothing is to be kept", async () => {
    const at = bench(1 << 20, 0);
    await confirmed(at, sample(1));
    expect(at.outbox.stats().kept).toEqual({ records: 0, bytes: 0 });
  });

  test("whatever is confirmed and recalled, every number is in one place, and the counts are those of a new opening", async () => {
    const classes = fc.constantFrom(...DATA_CLASSES);
    const run = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat({ max: 8 }));
    const step = fc.oneof(
      fc.record({ append: classes }),
      fc.record({ acknowledge: fc.nat({ max: 30 }) }),
      fc.record({ recall: run }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const at = bench();
        let numbered = 0;
        for (const each of steps) {
          if ("append" in each) {
            numbered += 1;
            await at.outbox.append([sample(numbered, each.append)]);
          } else if ("acknowledge" in each)
            at.outbox.acknowledge([{ first: each.acknowledge, last: each.acknowledge }]);
          else at.outbox.recall([{ first: each.recall[0], last: each.recall[0] + each.recall[1] }]);
        }
        numbered += 1;
        await at.outbox.append([sample(numbered)]);
        const { kept, perClass } = at.outbox.stats();
        const { waiting } = at.outbox.account();
        expect(kept.records + waiting).toBe(numbered);
        at.outbox.close();
        const again = at.again();
        expect(again.stats()).toMatchObject({ kept, perClass });
        expect(again.account().waiting).toBe(waiting);
        again.recall([{ first: 1, last: numbered }]);
        expect(valuesIn(again).toSorted((a, b) => Number(a) - Number(b))).toEqual(
          Array.from({ length: numbered }, (_, index) => index + 1),
        );
      }),
      { numRuns: 12 },
    );
  });
});
