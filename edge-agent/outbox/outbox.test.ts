import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DATA_CLASSES, type DataClass } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { lossRecord } from "../reports.ts";
import { counterRecord, RECORD_TIME, recordOf } from "../testing/records.ts";
import { temporaryFolder } from "../testing/test-agent.ts";
import { Outbox, type OutboxOptions } from "./outbox.ts";
import type { OutboxRecord } from "./record.ts";

const DAY_MS = 86_400_000;
const nothing = new Map<number, unknown>();
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

function folder(): string {
  const temporary = temporaryFolder();
  closing.push(() => temporary.remove());
  return temporary.path;
}

function open(file: string, options: Partial<OutboxOptions> = {}): Outbox {
  const outbox = new Outbox({
    file,
    bytesMax: 1 << 30,
    daysMax: 90,
    now: () => RECORD_TIME,
    lossRecord,
    onTrouble: (message, error) => {
      throw new Error(message, { cause: error });
    },
    ...options,
  });
  closing.push(() => outbox.close());
  return outbox;
}

const fresh = (options: Partial<OutboxOptions> = {}) => open(join(folder(), "outbox.sqlite"), options);
const valuesOf = (records: readonly OutboxRecord[]) =>
  records.flatMap(({ metrics }) => metrics.map(({ value }) => value));
const lossesOf = (outbox: Outbox) =>
  outbox
    .next(1_000, nothing, ["alarm"])
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ value }) =>
      typeof value === "object" && value !== null && "kind" in value && value.kind === "template"
        ? [value]
        : [],
    )
    .map(({ metrics }) => Object.fromEntries(metrics.map(({ name, value }) => [name, value])));

/** Forgets acknowledged records now, not in a moment. */
async function settled(outbox: Outbox): Promise<void> {
  await outbox.append([counterRecord("other", 0, "alarm")]);
}

describe("the outbox", () => {
  test("gives back what was put in, name by name and type by type, also after being opened again", async () => {
    const file = join(folder(), "outbox.sqlite");
    const record = {
      ...recordOf("gate-1", "access", {
        "Door/Open": true,
        "Projector/Power": "on",
        "Port/3/InOctets": 2 ** 60,
        "Environment/CO2": 612.5,
      }),
    };
    const later = recordOf("gate-1", "access", { "Door/Open": false }, RECORD_TIME + 5);
    const both = { ...record, metrics: [...record.metrics, ...later.metrics] };
    const first = open(file);
    const [kept] = await first.append([both]);
    first.close();
    const [read] = open(file).next(10, nothing);
    expect(read?.range).toEqual(kept?.range);
    expect(read?.device).toBe("gate-1");
    expect([read?.from, read?.to]).toEqual([RECORD_TIME, RECORD_TIME + 5]);
    expect(read?.metrics.map(({ datatype, name, timestamp }) => [name, datatype, timestamp])).toEqual(
      both.metrics.map(({ datatype, name, timestamp }) => [name, datatype, timestamp]),
    );
    expect(read?.metrics.map(({ value }) => Number(value) || value)).toEqual(
      both.metrics.map(({ value }) => Number(value) || value),
    );
  });

  test("numbers samples without a gap and never uses a number twice, over acknowledgements and restarts", async () => {
    const file = join(folder(), "outbox.sqlite");
    const before = open(file);
    const [one] = await before.append([counterRecord("a", 1)]);
    const [two] = await before.append([
      recordOf("a", "telemetry", { "Environment/CO2": 1, "Environment/Humidity": 2 }),
    ]);
    before.acknowledge([
      { first: 1, last: 1 },
      { first: 2, last: 3 },
    ]);
    await settled(before);
    before.close();
    const after = open(file);
    const [three] = await after.append([counterRecord("a", 3)]);
    expect([one, two, three].map((record) => [record?.range.first, record?.range.last])).toEqual([
      [1, 1],
      [2, 3],
      [5, 5],
    ]);
    expect(after.epoch).toBe(before.epoch);
  });

  test("keeps an alias's meaning over a restart", async () => {
    const file = join(folder(), "outbox.sqlite");
    const before = open(file);
    await before.append([counterRecord("a", 1), counterRecord("b", 2)]);
    const aliases = before.metricsOf("b");
    before.close();
    expect(open(file).metricsOf("b")).toEqual(aliases);
  });

  test("commits what is waiting together, and an alarm takes the others along at once", async () => {
    const outbox = fresh();
    const waiting = Array.from({ length: 50 }, (_, count) => outbox.append([counterRecord("a", count)]));
    const alarm = outbox.append([counterRecord("a", 99, "alarm")]);
    await Promise.all([...waiting, alarm]);
    expect(outbox.commits).toBe(1);
  });

  test("hands over the most precious class first and the oldest first within it, leaving out what is in flight", async () => {
    const outbox = fresh();
    const classes: readonly DataClass[] = ["telemetry", "alarm", "state", "access", "alarm", "bulk"];
    await outbox.append(classes.map((dataClass, count) => counterRecord("a", count, dataClass)));
    expect(valuesOf(outbox.next(10, nothing))).toEqual([1, 4, 3, 2, 0, 5]);
    expect(valuesOf(outbox.next(2, new Map([[2, 1]])))).toEqual([4, 3]);
  });

  test("deletes exactly the runs that were acknowledged", async () => {
    const outbox = fresh();
    await outbox.append([1, 2, 3].map((count) => counterRecord("a", count)));
    outbox.acknowledge([
      { first: 2, last: 2 },
      { first: 1, last: 2 },
      { first: 77, last: 78 },
    ]);
    expect(valuesOf(outbox.next(10, nothing))).toContain(3);
    await settled(outbox);
    expect(valuesOf(outbox.next(10, nothing, ["telemetry"]))).toEqual([1, 3]);
  });

  test("keeps a driver's cursor in the transaction of what was read with it", async () => {
    const file = join(folder(), "outbox.sqlite");
    const before = open(file);
    await before.append([counterRecord("gate-1", 1, "access")], { device: "gate-1", cursor: "serial 17" });
    before.close();
    const after = open(file);
    expect(after.cursor("gate-1")).toBe("serial 17");
    expect(after.cursor("gate-2")).toBeUndefined();
  });

  test("refuses a record that cannot be encoded, and its group does not suffer", async () => {
    const outbox = fresh();
    const good = outbox.append([counterRecord("a", 1)]);
    const bad = outbox.append([
      { device: "a", dataClass: "state", metrics: [{ name: "Door/Open", value: true }] },
    ]);
    await expect(bad).rejects.toThrow("event time");
    expect((await good)[0]?.range.first).toBe(1);
  });
});

