import type { PjlinkTestcase } from "../testcase.ts";

export const testcases: readonly PjlinkTestcase[] = [
  {
    title: "on, RGB input, no serial number to be had",
    lines: [
      ["%1POWR ?", "%1POWR=1"],
      ["%1INPT ?", "%1INPT=11"],
      ["%1LAMP ?", "%1LAMP=5 1"],
      ["%2SNUM ?", "%2SNUM=ERR1"],
    ],
    samples: { "Projector/Power": "on", "Projector/Input": "rgb-1", "Projector/LampHours": 5 },
  },
];
