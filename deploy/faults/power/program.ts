/**
 * The only program of a machine whose power is cut: an outbox under a source that counts, handed over to the hub at the
 * other end of the line, and a journal of numbered entries. It says of each number that it is durable when it was told so.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { type NewEntry, openJournalReader, openJournalWriter } from "@campus-ops/broker/journal";
import { CampusId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { GATE, LoadEdge } from "../../testing/load/load-edge.ts";
import { carryOut } from "../../testing/load/load-plan.ts";
import type { Finish, Said, Settings } from "./said.ts";

/** What QEMU calls the machine that it runs on. */
const HOST = "10.0.2.2";
const LOOK_MS = 50;
/** So small that segments are begun all the time. */
const SEGMENT_BYTES = 128 * 1024;
const GROUP_ENTRIES = 20;
const READ_ENTRIES = 1_000;
const PAYLOAD_BYTES = 200;

const socket = connect(Number(process.argv[2]), HOST);
await once(socket, "connect");
const say = (said: Said): void => void socket.write(`${JSON.stringify(said)}\n`);
const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
const settings = JSON.parse(String((await lines.next()).value)) as Settings;

class TellingEdge extends LoadEdge {
  override async report(source: string, at?: number): Promise<number> {
    return await this.#told(source, super.report(source, at));
  }

  override async refuse(): Promise<number> {
    return await this.#told(GATE, super.refuse());
  }

  async #told(source: string, kept: Promise<number>): Promise<number> {
    const count = this.count(source);
    const first = await kept;
    say({ kept: [source, count] });
    return first;
  }
}

/** Each entry says its own number, all over: one that is torn says something else. */
function entryOf(number: number): NewEntry {
  const payload = new Uint8Array(PAYLOAD_BYTES);
  for (let at = 0; at < PAYLOAD_BYTES; at += 4) new DataView(payload.buffer).setUint32(at, number);
  const address = { campus: CampusId(settings.edge.campus), node: NodeId("journal") };
  return { kind: "NDATA", address, receivedAt: number, payload };
}

/** How many there are, where each is the next. */
async function entriesIn(folder: string): Promise<number> {
  const reader = openJournalReader(folder);
  let count = 0;
  for (;;) {
    const entries = await reader.read(count, READ_ENTRIES);
    if (entries.length === 0) break;
    for (const { payload, seq } of entries) {
      count += 1;
      if (seq !== count || Buffer.compare(payload, entryOf(count).payload) !== 0)
        say({ wrong: `entry ${seq} of the journal is not number ${count}` });
    }
  }
  await reader.close();
  return count;
}

const writer = openJournalWriter(settings.journal, { segmentBytesMax: SEGMENT_BYTES });
let entries = await entriesIn(settings.journal);
if (writer.last !== entries) say({ wrong: `the journal goes on at ${writer.last}, and holds ${entries}` });
const edge = new TellingEdge(settings.edge);
const counts = Object.fromEntries([...edge.sources, GATE].map((source) => [source, edge.count(source)]));
say({ found: { counts, journal: entries } });
edge.connect();

const told = new AbortController();
async function appendUntilTold(): Promise<void> {
  while (!told.signal.aborted) {
    const group = Array.from({ length: GROUP_ENTRIES }, (_, index) => entryOf(entries + index + 1));
    entries = await writer.append(group);
    say({ appended: entries });
  }
}
const working = Promise.all([carryOut(edge, settings.plan, told.signal), appendUntilTold()]);
working.catch((error: unknown) => say({ wrong: String(error) }));

for await (const line of { [Symbol.asyncIterator]: () => lines }) {
  const { finish } = JSON.parse(line) as Finish;
  told.abort();
  await working;
  await carryOut(edge, finish);
  while (!edge.isEmpty) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  say({ drained: true });
}
