import type { ModbusTestcase } from "../testcase.ts";

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "the filtered values of the manual's table",
    poll: true,
    exchanges: [
      ["04 0001 0007", "04 0E 0389 0000 0000 0000 00D6 0000 01E3"],
      ["04 000E 0001", "04 02 001B"],
    ],
    samples: {
      "Environment/CO2": 905,
      "Environment/Temperature": 21.4,
      "Environment/Humidity": 48.3,
      "Environment/PM25": 27,
    },
  },
];
