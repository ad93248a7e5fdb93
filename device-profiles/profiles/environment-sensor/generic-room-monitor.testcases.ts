import type { Quality } from "../../vocabulary/index.ts";
import type { ModbusTestcase } from "../testcase.ts";

const NO_READING: Quality = { status: "bad", reason: "sentinel" };
const OUT_OF_RANGE: Quality = { status: "bad", reason: "out-of-range" };

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "identity",
    exchanges: [
      ["04 0000 000C", "04 18 41 43 2D 31 31 31 37 00 00 00 00 00 00 00 00 00 31 2E 34 00 00 00 00 00"],
    ],
    samples: { "Properties/Serial": "AC-1117", "Properties/Firmware": "1.4" },
  },
  {
    title: "a cold room with stale air, and water on the floor",
    poll: true,
    exchanges: [
      ["02 0000 0002", "02 01 02"],
      ["04 0020 0004", "04 08 FFDD 01C7 073A 02F1"],
    ],
    samples: {
      "Environment/Temperature": -3.5,
      "Environment/Humidity": 45.5,
      "Environment/CO2": 1850,
      "Environment/PM25": 75.3,
      "Environment/Smoke": false,
      "Environment/Leak": true,
    },
  },
  {
    title: "sensors that warm up say “no reading”",
    poll: true,
    exchanges: [
      ["02 0000 0002", "02 01 00"],
      ["04 0020 0004", "04 08 7FFF FFFF FFFF FFFF"],
    ],
    samples: {
      "Environment/Temperature": { value: null, quality: NO_READING },
      "Environment/Humidity": { value: null, quality: NO_READING },
      "Environment/CO2": { value: null, quality: NO_READING },
      "Environment/PM25": { value: null, quality: NO_READING },
    },
  },
  {
    title: "85.1 °C and 2 ppm are no air a room has, and are kept with their value",
    poll: true,
    exchanges: [
      ["02 0000 0002", "02 01 01"],
      ["04 0020 0004", "04 08 0353 03E8 0002 0000"],
    ],
    samples: {
      "Environment/Temperature": { value: 85.1, quality: OUT_OF_RANGE },
      "Environment/Humidity": 100,
      "Environment/CO2": { value: 2, quality: OUT_OF_RANGE },
      "Environment/PM25": 0,
      "Environment/Smoke": true,
    },
  },
];
