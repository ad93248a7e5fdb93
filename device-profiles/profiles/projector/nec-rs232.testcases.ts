import type { SerialControlTestcase } from "../testcase.ts";

export const testcases: readonly SerialControlTestcase[] = [
  {
    title: "power, running status and lamp usage, as the manual prints the commands",
    sends: [
      ["Projector/Power", "on", "02 00 00 00 00 02"],
      ["Projector/Power", "off", "02 01 00 00 00 03"],
      ["Projector/Power", "?", "00 85 00 00 01 01 87"],
      ["Projector/LampHours", "?", "03 96 00 00 02 00 01 9C"],
    ],
  },
  {
    title: "cooling down, asleep and saving power; the manual's 18,000 seconds; a refusal",
    says: [
      ["20 85 01 10 10 00 00 01 01 00 05 00 00 00 00 00 00 00 00 00 00 CD", "Projector/Power", "cooling"],
      ["20 85 01 10 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 C6", "Projector/Power", "off"],
      ["20 85 01 10 10 00 00 00 00 00 0F 00 00 00 00 00 00 00 00 00 00 D5", "Projector/Power", "off"],
      ["23 96 01 10 06 00 01 50 46 00 00 67", "Projector/LampHours", 5],
      // 5 h 59 min: hours that are over.
      ["23 96 01 10 06 00 01 24 54 00 00 49", "Projector/LampHours", 5],
      ["A3 96 01 10 02 00 01 4D", "Projector/LampHours", undefined],
    ],
  },
];
