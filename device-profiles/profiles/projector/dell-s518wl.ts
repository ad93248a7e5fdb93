import { bytes, each, type SerialControlProfile } from "../serial-control-profile.ts";
import { SERIAL_PROJECTOR } from "../serial-projector.ts";

/** Header, address 10, size of the payload, CRC over all of it, message 1111 of one byte. */
const frame = (command: string): string => `BE EF 10 05 00 {crc16be:whole} 11 11 01 00 ${command}`;

/** Dell S518WL and others of its maker. */
export const dellS518wl: SerialControlProfile = {
  ...SERIAL_PROJECTOR,
  id: "projector/dell-s518wl",
  vendor: "Dell",
  model: "S518WL",
  title: { zh: "戴尔 S518WL 投影机（串口）", en: "Dell S518WL projector (serial)" },
  sources: ["Dell S518WL RS232 protocol: power on, power off, system status"],
  line: { baud: 19_200, dataBits: 8, parity: "none", stopBits: 1 },
  points: {
    "Projector/Power": {
      query: bytes(frame("FF")),
      // 01 stand-by and 05 power saving are both off; the first of a word is the one that is played.
      sayings: [
        ...each({ off: "00 FF 01", warming: "00 FF 02", on: "00 FF 03", cooling: "00 FF 04" }),
        ...each({ off: "00 FF 05" }),
      ],
      commands: each({ on: frame("01"), off: frame("18") }),
    },
  },
  accepted: [bytes("00")],
  refused: [bytes("01"), bytes("02")],
};
