import type { ModbusTestcase } from "../testcase.ts";

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "four billion litres at most, a quarter of a cubic metre an hour, the valve closed",
    poll: true,
    exchanges: [["03 0000 0005", "03 0A 0004 E7DC 3E80 0000 0001"]],
    samples: {
      "Water/Volume": 321.5,
      "Water/Flow": 0.25,
      "Water/ValveClosed": true,
      "Battery/Low": false,
    },
  },
  {
    title: "a battery that is low",
    exchanges: [["03 0000 0005", "03 0A FFFF FFFF 0000 0000 0004"]],
    samples: {
      "Water/Volume": 4_294_967.295,
      "Water/Flow": 0,
      "Water/ValveClosed": false,
      "Battery/Low": true,
    },
  },
];
