import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ModbusImage } from "../codecs/modbus-image.ts";
import { uint16, uint32 } from "../codecs/registers.ts";
import type { DeviceEvent } from "../vocabulary/index.ts";
import {
  encodeRecord,
  followLog,
  type LogCursor,
  RECORD_WAITS_MAX,
  recordsToFetch,
  START_OF_LOG,
} from "./modbus-log.ts";
import { numeric, type RecordLog, recordField, recordSpan } from "./modbus-profile.ts";

const NOW = Date.UTC(2026, 8, 1);
const context = {
  now: NOW,
  pseudonym: (text: string) => createHmac("sha256", "key").update(text).digest("hex").slice(0, 16),
};

const log: RecordLog = {
  event: "Temperature/Screening",
  table: "input",
  clockAt: 0,
  newestAt: 3,
  firstRecordAt: 10,
  capacity: 4,
  recordRegisters: 6,
  fields: { celsius: recordField(5, numeric({ codec: uint16() })) },
};

/** A device with a log of four records, each holding a number that never repeats. */
class Device {
  newest = 0;
  readonly #image = new ModbusImage();

  record(mark: number): void {
    this.newest += 1;
    const { table, pduAddress } = recordSpan(log, this.newest);
    this.#image.write(table, pduAddress, encodeRecord(log, this.newest, NOW - 5_000, { celsius: mark }));
  }

  reset(): void {
    this.newest = 0;
    this.#image.write(
      "input",
      log.firstRecordAt,
      new Array<number>(log.capacity * log.recordRegisters).fill(0),
    );
  }

  overwrite(serial: number, words: readonly number[]): void {
    this.#image.write("input", recordSpan(log, serial).pduAddress, words);
  }

  /** As the driver does it: fetch, follow, and once more when a reset came to light. */
  poll(from: LogCursor): { events: readonly DeviceEvent[]; cursor: LogCursor } {
    const image = new ModbusImage();
    const events: DeviceEvent[] = [];
    let cursor = from;
    for (let round = 0; round < 2; round += 1) {
      for (const serial of recordsToFetch(log, cursor, this.newest)) {
        const { table, pduAddress, quantity } = recordSpan(log, serial);
        image.write(table, pduAddress, this.#image.read(table, pduAddress, quantity) ?? []);
      }
      const step = followLog(log, cursor, { newest: this.newest, clockOffset_ms: 0 }, image, context);
      events.push(...step.events);
      cursor = step.cursor;
    }
    return { events, cursor };
  }
}

const marks = (events: readonly DeviceEvent[]) => events.map(({ fields }) => fields.celsius);

