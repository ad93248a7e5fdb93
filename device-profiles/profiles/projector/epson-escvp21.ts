import { bytes, each, number, type SerialControlProfile } from "../serial-control-profile.ts";
import { SERIAL_PROJECTOR } from "../serial-projector.ts";

/** Epson projectors with ESC/VP21 on a serial line. A line ends in CR, and a colon says that the next may come. */
export const epsonEscVp21: SerialControlProfile = {
  ...SERIAL_PROJECTOR,
  id: "projector/epson-escvp21",
  vendor: "Epson",
  model: "ESC/VP21",
  title: { zh: "爱普生投影机（ESC/VP21 串口）", en: "Epson projector (ESC/VP21, serial)" },
  sources: ["Epson ESC/VP21 Command User's Guide: PWR, SOURCE, LAMP"],
  line: { baud: 9_600, dataBits: 8, parity: "none", stopBits: 1 },
  answer_ms: 3_000,
  points: {
    "Projector/Power": {
      query: bytes("'PWR?' 0D"),
      sayings: [
        // 04 is stand-by with the network on, 05 stand-by after a fault.
        ...each({ off: "'PWR=00' 0D", on: "'PWR=01' 0D", warming: "'PWR=02' 0D", cooling: "'PWR=03' 0D" }),
        ...each({ off: "'PWR=04' 0D" }),
        ...each({ off: "'PWR=05' 0D" }),
      ],
      commands: each({ on: "'PWR ON' 0D", off: "'PWR OFF' 0D" }),
    },
    "Projector/LampHours": { query: bytes("'LAMP?' 0D"), sayings: number("'LAMP=' {value:dec} 0D") },
    "Projector/Input": {
      query: bytes("'SOURCE?' 0D"),
      sayings: each({
        "computer-1": "'SOURCE=11' 0D",
        "computer-2": "'SOURCE=21' 0D",
        "hdmi-1": "'SOURCE=30' 0D",
        "hdmi-2": "'SOURCE=A0' 0D",
        video: "'SOURCE=41' 0D",
        usb: "'SOURCE=52' 0D",
        lan: "'SOURCE=53' 0D",
      }),
    },
  },
  accepted: [bytes("':'")],
  refused: [bytes("'ERR' 0D")],
};
