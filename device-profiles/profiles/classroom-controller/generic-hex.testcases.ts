import type { SerialControlTestcase } from "../testcase.ts";

export const testcases: readonly SerialControlTestcase[] = [
  {
    title: "class begins; the sum is taken over all bytes before it",
    sends: [
      ["Controller/System", true, "A5 01 01 01 A8"],
      ["Controller/Volume", 40, "A5 01 04 28 D2"],
      ["Projector/Power", "?", "A5 01 80 09 2F"],
    ],
  },
  {
    title: "what it tells, asked or not",
    says: [
      ["5A 01 02 02 5F", "Controller/Source", "laptop"],
      ["5A 01 09 02 66", "Projector/Power", "cooling"],
      ["5A 01 04 64 C3", "Controller/Volume", 100],
      ["5A 01 FE 01 5A", "Controller/Volume", undefined],
    ],
  },
];
