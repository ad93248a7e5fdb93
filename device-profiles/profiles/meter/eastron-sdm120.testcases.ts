import type { Quality } from "../../vocabulary/index.ts";
import type { ModbusTestcase } from "../testcase.ts";

const NO_READING: Quality = { status: "bad", reason: "sentinel" };
const OUT_OF_RANGE: Quality = { status: "bad", reason: "out-of-range" };

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "the manual's example, which it calls 230.2 V",
    exchanges: [["04 0000 0002", "04 04 4366 3334"]],
    samples: { "Phase/1/Voltage": 230.20001 },
  },
  {
    title: "a room that draws 1.2 kW",
    poll: true,
    exchanges: [
      [
        "04 0000 004C",
        "04 98 4366 3333 0000 0000 0000 0000 40B0 0000 0000 0000 0000 0000 449A 5000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 3F7A E148 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 4247 EB85 4482 58A4 3E9E B852",
      ],
    ],
    samples: {
      "Phase/1/Voltage": 230.2,
      "Phase/1/Current": 5.5,
      "Meter/Power": 1.2345,
      "Meter/PowerFactor": 0.98,
      "Meter/Frequency": 49.98,
      "Meter/Energy": 1042.77,
      "Meter/EnergyExported": 0.31,
    },
  },
  {
    title: "solar power goes out, one channel is no number, and 1230 V is no voltage of a single phase",
    poll: true,
    exchanges: [
      [
        "04 0000 004C",
        "04 98 4499 C000 0000 0000 0000 0000 7FC0 0000 0000 0000 0000 0000 C37A 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 BF00 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 4248 0000 0000 0000 418C 0000",
      ],
    ],
    samples: {
      "Phase/1/Voltage": { value: 1230, quality: OUT_OF_RANGE },
      "Phase/1/Current": { value: null, quality: NO_READING },
      "Meter/Power": -0.25,
      "Meter/PowerFactor": -0.5,
    },
  },
];
