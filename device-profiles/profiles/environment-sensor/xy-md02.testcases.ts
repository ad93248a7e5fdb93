import type { Quality } from "../../vocabulary/index.ts";
import type { ModbusTestcase } from "../testcase.ts";

const OUT_OF_RANGE: Quality = { status: "bad", reason: "out-of-range" };

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "the instructions' example: 30.5 °C and 54.6 %",
    poll: true,
    exchanges: [["04 0001 0002", "04 04 0131 0222"]],
    samples: {
      "Environment/Temperature": 30.5,
      "Environment/Humidity": 54.6,
    },
  },
  {
    title: "the instructions' example of frost: -20.5 °C",
    exchanges: [["04 0001 0001", "04 02 FF33"]],
    samples: {
      "Environment/Temperature": -20.5,
    },
  },
  {
    title: "a broken sensor shows what no air is",
    poll: true,
    exchanges: [["04 0001 0002", "04 04 7FFF FFFF"]],
    samples: {
      "Environment/Temperature": { value: 3276.7, quality: OUT_OF_RANGE },
      "Environment/Humidity": { value: 6553.5, quality: OUT_OF_RANGE },
    },
  },
];