test("a file that another agent has open is refused, and left alone", async () => {
  const file = join(folder(), "outbox.sqlite");
  const owner = open(file);
  await owner.append([counterRecord("a", 1)]);
  expect(() => open(file)).toThrow("is in use by another process");
  expect(valuesOf(owner.next(10, nothing))).toEqual([1]);
});

describe("when the budget is reached", () => {
  test("telemetry gives way to alarms, oldest first, and the loss is told with its count and times", async () => {
    const outbox = fresh({ bytesMax: 20_000 });
    const samples = 2_000;
    for (let count = 0; count < samples; count += 1) {
      void outbox.append([recordOf("a", "telemetry", { "Environment/CO2": count }, RECORD_TIME + count)]);
    }
    await outbox.append([counterRecord("a", 7, "alarm")]);
    const { bytes, lostSamples, perClass } = outbox.stats();
    expect(bytes).toBeLessThanOrEqual(20_000);
    expect(perClass.telemetry.records + lostSamples).toBe(samples);
    const [loss] = lossesOf(outbox);
    expect(loss).toMatchObject({
      class: "telemetry",
      count: lostSamples,
      from: RECORD_TIME,
      reason: "budget",
    });
    expect(loss?.to).toBe(RECORD_TIME + lostSamples - 1);
    expect(valuesOf(outbox.next(1, nothing, ["telemetry"]))).toEqual([lostSamples]);
    expect(valuesOf(outbox.next(10, nothing, ["alarm"]))).toContain(7);
  });

  test("whatever is put in, every sample is in the outbox or in a loss record", async () => {
    const batch = fc.array(fc.tuple(fc.constantFrom(...DATA_CLASSES), fc.integer({ min: 1, max: 4 })), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { maxLength: 6 }), async (batches) => {
        const file = join(folder(), "outbox.sqlite");
        const outbox = open(file, { bytesMax: 3_000 });
        let put = 0;
        for (const records of batches) {
          put += records.reduce((sum, [, samples]) => sum + samples, 0);
          await outbox.append(
            records.map(([dataClass, samples]) => ({
              device: "a",
              dataClass,
              metrics: Array.from(
                { length: samples },
                (_, count) => counterRecord("a", count).metrics,
              ).flat(),
            })),
          );
        }
        const all = outbox.next(10_000, nothing);
        const inOutbox = all.reduce((sum, { metrics }) => sum + metrics.length, 0);
        const told = outbox.stats().samples - put;
        expect(inOutbox + outbox.stats().lostSamples).toBe(put + told);
        const counted = outbox.stats();
        outbox.close();
        // Counting anew what the file holds gives what was kept count of.
        expect(open(file, { bytesMax: 3_000 }).stats()).toEqual(counted);
      }),
      { numRuns: 20 },
    );
  });

  test("what is older than the limit goes, unless its clock was never set", async () => {
    const outbox = fresh({ daysMax: 1 });
    await outbox.append([
      recordOf("a", "telemetry", { "Environment/CO2": 1 }, 5_000),
      recordOf("b", "state", { "Environment/CO2": 2 }, RECORD_TIME - 2 * DAY_MS),
      recordOf("b", "state", { "Environment/CO2": 3 }, RECORD_TIME),
    ]);
    outbox.expire();
    expect(valuesOf(outbox.next(10, nothing, ["state", "telemetry"]))).toEqual([3, 1]);
    expect(lossesOf(outbox)).toMatchObject([{ class: "state", count: 1, reason: "age" }]);
  });
});

