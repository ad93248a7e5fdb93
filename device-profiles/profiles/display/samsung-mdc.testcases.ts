import type { SerialControlTestcase } from "../testcase.ts";

export const testcases: readonly SerialControlTestcase[] = [
  {
    title: "power on of display 1, as the protocol prints it; the sum leaves out the header",
    sends: [
      ["Display/Power", true, "AA 11 01 01 01 14"],
      ["Display/Power", "?", "AA 11 01 00 12"],
      ["Display/Volume", 20, "AA 12 01 01 14 28"],
      ["Display/Input", "hdmi-1", "AA 14 01 01 21 37"],
    ],
  },
  {
    title: "acknowledged with the value, and not acknowledged",
    says: [
      ["AA FF 01 03 41 11 01 56", "Display/Power", true],
      ["AA FF 01 03 41 12 14 6A", "Display/Volume", 20],
      ["AA FF 01 03 4E 12 01 64", "Display/Volume", undefined],
    ],
  },
];
