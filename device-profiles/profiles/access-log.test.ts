import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AccessCursor,
  behind,
  eventId,
  followAccessLog,
  formatAccessCursor,
  LOG_OVERLAP_ms,
  type LogRecord,
  logStretch,
  parseAccessCursor,
} from "./access-log.ts";

const NOW = Date.UTC(2026, 8, 1);

const record = (
  serial: number,
  time = NOW - 60_000 + serial * 1_000,
  mark = `m${serial}`,
): LogRecord<null> => ({
  serial,
  mark,
  time,
  content: null,
});
const after = (each: LogRecord<null>): AccessCursor => behind(each, undefined);
const serials = (records: readonly LogRecord<null>[]): number[] => records.map(({ serial }) => serial);

test("in any order and with repetitions, what is new is told once and in order", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.nat(20),
      fc.infiniteStream(fc.nat()),
      (count, read, chance) => {
        const all = Array.from({ length: count }, (_, i) => record(i + 1));
        const shuffled = [...all, ...all]
          .map((each) => ({ each, order: chance.next().value ?? 0 }))
          .sort((a, b) => a.order - b.order)
          .map(({ each }) => each);
        const last = all[Math.min(read, count) - 1];
        const step = followAccessLog(shuffled, last === undefined ? undefined : after(last), NOW);
        expect(serials(step.fresh)).toEqual(serials(all).slice(Math.min(read, count)));
        expect([step.wasReset, step.lost]).toEqual([false, 0]);
      },
    ),
  );
});

describe("serial numbers that started again", () => {
  const cursor = after(record(50, NOW - 600_000));

  test("are seen when newer records have lower numbers", () => {
    const step = followAccessLog([record(1, NOW - 5_000), record(2, NOW)], cursor, NOW);
    expect([serials(step.fresh), step.wasReset]).toEqual([[1, 2], true]);
  });

  test("are seen when the record of the last number is another one", () => {
    const records = [record(49, NOW - 20_000), record(50, NOW - 10_000, "other"), record(51, NOW)];
    expect(followAccessLog(records, cursor, NOW)).toMatchObject({ wasReset: true, fresh: records });
  });

  test("are seen when the same card came at another time", () => {
    expect(followAccessLog([record(50, NOW - 10_000)], cursor, NOW).wasReset).toBe(true);
  });

  test("are seen when the clock went back as well", () => {
    const step = followAccessLog([record(1, 5_000)], cursor, 10_000);
    expect([serials(step.fresh), step.wasReset]).toEqual([[1], true]);
  });
});

test("a record that is not in the log yet is no reset, and one that the ring overwrote is counted", () => {
  const cursor = after(record(50, NOW - 10_000));
  expect(followAccessLog([record(48, NOW - 30_000), record(49, NOW - 20_000)], cursor, NOW)).toEqual({
    fresh: [],
    wasReset: false,
    lost: 0,
  });
  const step = followAccessLog([record(54, NOW), record(55, NOW)], cursor, NOW);
  expect([serials(step.fresh), step.lost]).toEqual([[54, 55], 3]);
});

test("the stretch holds the last record known, also when the clock was set back, and a day at first", () => {
  expect(logStretch(undefined, NOW)).toEqual([NOW - 86_400_000 - LOG_OVERLAP_ms, NOW + LOG_OVERLAP_ms]);
  const cursor = after(record(1, NOW));
  expect(logStretch(cursor, NOW + 5_000)).toEqual([NOW - LOG_OVERLAP_ms, NOW + 5_000 + LOG_OVERLAP_ms]);
  expect(logStretch(cursor, 0)).toEqual([-LOG_OVERLAP_ms, NOW + LOG_OVERLAP_ms]);
});

test("a cursor is read as it was written; what is none is none", () => {
  const cursor = { ...after(record(7)), resets: 2, lost: 3 };
  expect(parseAccessCursor(formatAccessCursor(cursor))).toEqual(cursor);
  for (const text of [undefined, "", "7", "null", "{}", `{"serial":"7"}`]) {
    expect(parseAccessCursor(text)).toBeUndefined();
  }
  fc.assert(fc.property(fc.string(), (text) => parseAccessCursor(text) === undefined));
});

test("an id is the same for the same record, and another after a reset", () => {
  expect(eventId(record(7), 0)).toBe("7-m7");
  expect(eventId(record(7), 1)).not.toBe(eventId(record(7), 0));
});
