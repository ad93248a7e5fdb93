/** Appends numbered entries for ever and tells, on standard output, which appends have resolved. Meant to be killed. */
import { writeSync } from "node:fs";
import { openJournalWriter } from "../embedded-writer.ts";
import { entry } from "./entries.ts";

const [folder, start] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: append-until-killed <folder> <first number>");
const writer = openJournalWriter(folder, { segmentEntriesMax: 500 });

let next = Number(start);
async function appendForEver(): Promise<never> {
  for (;;) {
    const number = next++;
    const range = { epoch: 1, first: number, last: number };
    await writer.append([entry("NDATA", String(number), { range })]);
    writeSync(1, `${number}\n`);
  }
}
await Promise.all(Array.from({ length: 16 }, appendForEver));
