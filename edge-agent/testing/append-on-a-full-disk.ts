/** Appends so many records, says “trouble” when the disk refuses and “done” when all are durable; for the disk test. */
import { writeSync } from "node:fs";
import { Outbox } from "../outbox/outbox.ts";
import { lossRecord } from "../reports.ts";
import { counterRecord } from "./records.ts";

const [file, count] = process.argv.slice(2);
if (file === undefined || count === undefined) throw new Error("usage: append-on-a-full-disk.ts FILE COUNT");

const outbox = new Outbox({
  file,
  bytesMax: 1 << 30,
  daysMax: 90,
  now: () => Date.now(),
  lossRecord,
  onTrouble: (message) => void writeSync(1, `trouble ${message}\n`),
});

const appended = [];
for (let number = 1; number <= Number(count); number += 1) {
  appended.push(outbox.append([counterRecord("switch-1", number, "access")]));
  if (number % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
}
await Promise.all(appended);
writeSync(1, "done\n");
outbox.close();
