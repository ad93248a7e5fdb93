import type { SerialControlTestcase } from "../testcase.ts";

export const testcases: readonly SerialControlTestcase[] = [
  {
    title: "ka 01 01, ka 01 FF, kf 01 32 in ASCII",
    sends: [
      ["Display/Power", true, "6B 61 20 30 31 20 30 31 0D"],
      ["Display/Power", "?", "6B 61 20 30 31 20 46 46 0D"],
      ["Display/Volume", 50, "6B 66 20 30 31 20 33 32 0D"],
      ["Display/Muted", true, "6B 65 20 30 31 20 30 30 0D"],
    ],
  },
  {
    title: "a 01 OK01x, f 01 OK32x, f 01 NG00x",
    says: [
      ["61 20 30 31 20 4F 4B 30 31 78", "Display/Power", true],
      ["66 20 30 31 20 4F 4B 33 32 78", "Display/Volume", 50],
      ["66 20 30 31 20 4E 47 30 30 78", "Display/Volume", undefined],
    ],
  },
];
