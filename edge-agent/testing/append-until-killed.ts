/** Appends to an outbox without end and says on standard output what has become durable; for the crash test. */
import { writeSync } from "node:fs";
import { Outbox } from "../outbox/outbox.ts";
import { lossRecord } from "../reports.ts";
import { counterRecord } from "./records.ts";

const [file, marker] = process.argv.slice(2);
if (file === undefined || marker === undefined) throw new Error("usage: append-until-killed.ts FILE MARKER");

const outbox = new Outbox({
  file,
  bytesMax: 1 << 30,
  daysMax: 90,
  now: () => Date.now(),
  lossRecord,
  onTrouble: (message, error) => {
    throw new Error(message, { cause: error });
  },
});

for (let count = Number(marker); ; count += 1) {
  const dataClass = count % 3 === 0 ? "access" : "telemetry";
  outbox
    .append([counterRecord("switch-1", count, dataClass)])
    .then(([record]) => writeSync(1, `${record?.range.first} ${record?.range.last} ${count}\n`));
  if (count % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
}
