import { bytes, number, type Saying, type SerialControlProfile } from "../serial-control-profile.ts";
import { SERIAL_PROJECTOR } from "../serial-projector.ts";

/** Item, type and data between the start and end codes, and before the end all their bits together. */
const frame = (body: string): string => `A9 ${body} {or8:1} 9A`;
/** Type 01 asks, 02 answers. */
const query = (item: string) => bytes(frame(`${item} 01 00 00`));
const status = (value: string, code: string): Saying => ({
  value,
  pattern: bytes(frame(`01 02 02 00 ${code}`)),
});

/** Sony projectors. Power is set by the codes of their remote control, which they do not always acknowledge. */
export const sonyRs232: SerialControlProfile = {
  ...SERIAL_PROJECTOR,
  id: "projector/sony-rs232",
  vendor: "Sony",
  model: "VPL series",
  title: { zh: "索尼投影机（串口）", en: "Sony projector (serial)" },
  sources: [
    "Sony data projector protocol manuals (VPL-FX51, VPL-ES3): STATUS POWER, LAMP TIMER, SIRCS, ACK and NAK",
  ],
  line: { baud: 38_400, dataBits: 8, parity: "even", stopBits: 1 },
  points: {
    "Projector/Power": {
      query: query("01 02"),
      sayings: [
        status("off", "00"),
        status("warming", "01"),
        status("warming", "02"),
        status("on", "03"),
        ...["04", "05", "06", "07"].map((code) => status("cooling", code)),
        // Standby that saves power.
        status("off", "08"),
      ],
      commands: [
        { value: "on", pattern: bytes(frame("17 2E 00 00 00")) },
        { value: "off", pattern: bytes(frame("17 2F 00 00 00")) },
      ],
    },
    "Projector/LampHours": { query: query("01 13"), sayings: number(frame("01 13 02 {value:u16be}")) },
  },
  accepted: [],
  refused: [bytes(frame("01 ?? 03 00 00")), bytes(frame("F0 ?? 03 00 00"))],
};
