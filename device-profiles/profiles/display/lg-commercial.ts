import { bytes, each, number, type SerialControlProfile } from "../serial-control-profile.ts";

const query = (command: string) => bytes(`'${command} ' {id:hex2} ' FF' 0D`);
const set = (command: string, value: string): string => `'${command} ' {id:hex2} ' ' ${value} 0D`;
/** The second letter of the command, the number of the set, OK and the value. */
const ok = (command: string, value: string): string => `'${command.slice(1)} ' {id:hex2} ' OK' ${value} 'x'`;
const table = (command: string, values: Readonly<Record<string, string>>) => ({
  query: query(command),
  sayings: each(
    Object.fromEntries(Object.entries(values).map(([word, value]) => [word, ok(command, `'${value}'`)])),
  ),
  commands: each(
    Object.fromEntries(Object.entries(values).map(([word, value]) => [word, set(command, `'${value}'`)])),
  ),
});
const level = (command: string) => ({
  query: query(command),
  sayings: number(ok(command, "{value:hex2}")),
  commands: number(set(command, "{value:hex2}")),
});

/** LG commercial displays, on RS-232C and TCP 9761. */
export const lgCommercial: SerialControlProfile = {
  protocol: "serial-control",
  id: "display/lg-commercial",
  vendor: "LG",
  model: "commercial display",
  title: { zh: "LG 商用显示屏", en: "LG commercial display" },
  class: "display",
  proven: "vectors",
  sources: ["LG commercial display owner's manual, controlling multiple products: ka, kd/xb, ke, kf, kh"],
  pollInterval_ms: 10_000,
  line: { baud: 9_600, dataBits: 8, parity: "none", stopBits: 1, port: 9_761 },
  gap_ms: 50,
  answer_ms: 500,
  retries: 1,
  deviceNumber: 1,
  points: {
    "Display/Power": table("ka", { true: "01", false: "00" }),
    "Display/Input": table("xb", { "hdmi-1": "90", "hdmi-2": "91", displayport: "C0", dvi: "70", rgb: "60" }),
    // 00 mutes, 01 lets the sound through.
    "Display/Muted": table("ke", { true: "00", false: "01" }),
    "Display/Volume": level("kf"),
    "Display/Brightness": level("kh"),
  },
  accepted: [],
  refused: [...["a", "b", "e", "f", "h"].map((letter) => bytes(`'${letter} ' {id:hex2} ' NG' ?? ?? 'x'`))],
};
