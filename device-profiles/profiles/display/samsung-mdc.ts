import { bytes, each, number, type SerialControlProfile } from "../serial-control-profile.ts";

const query = (command: string) => bytes(`AA ${command} {id} 00 {sum8:1}`);
const set = (command: string, value: string): string => `AA ${command} {id} 01 ${value} {sum8:1}`;
const ack = (command: string, value: string): string => `AA FF {id} 03 'A' ${command} ${value} {sum8:1}`;
const table = (command: string, values: Readonly<Record<string, string>>) => ({
  query: query(command),
  sayings: each(
    Object.fromEntries(Object.entries(values).map(([word, value]) => [word, ack(command, value)])),
  ),
  commands: each(
    Object.fromEntries(Object.entries(values).map(([word, value]) => [word, set(command, value)])),
  ),
});

/** Samsung displays by Multiple Display Control, on RS-232C and TCP 1515. The answer to a command tells the value. */
export const samsungMdc: SerialControlProfile = {
  protocol: "serial-control",
  id: "display/samsung-mdc",
  vendor: "Samsung",
  model: "MDC",
  title: { zh: "三星显示屏（MDC）", en: "Samsung display (MDC)" },
  class: "display",
  proven: "vectors",
  sources: ["Samsung Multiple Display Control Protocol: power 0x11, volume 0x12, mute 0x13, input 0x14"],
  pollInterval_ms: 10_000,
  line: { baud: 9_600, dataBits: 8, parity: "none", stopBits: 1, port: 1_515 },
  gap_ms: 50,
  answer_ms: 500,
  retries: 1,
  deviceNumber: 1,
  points: {
    "Display/Power": table("11", { true: "01", false: "00" }),
    "Display/Volume": {
      query: query("12"),
      sayings: number(ack("12", "{value}")),
      commands: number(set("12", "{value}")),
    },
    "Display/Muted": table("13", { true: "01", false: "00" }),
    "Display/Input": table("14", {
      pc: "14",
      dvi: "18",
      "hdmi-1": "21",
      "hdmi-2": "23",
      displayport: "25",
    }),
  },
  accepted: [],
  refused: [bytes("AA FF {id} 03 'N' ?? ?? {sum8:1}")],
};
