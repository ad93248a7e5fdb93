import type { ModbusTestcase } from "../testcase.ts";

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "a classroom with its lights on",
    poll: true,
    exchanges: [
      ["03 2000 0006", "03 0C 4365 8000 404D 70A4 3F36 6666"],
      ["03 200A 0002", "03 04 3F77 8D50"],
      ["03 200E 0002", "03 04 4247 EB85"],
      ["03 4000 0002", "03 04 45CC 79AE"],
    ],
    samples: {
      "Phase/1/Voltage": 229.5,
      "Phase/1/Current": 3.21,
      "Meter/Power": 0.7125,
      "Meter/PowerFactor": 0.967,
      "Meter/Frequency": 49.98,
      "Meter/Energy": 6543.21,
    },
  },
];
