import type { Quality } from "../../vocabulary/index.ts";
import type { ModbusTestcase } from "../testcase.ts";

const NO_READING: Quality = { status: "bad", reason: "sentinel" };

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "a canteen at noon; what it used is told in watt-hours",
    poll: true,
    exchanges: [
      ["03 0BB7 0006", "03 0C 4148 0000 4164 0000 411E 0000"],
      ["03 0BD3 0006", "03 0C 4367 8000 4366 4000 4365 C000"],
      ["03 0BED 0008", "03 10 4020 0000 4048 0000 4000 0000 40F4 0000"],
      ["03 0C25 0002", "03 04 4248 0A3D"],
      ["03 B02B 0002", "03 04 4B16 B43F"],
    ],
    samples: {
      "Phase/1/Current": 12.5,
      "Phase/2/Current": 14.25,
      "Phase/3/Current": 9.875,
      "Phase/1/Voltage": 231.5,
      "Phase/2/Voltage": 230.25,
      "Phase/3/Voltage": 229.75,
      "Phase/1/Power": 2.5,
      "Phase/2/Power": 3.125,
      "Phase/3/Power": 2,
      "Meter/Power": 7.625,
      "Meter/Frequency": 50.01,
      "Meter/Energy": 9876.543,
    },
  },
  {
    title: "a phase that is not connected is no number",
    exchanges: [["03 0BD3 0006", "03 0C 4367 8000 7FC0 0000 4365 C000"]],
    samples: {
      "Phase/2/Voltage": { value: null, quality: NO_READING },
      "Phase/3/Voltage": 229.75,
    },
  },
];
