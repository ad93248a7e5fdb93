import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { lossesIn } from "../core/loss-record.ts";
import { lossRecord } from "../reports.ts";
import { counterRecord, RECORD_TIME } from "../testing/records.ts";
import { temporaryFolder } from "../testing/test-agent.ts";
import { Outbox } from "./outbox.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

test("a loss record that gives way itself is told of again: nothing that was given up is ever forgotten", async () => {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const outbox = new Outbox({
    file: join(folder.path, "outbox.sqlite"),
    bytesMax: 2_000,
    daysMax: 90,
    now: () => RECORD_TIME,
    lossRecord,
    onTrouble: (message) => {
      throw new Error(message);
    },
  });
  closing.push(() => outbox.close());
  const commit = async (from: number, to: number, dataClass: "telemetry" | "alarm") => {
    const records = Array.from({ length: to - from }, (_, at) => counterRecord("a", from + at, dataClass));
    await outbox.append(records);
  };
  for (let count = 1; count <= 200; count += 20) await commit(count, count + 20, "telemetry");
  // Alarms may take the whole budget: they push out telemetry first, and then each other, loss records among them.
  for (let count = 201; count <= 600; count += 4) await commit(count, count + 4, "alarm");
  const waiting = outbox.next(1_000, new Map());
  const told = waiting.flatMap(lossesIn).reduce((sum, { count }) => sum + count, 0);
  const { samples } = outbox.stats();
  expect(told).toBe(samples - waiting.length);
  expect(told).toBeGreaterThan(500);
});

test("what a loss record says is read back as it was told, and other records say nothing", () => {
  const loss = { dataClass: "state", count: 7, from: 1_000, to: 2_000, reason: "budget" } as const;
  expect(lossesIn(lossRecord(loss, RECORD_TIME))).toEqual([loss]);
  expect(lossesIn(counterRecord("a", 1))).toEqual([]);
});
