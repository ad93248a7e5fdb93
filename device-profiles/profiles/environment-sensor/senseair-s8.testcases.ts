import type { Quality } from "../../vocabulary/index.ts";
import type { ModbusTestcase } from "../testcase.ts";

const OUT_OF_RANGE: Quality = { status: "bad", reason: "out-of-range" };

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "the manual's example: 400 ppm",
    poll: true,
    exchanges: [["04 0003 0001", "04 02 0190"]],
    samples: {
      "Environment/CO2": 400,
    },
  },
  {
    title: "a sensor that warms up measures nothing yet",
    poll: true,
    exchanges: [["04 0003 0001", "04 02 0000"]],
    samples: {
      "Environment/CO2": { value: 0, quality: OUT_OF_RANGE },
    },
  },
];