describe("following a log", () => {
  test("whatever happens between polls, each record is told once or counted, and no id repeats", () => {
    const step = fc.record({ records: fc.integer({ min: 0, max: 9 }), restart: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const device = new Device();
        let mark = 0;
        let { cursor } = device.poll(START_OF_LOG);
        const told: DeviceEvent[] = [];
        for (const { records, restart } of steps) {
          for (let count = 0; count < records; count += 1) {
            mark += 1;
            device.record(mark);
          }
          // A restart of the agent: the cursor travels as text.
          if (restart) cursor = JSON.parse(JSON.stringify(cursor)) as LogCursor;
          const seen = device.poll(cursor);
          told.push(...seen.events);
          cursor = seen.cursor;
        }
        expect(told.length + cursor.lost).toBe(mark);
        expect(new Set(marks(told)).size).toBe(told.length);
        expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
      }),
    );
  });

  test("a reset that caught up behind our back is found by what the last record was", () => {
    const device = new Device();
    device.record(1);
    device.record(2);
    const before = device.poll(START_OF_LOG);
    device.reset();
    for (const mark of [11, 12, 13]) device.record(mark);
    const after = device.poll(before.cursor);
    expect(marks(after.events)).toEqual([11, 12, 13]);
    expect(after.cursor.lostMore).toBe(true);
    expect(marks(device.poll(after.cursor).events)).toEqual([]);
  });

  test("a reset to exactly the same serial number is found too", () => {
    const device = new Device();
    device.record(1);
    const before = device.poll(START_OF_LOG);
    device.reset();
    device.record(11);
    expect(marks(device.poll(before.cursor).events)).toEqual([11]);
  });

  test("an emptied log tells nothing, and what follows is told", () => {
    const device = new Device();
    device.record(1);
    const before = device.poll(START_OF_LOG);
    device.reset();
    const empty = device.poll(before.cursor);
    expect(empty.events).toEqual([]);
    device.record(11);
    expect(marks(device.poll(empty.cursor).events)).toEqual([11]);
  });

  test("a ring that was full before anybody looked is told from its oldest record, and nothing is lost", () => {
    const device = new Device();
    for (let mark = 1; mark <= 9; mark += 1) device.record(mark);
    const { events, cursor } = device.poll(START_OF_LOG);
    expect(marks(events)).toEqual([6, 7, 8, 9]);
    expect(cursor.lost).toBe(0);
  });

  test("a record overwritten while the log is being read is counted", () => {
    const device = new Device();
    const { cursor } = device.poll(START_OF_LOG);
    device.record(1);
    device.record(2);
    device.overwrite(1, encodeRecord(log, 5, NOW - 5_000, { celsius: 5 }));
    const seen = device.poll(cursor);
    expect(marks(seen.events)).toEqual([2]);
    expect(seen.cursor.lost).toBe(1);
  });

  test("a record that is late in its slot is waited for, and given up in the end", () => {
    const device = new Device();
    device.record(1);
    device.overwrite(1, uint32().encode(0));
    let { cursor, events } = device.poll(START_OF_LOG);
    expect(events).toEqual([]);
    expect(cursor.serial).toBe(0);
    for (let poll = 0; poll < RECORD_WAITS_MAX; poll += 1) cursor = device.poll(cursor).cursor;
    expect(cursor).toMatchObject({ serial: 1, lost: 1 });

    device.record(2);
    ({ cursor, events } = device.poll(cursor));
    expect(marks(events)).toEqual([2]);
  });
});

describe("the time of a record", () => {
  const told = (time: number, clockOffset_ms: number | undefined) => {
    const image = new ModbusImage();
    image.write("input", log.firstRecordAt, encodeRecord(log, 1, time, { celsius: 37 }));
    const [event] = followLog(log, START_OF_LOG, { newest: 1, clockOffset_ms }, image, context).events;
    return { eventTime: event?.eventTime, quality: event?.quality };
  };

  test("is corrected by the clock's offset", () => {
    expect(told(NOW - 8 * 3_600_000 - 5_000, -8 * 3_600_000)).toEqual({
      eventTime: NOW - 5_000,
      quality: { status: "good" },
    });
  });
  test("keeps what the device said beside it, where that was corrected by more than jitter", () => {
    const original = (time: number, offset: number) => {
      const image = new ModbusImage();
      image.write("input", log.firstRecordAt, encodeRecord(log, 1, time, { celsius: 37 }));
      const header = { newest: 1, clockOffset_ms: offset };
      return followLog(log, START_OF_LOG, header, image, context).events[0]?.deviceTime;
    };
    expect(original(NOW - 8 * 3_600_000, -8 * 3_600_000)).toBe(NOW - 8 * 3_600_000);
    expect(original(NOW - 500, -500)).toBeUndefined();
  });
  test("never lies ahead of us by the jitter of measuring", () => {
    expect(told(NOW + 20, 0)).toEqual({ eventTime: NOW, quality: { status: "good" } });
  });
  test.each([
    ["before the clock was set", 1_000, 0],
    ["an hour ahead of the clock it comes from", NOW + 3_600_000, 0],
  ])("%s is not believed", (_, time, offset) => {
    expect(told(time, offset)).toEqual({
      eventTime: NOW,
      quality: { status: "uncertain", reason: "device-clock" },
    });
  });
  test("of a device without a clock is the time of receipt", () => {
    expect(told(NOW, undefined)).toEqual({
      eventTime: NOW,
      quality: { status: "uncertain", reason: "no-event-time" },
    });
  });
});
