import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { lossRecord } from "../reports.ts";
import { counterRecord, RECORD_TIME, recordOf } from "../testing/records.ts";
import { temporaryFolder } from "../testing/test-agent.ts";
import { Outbox } from "./outbox.ts";

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

function folder(): string {
  const temporary = temporaryFolder();
  closing.push(() => temporary.remove());
  return temporary.path;
}

function open(file: string): Outbox {
  const outbox = new Outbox({
    file,
    bytesMax: 1 << 30,
    daysMax: 90,
    now: () => RECORD_TIME,
    lossRecord,
    onTrouble: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
  closing.push(() => outbox.close());
  return outbox;
}

const counters = (outbox: Outbox, ...counts: number[]) =>
  outbox.append(counts.map((count) => counterRecord("a", count)));

test("the account says what may have been sent, over a restart too: everything that was in the file during a session", async () => {
  const file = join(folder(), "outbox.sqlite");
  const before = open(file);
  await counters(before, 1, 2);
  expect(before.account()).toMatchObject({ sent: 0, next: 3, skipped: 0, waiting: 2 });
  before.beginSending();
  await counters(before, 3);
  expect(before.account()).toMatchObject({ sent: 3, next: 4, waiting: 3 });
  before.endSending();
  await counters(before, 4, 5);
  before.close();
  expect(open(file).account()).toMatchObject({ sent: 3, next: 6, waiting: 5 });
});

test("what was acknowledged waits no more, a record of several samples counts each, and a restart counts the same", async () => {
  const file = join(folder(), "outbox.sqlite");
  const before = open(file);
  await before.append([
    recordOf("a", "telemetry", { "Environment/CO2": 1, "Environment/Humidity": 2 }),
    counterRecord("a", 3),
  ]);
  before.acknowledge([{ first: 1, last: 2 }]);
  await counters(before, 4);
  expect(before.account()).toMatchObject({ next: 5, waiting: 2 });
  before.close();
  expect(open(file).account()).toMatchObject({ next: 5, waiting: 2 });
});

test("numbering anew keeps every record and its number, in an epoch of its own, and tells of the loss", async () => {
  const file = join(folder(), "outbox.sqlite");
  const outbox = open(file);
  const { epoch } = outbox;
  outbox.beginSending();
  await counters(outbox, 1, 2, 3, 4);
  outbox.acknowledge([2, 3].map((each) => ({ first: each, last: each })));
  await counters(outbox, 5);
  outbox.renew();
  expect(outbox.account()).toEqual({ epoch: outbox.epoch, sent: 0, next: 7, skipped: 2, waiting: 4 });
  expect(outbox.epoch).toBeGreaterThan(epoch);
  outbox.close();
  const after = open(file);
  expect(after.next(10, new Map()).map(({ range }) => [range.epoch, range.first])).toEqual([
    [after.epoch, 6],
    [after.epoch, 1],
    [after.epoch, 4],
    [after.epoch, 5],
  ]);
  const [told] = after.next(1, new Map(), ["alarm"]);
  expect(JSON.stringify(told?.metrics)).toContain("restored");
});

test("a copy that goes on by itself cannot have sent what the other one sends", async () => {
  const path = folder();
  const original = open(join(path, "outbox.sqlite"));
  await counters(original, 1, 2);
  original.close();
  copyFileSync(join(path, "outbox.sqlite"), join(path, "copy.sqlite"));
  const [one, other] = [open(join(path, "outbox.sqlite")), open(join(path, "copy.sqlite"))];
  await counters(other, 3, 4, 5, 6);
  one.beginSending();
  await counters(one, 3);
  expect(one.account()).toMatchObject({ sent: 3, next: 4 });
  expect(other.account()).toMatchObject({ sent: 0, next: 7 });
});
