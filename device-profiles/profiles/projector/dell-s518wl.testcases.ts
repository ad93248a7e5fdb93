import type { SerialControlTestcase } from "../testcase.ts";

export const testcases: readonly SerialControlTestcase[] = [
  {
    title: "the document's frames, their CRC included",
    sends: [
      ["Projector/Power", "on", "BE EF 10 05 00 C6 FF 11 11 01 00 01"],
      ["Projector/Power", "off", "BE EF 10 05 00 0C 3E 11 11 01 00 18"],
      ["Projector/Power", "?", "BE EF 10 05 00 46 7E 11 11 01 00 FF"],
    ],
  },
  {
    title: "five states, of which two are off",
    says: [
      ["00 FF 01", "Projector/Power", "off"],
      ["00 FF 02", "Projector/Power", "warming"],
      ["00 FF 03", "Projector/Power", "on"],
      ["00 FF 04", "Projector/Power", "cooling"],
      ["00 FF 05", "Projector/Power", "off"],
      ["01", "Projector/Power", undefined],
    ],
  },
];
