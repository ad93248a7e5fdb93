import { bytes, number, type Saying, type SerialControlProfile } from "../serial-control-profile.ts";
import { SERIAL_PROJECTOR } from "../serial-projector.ts";

/** Two ids of the projector stand behind the command in every answer; the sum of all bytes ends it. */
const answer = (command: string, data: string): string => `${command} ?? ?? ${data} {sum8:0}`;

const SECONDS_AN_HOUR = 3_600;
/** Operation status, DATA06 of 16. */
const status = (value: SampleText, code: string): Saying => ({
  value,
  pattern: bytes(answer("20 85", `10 ?? ?? ?? ?? ?? ${code} ?? ?? ?? ?? ?? ?? ?? ?? ?? ??`)),
});
type SampleText = "on" | "off" | "cooling";

const power = (value: SampleText, code: string): Saying => ({
  value,
  pattern: bytes(`02 ${code} 00 00 00 {sum8:0}`),
});

/** NEC projectors. They answer in standby where their standby mode is “normal” or “network”. */
export const necRs232: SerialControlProfile = {
  ...SERIAL_PROJECTOR,
  id: "projector/nec-rs232",
  vendor: "NEC",
  model: "NP, P, PX, M series",
  title: { zh: "NEC 投影机（串口）", en: "NEC projector (serial)" },
  sources: [
    "NEC, Projector Control Command Reference Manual BDT140013, revision 7.1: 015 POWER ON, 016 POWER OFF, 037-4 LAMP INFORMATION REQUEST 3, 078-2 RUNNING STATUS REQUEST",
  ],
  line: { baud: 38_400, dataBits: 8, parity: "none", stopBits: 1, port: 7_142 },
  points: {
    "Projector/Power": {
      query: bytes("00 85 00 00 01 01 {sum8:0}"),
      // Asleep, an error, saving power, on the network alone.
      sayings: [
        ...["00", "06", "0F", "10"].map((code) => status("off", code)),
        status("on", "04"),
        status("cooling", "05"),
      ],
      commands: [power("on", "00"), power("off", "01")],
    },
    "Projector/LampHours": {
      query: bytes("03 96 00 00 02 00 01 {sum8:0}"),
      sayings: number(answer("23 96", "06 00 01 {value:u32le}"), 1 / SECONDS_AN_HOUR),
    },
  },
  accepted: [bytes(answer("22 00", "00")), bytes(answer("22 01", "00"))],
  refused: ["A0", "A2", "A3"].map((kind) => bytes(answer(`${kind} ??`, "02 ?? ??"))),
};
