import type { SerialControlTestcase } from "../testcase.ts";

export const testcases: readonly SerialControlTestcase[] = [
  {
    title: "*pow=on# between two CR",
    sends: [
      ["Projector/Power", "on", "0D 2A 70 6F 77 3D 6F 6E 23 0D"],
      ["Projector/Power", "?", "0D 2A 70 6F 77 3D 3F 23 0D"],
    ],
  },
  {
    title: "it repeats the question before it answers",
    says: [
      ["2A 70 6F 77 3D 3F 23 0D 0A 2A 50 4F 57 3D 4F 4E 23 0D 0A", "Projector/Power", "on"],
      ["2A 4C 54 49 4D 3D 38 30 35 23", "Projector/LampHours", 805],
      ["2A 42 6C 6F 63 6B 20 69 74 65 6D 23", "Projector/Input", undefined],
    ],
  },
];
