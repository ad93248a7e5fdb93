import type { Quality } from "../../vocabulary/index.ts";
import type { ModbusTestcase } from "../testcase.ts";

const NO_READING: Quality = { status: "bad", reason: "sentinel" };

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "three phases, the lower register first; the second one feeds back",
    poll: true,
    exchanges: [
      ["04 0000 0006", "04 0C 0900 0000 0907 0000 08FA 0000"],
      ["04 000C 000C", "04 18 1A85 0000 11EB 0001 000F 0000 3AA4 0000 FB4C FFFF 0022 0000"],
      ["04 0028 0002", "04 04 3612 0000"],
      ["04 0035 0001", "04 02 03B9"],
      ["04 0037 0001", "04 02 01F4"],
      ["04 003E 0002", "04 04 7DD0 000B"],
      ["04 005C 0002", "04 04 0001 0001"],
    ],
    samples: {
      "Phase/1/Voltage": 230.4,
      "Phase/2/Voltage": 231.1,
      "Phase/3/Voltage": 229.8,
      "Phase/1/Current": 6.789,
      "Phase/2/Current": 70.123,
      "Phase/3/Current": 0.015,
      "Phase/1/Power": 1.5012,
      "Phase/2/Power": -0.1204,
      "Phase/3/Power": 0.0034,
      "Meter/Power": 1.3842,
      "Meter/PowerFactor": 0.953,
      "Meter/Frequency": 50,
      "Meter/Energy": 75310.4,
      "Meter/EnergyExported": 6553.7,
    },
  },
  {
    title: "a phase that is not there",
    exchanges: [["04 0000 0006", "04 0C 0900 0000 FFFF 7FFF FFFF 7FFF"]],
    samples: {
      "Phase/1/Voltage": 230.4,
      "Phase/2/Voltage": { value: null, quality: NO_READING },
      "Phase/3/Voltage": { value: null, quality: NO_READING },
    },
  },
];
