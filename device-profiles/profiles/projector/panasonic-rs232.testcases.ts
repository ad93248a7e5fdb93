import type { SerialControlTestcase } from "../testcase.ts";

export const testcases: readonly SerialControlTestcase[] = [
  {
    title: "PON, Q$S and Q$L between STX and ETX",
    sends: [
      ["Projector/Power", "on", "02 50 4F 4E 03"],
      ["Projector/Power", "?", "02 51 24 53 03"],
      ["Projector/LampHours", "?", "02 51 24 4C 03"],
    ],
  },
  {
    title: "the lamp's state, its hours, and a command that is not possible now",
    says: [
      ["02 33 03", "Projector/Power", "cooling"],
      ["02 31 03", "Projector/Power", "warming"],
      ["02 30 34 32 31 03", "Projector/LampHours", 421],
      ["02 45 52 34 30 31 03", "Projector/LampHours", undefined],
    ],
  },
];
