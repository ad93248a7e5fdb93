import type { ChirpstackTestcase } from "../testcase.ts";

export const testcases: readonly ChirpstackTestcase[] = [
  {
    title: "the maker's example: on, 228.5 V, 164 mA",
    payload: "0374ed0806835604000008700105815207c9a400",
    samples: {
      "Meter/Energy": 1.11,
      "Meter/PowerFactor": 0.82,
      "Outlet/On": true,
      "Phase/1/Current": 0.164,
      "Phase/1/Voltage": 228.5,
    },
  },
];
