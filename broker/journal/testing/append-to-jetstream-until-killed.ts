/** As `append-until-killed.ts`, into a journal on JetStream. */
import { writeSync } from "node:fs";
import { openJetStreamWriter } from "../jetstream/index.ts";
import { entry } from "./entries.ts";

const [url, stream, start] = process.argv.slice(2);
if (url === undefined || stream === undefined)
  throw new Error("usage: append-to-jetstream-until-killed <url> <stream> <first number>");
const writer = await openJetStreamWriter({ url, stream, snapshotEntries: 150 });

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
