import type { SerialControlTestcase } from "../testcase.ts";

export const testcases: readonly SerialControlTestcase[] = [
  {
    title: "power by the remote control's codes, STATUS POWER and LAMP TIMER",
    sends: [
      ["Projector/Power", "on", "A9 17 2E 00 00 00 3F 9A"],
      ["Projector/Power", "off", "A9 17 2F 00 00 00 3F 9A"],
      ["Projector/Power", "?", "A9 01 02 01 00 00 03 9A"],
      ["Projector/LampHours", "?", "A9 01 13 01 00 00 13 9A"],
    ],
  },
  {
    title: "starting its lamp, on, cooling to save power; the manual's 1,000 hours; not applicable now",
    says: [
      ["A9 01 02 02 00 02 03 9A", "Projector/Power", "warming"],
      ["A9 01 02 02 00 03 03 9A", "Projector/Power", "on"],
      ["A9 01 02 02 00 06 07 9A", "Projector/Power", "cooling"],
      ["A9 01 02 02 00 08 0B 9A", "Projector/Power", "off"],
      ["A9 01 13 02 03 E8 FB 9A", "Projector/LampHours", 1000],
      ["A9 01 0A 03 00 00 0B 9A", "Projector/LampHours", undefined],
    ],
  },
];
