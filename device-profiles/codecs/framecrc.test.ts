import fc from "fast-check";
import { expect, test } from "vitest";
import { PACKETS_MAX, parseFramecrc } from "./framecrc.ts";

const HEAD = `#extradata 0:       39, 0xa8bf08fe
#software: Lavf59.27.100
#tb 0: 1/90000
#media_type 0: video
#codec_id 0: h264
#dimensions 0: 320x240
#sar 0: 1/1
`;

test("says what the stream is and what came when", () => {
  const text = `${HEAD}0,       9000,       9000,     9000,     2230, 0x9d3613d6\n0,      18000,      18000,     9000,      697, 0x6f3424f7, F=0x0\n`;
  expect(parseFramecrc(text)).toEqual({
    codec: "h264",
    width: 320,
    height: 240,
    packets: [
      { time_s: 0.1, bytes: 2230 },
      { time_s: 0.2, bytes: 697 },
    ],
  });
});

test("a stream that sent nothing has no packets; nothing at all is no stream", () => {
  expect(parseFramecrc(HEAD)).toMatchObject({ codec: "h264", packets: [] });
  expect(parseFramecrc("")).toEqual({ codec: undefined, width: undefined, height: undefined, packets: [] });
});

test("whatever is written, it is read within bounds", () => {
  const line = "0, 1, 1, 1, 1, 0x0\n";
  expect(parseFramecrc(line.repeat(PACKETS_MAX + 5)).packets).toHaveLength(PACKETS_MAX);
  fc.assert(fc.property(fc.string(), (text) => parseFramecrc(text).packets.length <= PACKETS_MAX));
});
