import type { ModbusTestcase } from "../testcase.ts";

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "a kettle: the current and the power need their upper registers",
    poll: true,
    exchanges: [["04 0000 000A", "04 14 08F9 6462 0001 326B 0003 1171 0001 01F3 0064 FFFF"]],
    samples: {
      "Phase/1/Voltage": 229.7,
      "Phase/1/Current": 91.234,
      "Meter/Power": 20.9515,
      "Meter/Energy": 70.001,
      "Meter/Frequency": 49.9,
      "Meter/PowerFactor": 1,
      "Meter/Overload": true,
    },
  },
  {
    title: "nothing is switched on",
    poll: true,
    exchanges: [["04 0000 000A", "04 14 08FD 0000 0000 0000 0000 1171 0001 01F4 0000 0000"]],
    samples: {
      "Phase/1/Voltage": 230.1,
      "Phase/1/Current": 0,
      "Meter/Power": 0,
      "Meter/PowerFactor": 0,
      "Meter/Overload": false,
    },
  },
];
