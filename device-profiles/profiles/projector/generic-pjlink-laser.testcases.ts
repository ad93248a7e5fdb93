import type { PjlinkTestcase } from "../testcase.ts";

export const testcases: readonly PjlinkTestcase[] = [
  {
    title: "on, and its light source is well",
    lines: [
      ["%1POWR ?", "%1POWR=1"],
      ["%1ERST ?", "%1ERST=000000"],
    ],
    samples: {
      "Projector/Power": "on",
      "Projector/Fan": "ok",
      "Projector/Lamp": "ok",
      "Projector/Overheat": "ok",
      "Projector/Cover": "ok",
      "Projector/Filter": "ok",
      "Projector/Other": "ok",
    },
  },
];
