import type { Quality } from "../../vocabulary/index.ts";
import type { ModbusTestcase } from "../testcase.ts";

const NO_READING: Quality = { status: "bad", reason: "sentinel" };

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "who it is; texts are filled up with spaces",
    exchanges: [
      ["03 0204 0008", "03 10 5550 5320 3034 2E31 2020 2020 2020 2020"],
      [
        "03 0214 0010",
        "03 20 536D 6172 742D 5550 5320 3135 3030 2020 2020 2020 2020 2020 2020 2020 2020 2020",
      ],
      ["03 0234 0008", "03 10 3353 3230 3432 5831 3435 3430 2020 2020"],
    ],
    samples: {
      "Properties/Firmware": "UPS 04.1",
      "Properties/Model": "Smart-UPS 1500",
      "Properties/Serial": "3S2042X14540",
    },
  },
  {
    title: "on battery, and about to switch off",
    poll: true,
    exchanges: [
      ["03 0000 0002", "03 04 0000 2004"],
      ["03 0012 0001", "03 02 0003"],
      ["03 0080 0004", "03 08 0000 005F 0C00 02F0"],
      ["03 0087 0002", "03 04 0FA0 50F8"],
    ],
    samples: {
      "Ups/OnBattery": true,
      "Ups/BatteryLow": true,
      "Ups/Runtime": 95,
      "Battery/Level": 6,
      "Battery/Voltage": 23.5,
      "System/Temperature": 31.25,
      "Ups/Load": 80.96875,
    },
  },
  {
    title: "on the mains; a load that is not known is 0xFFFF, and a cold room is below nought",
    poll: true,
    exchanges: [
      ["03 0000 0002", "03 04 0000 0002"],
      ["03 0012 0001", "03 02 0000"],
      ["03 0080 0004", "03 08 0000 0B04 C800 0368"],
      ["03 0087 0002", "03 04 FD80 FFFF"],
    ],
    samples: {
      "Ups/OnBattery": false,
      "Ups/BatteryLow": false,
      "Ups/Runtime": 2820,
      "Battery/Level": 100,
      "Battery/Voltage": 27.25,
      "System/Temperature": -5,
      "Ups/Load": { value: null, quality: NO_READING },
    },
  },
];
