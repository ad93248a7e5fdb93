import type { ModbusTestcase } from "../testcase.ts";

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "three phases, unevenly loaded, the second one feeding back",
    poll: true,
    exchanges: [
      [
        "04 0000 004C",
        "04 98 4367 199A 4365 E666 4366 6666 4124 0000 3F00 0000 4205 54FE 450F C800 C2E6 0000 45ED 8000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 4618 E600 0000 0000 0000 0000 0000 0000 0000 0000 3F6E 147B 0000 0000 0000 0000 0000 0000 4248 147B 473C 5280 4144 0000",
      ],
    ],
    samples: {
      "Phase/1/Voltage": 231.1,
      "Phase/2/Voltage": 229.9,
      "Phase/3/Voltage": 230.4,
      "Phase/1/Current": 10.25,
      "Phase/2/Current": 0.5,
      "Phase/3/Current": 33.333,
      "Phase/1/Power": 2.3005,
      "Phase/2/Power": -0.115,
      "Phase/3/Power": 7.6,
      "Meter/Power": 9.7855,
      "Meter/PowerFactor": 0.93,
      "Meter/Frequency": 50.02,
      "Meter/Energy": 48210.5,
      "Meter/EnergyExported": 12.25,
    },
  },
];
