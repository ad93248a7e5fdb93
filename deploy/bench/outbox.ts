/** What the outbox makes durable a second, beside what the disk under it syncs a second, and what a record takes in it. */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DataClass, GOOD } from "@campus-ops/device-profiles/vocabulary";
import { Outbox } from "@campus-ops/edge-agent/outbox";
import { lossRecord, recordsOf } from "@campus-ops/edge-agent/reports";
import { figure } from "./figure.ts";
import type { Report } from "./result.ts";

const RUNS = 5;
const RUN_MS = 1_500;
const GROUP_RECORDS = 100;
const SIZED_RECORDS = 100_000;
/** What a commit of one record writes: a page or two of the write-ahead log. */
const SYNCED_BYTES = 8_192;
const SINGLE_PER_S = 900;
const GROUPED_PER_S = 25_000;
const BYTES_A_RECORD = 40;
const TIME = 1_795_000_000_000;

export async function outbox(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-outbox-"));
  try {
    const rates = { sync: [] as number[], single: [] as number[], grouped: [] as number[] };
    // In turn, so that each ratio is of neighbours in time.
    for (let run = 0; run < RUNS; run += 1) {
      rates.sync.push(syncs(join(folder, "raw")));
      rates.single.push(await durable(join(folder, `single-${run}.sqlite`), 1));
      rates.grouped.push(await durable(join(folder, `grouped-${run}.sqlite`), GROUP_RECORDS));
    }
    report(figure("write and fsync of 8 KiB, no database", "syncs/s", rates.sync));
    report(
      figure("one record a commit", "records/s", rates.single, { target: SINGLE_PER_S, better: "higher" }),
    );
    const shares = rates.single.map((rate, run) => rate / (rates.sync[run] ?? Number.NaN));
    report(figure("one record a commit, share of the disk's syncs", "ratio", shares));
    report(
      figure(`${GROUP_RECORDS} records a commit`, "records/s", rates.grouped, {
        target: GROUPED_PER_S,
        better: "higher",
      }),
    );
    const bytes = await bytesARecord(join(folder, "sized.sqlite"));
    report(
      figure("a telemetry record in the file", "bytes", [bytes], { target: BYTES_A_RECORD, better: "lower" }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function syncs(file: string): number {
  const handle = openSync(file, "w");
  const bytes = Buffer.alloc(SYNCED_BYTES, 1);
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() - startedAt < RUN_MS) {
    writeSync(handle, bytes);
    fsyncSync(handle);
    count += 1;
  }
  closeSync(handle);
  return (count * 1_000) / (performance.now() - startedAt);
}

/** Alarm records, which wait for nobody; `group` of them at the same moment share a commit. */
async function durable(file: string, group: number): Promise<number> {
  const box = open(file);
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() - startedAt < RUN_MS) {
    const appended = Array.from({ length: group }, (_, each) => box.append(reading(count + each, "alarm")));
    await Promise.all(appended);
    count += group;
  }
  const rate = (count * 1_000) / (performance.now() - startedAt);
  if (box.stats().records !== count) throw new Error(`${count} appended, ${box.stats().records} there`);
  box.close();
  return rate;
}

async function bytesARecord(file: string): Promise<number> {
  const box = open(file);
  for (let count = 0; count < SIZED_RECORDS; count += 1_000) {
    const appended = Array.from({ length: 1_000 }, (_, each) =>
      box.append(reading(count + each, "telemetry")),
    );
    await Promise.all(appended);
  }
  box.close();
  return statSync(file).size / SIZED_RECORDS;
}

function reading(count: number, dataClass: DataClass) {
  const sample = {
    metric: "Environment/Temperature",
    value: 20 + (count % 100) / 10,
    quality: GOOD,
    eventTime: TIME + count * 1_000,
  };
  return recordsOf(`air-${count % 20}`, [{ dataClass, samples: [sample], events: [] }]);
}

function open(file: string): Outbox {
  return new Outbox({
    file,
    bytesMax: 1 << 30,
    daysMax: 3_650,
    now: () => Date.now(),
    lossRecord,
    onTrouble: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
}
