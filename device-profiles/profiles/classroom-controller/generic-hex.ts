import { bytes, each, number, type SerialControlProfile } from "../serial-control-profile.ts";

/** `A5`, number of the controller, function, value, sum. A function with `80` asks; the answer is the function itself. */
const set = (code: string, value: string): string => `A5 {id} ${code} ${value} {sum8:0}`;
const ask = (code: string) => bytes(`A5 {id} 80 ${code} {sum8:0}`);
const flag = (code: string) => ({
  query: ask(code),
  sayings: each({ true: `5A {id} ${code} 01 {sum8:0}`, false: `5A {id} ${code} 00 {sum8:0}` }),
  commands: each({ true: set(code, "01"), false: set(code, "00") }),
});
const words = (code: string, table: Readonly<Record<string, string>>) => ({
  query: ask(code),
  sayings: each(mapped(table, (value) => `5A {id} ${code} ${value} {sum8:0}`)),
  commands: each(mapped(table, (value) => set(code, value))),
});
const mapped = (table: Readonly<Record<string, string>>, frame: (value: string) => string) =>
  Object.fromEntries(Object.entries(table).map(([word, value]) => [word, frame(value)]));

/**
 * A central controller as most are: five bytes with a sum at 9600 8N1, and it says by itself what a teacher pressed on
 * its panel. The table is an example to be replaced by the maker's own.
 */
export const genericHexController: SerialControlProfile = {
  protocol: "serial-control",
  id: "classroom-controller/generic-hex",
  vendor: "generic",
  model: "five bytes and a sum",
  title: { zh: "通用中控（串口十六进制）", en: "Any central controller (bytes in hex)" },
  class: "classroom-controller",
  proven: "vectors",
  sources: ["a map of our own, after the manner of such controllers"],
  pollInterval_ms: 5_000,
  line: { baud: 9_600, dataBits: 8, parity: "none", stopBits: 1, port: 4_001 },
  gap_ms: 20,
  answer_ms: 300,
  retries: 2,
  deviceNumber: 1,
  points: {
    "Controller/System": flag("01"),
    "Controller/Source": words("02", {
      computer: "01",
      laptop: "02",
      camera: "03",
      wireless: "04",
      other: "05",
    }),
    "Controller/Screen": words("03", { up: "01", down: "02", stopped: "03" }),
    "Controller/Volume": {
      query: ask("04"),
      sayings: number("5A {id} 04 {value} {sum8:0}"),
      commands: number("A5 {id} 04 {value} {sum8:0}"),
    },
    "Controller/Muted": flag("05"),
    "Controller/Locked": flag("06"),
    "Controller/Mains": flag("07"),
    "Controller/Computer": {
      query: ask("08"),
      sayings: each({ true: "5A {id} 08 01 {sum8:0}", false: "5A {id} 08 00 {sum8:0}" }),
    },
    "Projector/Power": {
      query: ask("09"),
      sayings: each({
        off: "5A {id} 09 00 {sum8:0}",
        on: "5A {id} 09 01 {sum8:0}",
        cooling: "5A {id} 09 02 {sum8:0}",
        warming: "5A {id} 09 03 {sum8:0}",
      }),
      commands: each({ on: set("09", "01"), off: set("09", "00") }),
    },
  },
  accepted: [bytes("5A {id} FF 00 {sum8:0}")],
  refused: [bytes("5A {id} FE ?? {sum8:0}")],
  tellsChanges: true,
  interlocks: [
    {
      metric: "Controller/Mains",
      value: false,
      first: { metric: "Projector/Power", value: "off" },
      until: "off",
    },
  ],
};
