import fc from "fast-check";
import { expect, test } from "vitest";
import { clockRange, readClockRange, readReplayMark, writeReplayMark } from "./onvif-replay.ts";

const time = fc.integer({ min: 0, max: Date.UTC(2035, 0, 1) });
const packetOf = (extension: Uint8Array, first = 0x90): Uint8Array =>
  Uint8Array.from([first, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, ...extension, 0x65]);

test("the time and flags of a replayed packet are read as they were written, to the millisecond", () => {
  fc.assert(
    fc.property(time, fc.boolean(), fc.boolean(), (at, isCleanPoint, endsSection) => {
      const mark = { at, isCleanPoint, endsSection };
      expect(readReplayMark(packetOf(writeReplayMark(mark)))).toEqual(mark);
    }),
  );
});

test("the extension lies where the specification has it", () => {
  const bytes = writeReplayMark({ at: 500, isCleanPoint: true, endsSection: false });
  expect(Buffer.from(bytes).toString("hex")).toBe("abac000383aa7e808000000080000000");
});

test("a packet without the extension, cut off, or of another kind has no mark", () => {
  const mark = writeReplayMark({ at: 1, isCleanPoint: false, endsSection: false });
  expect(readReplayMark(packetOf(mark, 0x80))).toBeUndefined();
  expect(readReplayMark(packetOf(mark, 0x10))).toBeUndefined();
  expect(readReplayMark(packetOf(mark).subarray(0, 20))).toBeUndefined();
  expect(readReplayMark(new Uint8Array())).toBeUndefined();
  expect(readReplayMark(packetOf(Uint8Array.from([0xbe, 0xde, ...mark.subarray(2)])))).toBeUndefined();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void readReplayMark(bytes)));
});

test("a span of absolute time is written as RTSP has it, and read back", () => {
  expect(clockRange(Date.UTC(2026, 10, 22, 14, 30, 0, 500), Date.UTC(2026, 10, 22, 14, 30, 15))).toBe(
    "clock=20261122T143000.500Z-20261122T143015.000Z",
  );
  fc.assert(
    fc.property(time, fc.nat(100_000), (from, more) => {
      expect(readClockRange(clockRange(from, from + more))).toEqual({ from, to: from + more });
    }),
  );
  for (const text of [
    "npt=0-",
    "clock=20261122T143000Z-",
    "clock=x-y",
    "clock=20261122T143015Z-20261122T143000Z",
  ])
    expect(readClockRange(text)).toBeUndefined();
});
