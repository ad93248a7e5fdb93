import fc from "fast-check";
import { expect, test } from "vitest";
import { headersOf, MESSAGE_BYTES_MAX, RtspReader } from "./rtsp-message.ts";

const MESSAGE = Buffer.from(
  "RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest a\r\nwww-authenticate:  Basic b \r\nContent-Length: 5\r\n\r\nv=0$\n",
);
const FRAME = Buffer.from([0x24, 2, 0, 3, 0x24, 13, 10]);

test("messages and frames of one connection are told apart, however it is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(MESSAGE, FRAME), { maxLength: 8 }),
      fc.array(fc.nat(600)),
      (sent, cuts) => {
        const bytes = Buffer.concat(sent);
        const reader = new RtspReader();
        const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
        const items = ends.flatMap((end, i) => reader.push(bytes.subarray(ends[i - 1] ?? 0, end)));
        expect(items.map((item) => ("frame" in item ? FRAME : MESSAGE))).toEqual(sent);
        for (const item of items) {
          if ("frame" in item) expect([item.channel, Buffer.from(item.frame)]).toEqual([2, FRAME]);
          else expect(Buffer.from(item.body).toString()).toBe("v=0$\n");
        }
      },
    ),
  );
});

test("a header is found by any spelling of its name, as often as it stands there", () => {
  const head = MESSAGE.toString().split("\r\n\r\n")[0] ?? "";
  expect(headersOf(head, "WWW-Authenticate")).toEqual(["Digest a", "Basic b"]);
  expect(headersOf(head, "Range")).toEqual([]);
});

test("a message that never ends, or would be too long, is refused", () => {
  expect(() => new RtspReader().push(Buffer.alloc(MESSAGE_BYTES_MAX + 1, "a"))).toThrow(RangeError);
  for (const length of [String(MESSAGE_BYTES_MAX + 1), "-1", "1e9", "x"]) {
    const read = () =>
      new RtspReader().push(Buffer.from(`RTSP/1.0 200 OK\r\nContent-Length: ${length}\r\n\r\n`));
    expect(read).toThrow(RangeError);
  }
});
