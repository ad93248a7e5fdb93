import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyPictureCutter, TS_PACKET_BYTES } from "./transport-stream.ts";

const VIDEO_PID = 0x100;
const PMT_PID = 0x1000;

/** Clause 2.4.3.2: sync, flags and PID, adaptation field control with the continuity counter, then what is given. */
function packet(pid: number, start: boolean, rest: readonly number[], field = false): Uint8Array {
  const data = new Uint8Array(TS_PACKET_BYTES).fill(0xff);
  data.set([0x47, (start ? 0x40 : 0) + (pid >> 8), pid & 0xff, field ? 0x30 : 0x10, ...rest]);
  return data;
}
/** Pointer, table_id 0, length 13, stream 1, version, sections, programme 1 at the PMT's PID, CRC. */
const pat = packet(0, true, [
  ...[0, 0x00, 0xb0, 13, 0, 1, 0xc1, 0, 0],
  ...[0, 1, 0xe0 + (PMT_PID >> 8), PMT_PID & 0xff, 0, 0, 0, 0],
]);
/** Pointer, table_id 2, length 18, programme 1, version, sections, PCR's PID, no descriptors, one stream, CRC. */
const pmt = (type: number) =>
  packet(PMT_PID, true, [
    ...[0, 0x02, 0xb0, 18, 0, 1, 0xc1, 0, 0, 0xe1, 0x00, 0xf0, 0],
    ...[type, 0xe1, 0x00, 0xf0, 0, 0, 0, 0, 0],
  ]);
const key = (mark: number) => packet(VIDEO_PID, true, [7, 0x50, 0, 0, 0, 0, 0, 0, mark], true);
const more = (mark: number) => packet(VIDEO_PID, false, [mark]);
const stream = (...packets: readonly Uint8Array[]): Uint8Array => Buffer.concat(packets);

describe("a transport stream", () => {
  test("is cut before its key pictures, and tells what it holds", () => {
    const cutter = new KeyPictureCutter();
    const whole = stream(pat, pmt(0x1b), key(1), more(2), key(3), more(4), more(5));
    expect(cutter.push(whole).map(({ data, key: isKey }) => [data.length / TS_PACKET_BYTES, isKey])).toEqual([
      [2, false],
      [2, true],
      [3, true],
    ]);
    expect(cutter.tables).toEqual(new Uint8Array(stream(pat, pmt(0x1b))));
    expect(cutter.codec).toBe("h264");
  });

  test("names HEVC, and says nothing of what it does not know or has not seen", () => {
    const codecOf = (...packets: readonly Uint8Array[]) => {
      const cutter = new KeyPictureCutter();
      cutter.push(stream(...packets));
      return [cutter.codec, cutter.tables === undefined];
    };
    expect(codecOf(pat, pmt(0x24))).toEqual(["hevc", false]);
    expect(codecOf(pat, pmt(0x02))).toEqual([undefined, false]);
    expect(codecOf(pmt(0x1b))).toEqual([undefined, true]);
  });

  test("comes out whole and cut alike, however it arrives", () => {
    const whole = stream(pat, pmt(0x1b), key(1), more(2), more(3), key(4), more(5));
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 12 }), (cuts) => {
        const cutter = new KeyPictureCutter();
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const runs = places.slice(1).flatMap((to, index) => cutter.push(whole.subarray(places[index], to)));
        expect(Buffer.compare(Buffer.concat(runs.map(({ data }) => data)), whole)).toBe(0);
        const begins = runs.flatMap(({ data, key: isKey }) => (isKey ? [data[12]] : []));
        expect(begins).toEqual([1, 4]);
      }),
    );
  });

  test("goes on after bytes that belong to no packet, and counts them", () => {
    const cutter = new KeyPictureCutter();
    const runs = cutter.push(stream(pat, Buffer.from([1, 2, 3]), pmt(0x1b), key(1), more(2)));
    expect([cutter.strayBytes, cutter.codec, runs.filter((run) => run.key).length]).toEqual([3, "h264", 1]);
  });

  test("whatever comes is taken without a fault and without growing", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 })), (chunks) => {
        const cutter = new KeyPictureCutter();
        for (const chunk of chunks) cutter.push(chunk);
        expect(cutter.codec === undefined || cutter.tables !== undefined).toBe(true);
      }),
    );
  });
});
