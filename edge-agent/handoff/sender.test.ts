import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { DRAIN_RECORDS_START } from "../core/drain-window.ts";
import { ACKNOWLEDGE_MS_MAX } from "../core/handoff-window.ts";
import { Outbox } from "../outbox/outbox.ts";
import type { OutboxRecord } from "../outbox/record.ts";
import { lossRecord } from "../reports.ts";
import { counterRecord, RECORD_TIME } from "../testing/records.ts";
import { temporaryFolder } from "../testing/test-agent.ts";
import { type HandoffMode, HandoffSender, type RecordSession } from "./sender.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

/** A sender over a real outbox, a session that takes notes, and a clock that the test moves. */
function sending(mode: HandoffMode = "acknowledged") {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const outbox = new Outbox({
    file: join(folder.path, "outbox.sqlite"),
    bytesMax: 1 << 30,
    daysMax: 90,
    now: () => RECORD_TIME,
    lossRecord,
    onTrouble: (message) => {
      throw new Error(message);
    },
  });
  closing.push(() => outbox.close());
  const at = { wall: RECORD_TIME, uptime_ms: 0 };
  const sender = new HandoffSender(outbox, { instant: () => at }, mode);
  closing.push(() => sender.end());
  const sent: { record: OutboxRecord; historical: boolean }[] = [];
  const session = { writable: true, broken: false };
  const way: RecordSession = {
    get writable() {
      return session.writable;
    },
    send: async (record, historical) => {
      if (session.broken) throw new Error("the connection is gone");
      sent.push({ record, historical });
    },
  };
  const append = async (...records: Parameters<Outbox["append"]>[0]) => {
    const kept = await outbox.append(records);
    sender.offer(kept);
    return kept;
  };
  const said = () =>
    sent.map(
      ({ historical, record }) => `${record.dataClass} ${record.range.first}${historical ? " late" : ""}`,
    );
  const acknowledge = (record: OutboxRecord | undefined) => {
    if (record !== undefined) sender.acknowledge({ epoch: record.range.epoch, runs: [record.range] });
  };
  return { acknowledge, append, at, outbox, said, sender, sent, session, way };
}

test("a record goes live at once while there is a session, and waits for one otherwise", async () => {
  const { append, said, sender, way } = sending();
  await append(counterRecord("a", 1, "state"));
  expect(said()).toEqual([]);
  sender.begin(way);
  await append(counterRecord("a", 2, "state"));
  expect(said()).toEqual(["state 1 late", "state 2"]);
});

test("what was kept before the outbox was numbered anew goes under its new number only", async () => {
  const { outbox, sender, sent, way } = sending();
  const kept = await outbox.append([counterRecord("a", 1, "state")]);
  outbox.renew();
  sender.begin(way);
  sender.offer(kept);
  expect(sent.map(({ record }) => record.range.epoch)).toEqual([outbox.epoch, outbox.epoch]);
  expect(kept[0]?.range.epoch).toBeLessThan(outbox.epoch);
});

test("the backlog goes alarms first, then class by class, the oldest first", async () => {
  const { append, said, sender, way } = sending();
  await append(
    counterRecord("a", 1, "telemetry"),
    counterRecord("a", 2, "alarm"),
    counterRecord("a", 3, "access"),
    counterRecord("a", 4, "telemetry"),
    counterRecord("a", 5, "alarm"),
  );
  sender.begin(way);
  expect(said()).toEqual([
    "alarm 2 late",
    "alarm 5 late",
    "access 3 late",
    "telemetry 1 late",
    "telemetry 4 late",
  ]);
});

test("a new alarm does not wait for a backlog that fills its window", async () => {
  const { append, said, sender, sent, way } = sending();
  await append(...Array.from({ length: DRAIN_RECORDS_START * 2 }, (_, count) => counterRecord("a", count)));
  sender.begin(way);
  expect(sent).toHaveLength(DRAIN_RECORDS_START);
  await append(counterRecord("a", 0, "alarm"));
  expect(said().at(-1)).toBe(`alarm ${DRAIN_RECORDS_START * 2 + 1}`);
});

test("nothing less precious goes while alarms wait for room in their window", async () => {
  const { append, said, sender, sent, way } = sending();
  const alarms = Array.from({ length: DRAIN_RECORDS_START + 1 }, (_, count) =>
    counterRecord("a", count, "alarm"),
  );
  await append(...alarms, counterRecord("a", 0, "access"), counterRecord("a", 0, "telemetry"));
  sender.begin(way);
  expect(sent).toHaveLength(DRAIN_RECORDS_START);
  sender.acknowledge({
    epoch: sent[0]?.record.range.epoch ?? 0,
    runs: sent.map(({ record }) => record.range),
  });
  sender.drain();
  expect(said().slice(DRAIN_RECORDS_START)).toEqual([
    `alarm ${DRAIN_RECORDS_START + 1} late`,
    `access ${DRAIN_RECORDS_START + 2} late`,
    `telemetry ${DRAIN_RECORDS_START + 3} late`,
  ]);
});

test("only the host's word deletes, and what it did not say is sent again under the same numbers", async () => {
  const { acknowledge, append, at, outbox, said, sender, way } = sending();
  sender.begin(way);
  const [one, two] = await append(counterRecord("a", 1, "alarm"), counterRecord("a", 2, "alarm"));
  acknowledge(one);
  expect(outbox.recordCount).toBe(1);
  at.uptime_ms += ACKNOWLEDGE_MS_MAX;
  await expect.poll(said).toEqual(["alarm 1", "alarm 2", "alarm 2 late"]);
  acknowledge(two);
  expect(outbox.recordCount).toBe(0);
  expect(outbox.next(10, new Map())).toEqual([]);
});

test("a new session sends everything again that was not acknowledged", async () => {
  const { append, said, sender, way } = sending();
  sender.begin(way);
  await append(counterRecord("a", 1, "alarm"));
  sender.end();
  sender.begin(way);
  expect(said()).toEqual(["alarm 1", "alarm 1 late"]);
});

test("an acknowledgement of another epoch deletes nothing", async () => {
  const { append, outbox, sender, way } = sending();
  sender.begin(way);
  const [one] = await append(counterRecord("a", 1));
  sender.acknowledge({ epoch: (one?.range.epoch ?? 0) - 1, runs: [{ first: 1, last: 1 }] });
  expect(outbox.recordCount).toBe(1);
  expect(sender.stats().foreign).toBe(1);
});

test("a socket that takes nothing is given nothing; the outbox keeps it", async () => {
  const { append, said, sender, session, way } = sending();
  sender.begin(way);
  session.writable = false;
  await append(counterRecord("a", 1));
  expect(said()).toEqual([]);
  session.writable = true;
  await expect.poll(said).toEqual(["telemetry 1 late"]);
});

test("in plain mode the socket's word deletes, and a send that failed does not", async () => {
  const { append, outbox, sender, session, way } = sending("plain");
  sender.begin(way);
  await append(counterRecord("a", 1));
  await expect.poll(() => outbox.recordCount).toBe(0);
  session.broken = true;
  await append(counterRecord("a", 2));
  session.broken = false;
  expect(outbox.recordCount).toBe(1);
});
