import type { SerialControlTestcase } from "../testcase.ts";

export const testcases: readonly SerialControlTestcase[] = [
  {
    title: "PWR ON, PWR? and LAMP? end in CR",
    sends: [
      ["Projector/Power", "on", "50 57 52 20 4F 4E 0D"],
      ["Projector/Power", "?", "50 57 52 3F 0D"],
      ["Projector/LampHours", "?", "4C 41 4D 50 3F 0D"],
    ],
  },
  {
    title: "PWR=03, PWR=04, LAMP=1234, SOURCE=A0, and ERR while it is off",
    says: [
      ["50 57 52 3D 30 33 0D 3A", "Projector/Power", "cooling"],
      ["50 57 52 3D 30 34 0D 3A", "Projector/Power", "off"],
      ["4C 41 4D 50 3D 31 32 33 34 0D 3A", "Projector/LampHours", 1_234],
      ["53 4F 55 52 43 45 3D 41 30 0D 3A", "Projector/Input", "hdmi-2"],
      ["45 52 52 0D 3A", "Projector/LampHours", undefined],
    ],
  },
];
