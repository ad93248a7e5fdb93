import { bytes, each, type SerialControlProfile } from "../serial-control-profile.ts";
import { SERIAL_PROJECTOR } from "../serial-projector.ts";

/** Header and CRC, then action, type and setting, the low byte first. Action 1 sets, 2 asks. */
const frame = (data: string): string => `BE EF 03 06 00 {crc16be:whole} ${data}`;

/** Hitachi projectors of the CP series; Dukane, Christie and others sell them too. Also on TCP 23. */
export const hitachiRs232: SerialControlProfile = {
  ...SERIAL_PROJECTOR,
  id: "projector/hitachi-rs232",
  vendor: "Hitachi",
  model: "CP series",
  title: { zh: "日立投影机（串口）", en: "Hitachi projector (serial)" },
  sources: ["Hitachi projector user's manual, RS-232C communication: command data chart"],
  line: { baud: 19_200, dataBits: 8, parity: "none", stopBits: 1, port: 23 },
  gap_ms: 40,
  points: {
    "Projector/Power": {
      query: bytes(frame("02 00 00 60 00 00")),
      sayings: each({ off: "1D 00 00", on: "1D 01 00", cooling: "1D 02 00" }),
      commands: each({ on: frame("01 00 00 60 01 00"), off: frame("01 00 00 60 00 00") }),
    },
  },
  accepted: [bytes("06")],
  // NAK, an error code, and the request for a login of the network port.
  refused: [bytes("15"), bytes("1C ?? ??"), bytes("1F ?? ??")],
};
