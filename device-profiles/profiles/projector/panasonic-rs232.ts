import { bytes, each, number, type SerialControlProfile } from "../serial-control-profile.ts";
import { SERIAL_PROJECTOR } from "../serial-projector.ts";

/** Between STX and ETX. */
const frame = (text: string): string => `02 '${text}' 03`;

/** Panasonic projectors. The lamp's own state says whether it warms up or cools down. */
export const panasonicRs232: SerialControlProfile = {
  ...SERIAL_PROJECTOR,
  id: "projector/panasonic-rs232",
  vendor: "Panasonic",
  model: "PT series",
  title: { zh: "松下投影机（串口）", en: "Panasonic projector (serial)" },
  sources: ["Panasonic projector operating instructions, control commands via serial: PON, POF, Q$S, Q$L"],
  line: { baud: 9_600, dataBits: 8, parity: "none", stopBits: 1 },
  points: {
    "Projector/Power": {
      query: bytes(frame("Q$S")),
      sayings: each({ off: frame("0"), warming: frame("1"), on: frame("2"), cooling: frame("3") }),
      commands: each({ on: frame("PON"), off: frame("POF") }),
    },
    "Projector/LampHours": { query: bytes(frame("Q$L")), sayings: number("02 {value:dec4} 03") },
  },
  accepted: [bytes(frame("PON")), bytes(frame("POF"))],
  refused: [bytes(frame("ER401")), bytes(frame("ER402"))],
};
