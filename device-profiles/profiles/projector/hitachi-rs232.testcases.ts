import type { SerialControlTestcase } from "../testcase.ts";

export const testcases: readonly SerialControlTestcase[] = [
  {
    title: "the manual's frames, their CRC included",
    sends: [
      ["Projector/Power", "on", "BE EF 03 06 00 BA D2 01 00 00 60 01 00"],
      ["Projector/Power", "off", "BE EF 03 06 00 2A D3 01 00 00 60 00 00"],
      ["Projector/Power", "?", "BE EF 03 06 00 19 D3 02 00 00 60 00 00"],
    ],
  },
  {
    title: "the three states of its power; an error code is no state",
    says: [
      ["1D 00 00", "Projector/Power", "off"],
      ["1D 01 00", "Projector/Power", "on"],
      ["1D 02 00", "Projector/Power", "cooling"],
      ["1C 00 00", "Projector/Power", undefined],
    ],
  },
];