describe("a damaged file", () => {
  test("is set aside for inspection, a new epoch begins, and the loss is told", async () => {
    const path = folder();
    const file = join(path, "outbox.sqlite");
    writeFileSync(file, "this is no database at all, however long it may be ".repeat(100));
    const troubles: string[] = [];
    const outbox = open(file, { onTrouble: (message) => troubles.push(message) });
    expect(troubles.join()).toContain("set aside as");
    expect(readdirSync(path).some((name) => name.startsWith("outbox.sqlite.damaged-"))).toBe(true);
    expect(lossesOf(outbox)).toMatchObject([{ class: "unknown", reason: "corrupt" }]);
    expect((await outbox.append([counterRecord("a", 1)]))[0]?.range.epoch).toBe(outbox.epoch);
  });
});

describe("kill -9 in the middle of appending", () => {
  test("loses nothing that was durable, doubles nothing, and gives every number once", async () => {
    const file = join(folder(), "outbox.sqlite");
    const script = new URL("../testing/append-until-killed.ts", import.meta.url).pathname;
    const durable: { first: number; count: number }[] = [];
    for (const round of [1, 2, 3]) {
      const child = spawn(process.execPath, [script, file, String(round * 1_000_000)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(child, "exit");
      let lines = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        const [first, , count] = line.split(" ").map(Number);
        if (first !== undefined && count !== undefined) durable.push({ first, count });
        lines += 1;
        if (lines === 300 * round) child.kill("SIGKILL");
      }
      await ended;
      expect(child.signalCode).toBe("SIGKILL");
    }
    expect(existsSync(file)).toBe(true);

    const outbox = open(file);
    const held = outbox.next(1_000_000, nothing);
    const numbers = held.flatMap(({ range }) =>
      Array.from({ length: range.last - range.first + 1 }, (_, index) => range.first + index),
    );
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.max(...numbers)).toBe(numbers.length);
    const counts = valuesOf(held).map(Number);
    expect(new Set(counts).size).toBe(counts.length);
    const byFirst = new Map(held.map(({ metrics, range }) => [range.first, Number(metrics[0]?.value)]));
    expect(durable.length).toBeGreaterThanOrEqual(1_800);
    for (const { count, first } of durable) expect(byFirst.get(first)).toBe(count);
    expect((await outbox.append([counterRecord("a", 1)]))[0]?.range.first).toBe(numbers.length + 1);
  });
});

describe("a disk that refuses to write", () => {
  test("is reported, and once it takes data again everything that waited is there, once and in order", async () => {
    const file = join(folder(), "outbox.sqlite");
    const script = new URL("../testing/append-on-a-full-disk.ts", import.meta.url).pathname;
    const records = 2_000;
    // The limit on the size of files stands in for a full disk: it can be lifted while the process runs.
    const limited = 'ulimit -S -f 256; exec "$0" "$@"';
    const child = spawn("bash", ["-c", limited, process.execPath, script, file, String(records)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      if (said.length === 0) spawn("prlimit", [`--pid=${child.pid}`, "--fsize=unlimited:unlimited"]);
      said.push(line);
    }
    expect(said[0]).toContain("trouble the outbox cannot write");
    expect(said.at(-1)).toBe("done");
    const held = open(file).next(records * 2, nothing);
    expect(valuesOf(held)).toEqual(Array.from({ length: records }, (_, index) => index + 1));
  });
});
