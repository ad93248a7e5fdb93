import type { ModbusTestcase } from "../testcase.ts";

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "the first and the last relay are closed",
    poll: true,
    exchanges: [["01 0000 0008", "01 01 81"]],
    samples: {
      "Relay/1/Closed": true,
      "Relay/2/Closed": false,
      "Relay/3/Closed": false,
      "Relay/4/Closed": false,
      "Relay/5/Closed": false,
      "Relay/6/Closed": false,
      "Relay/7/Closed": false,
      "Relay/8/Closed": true,
    },
  },
  {
    title: "all are open",
    poll: true,
    exchanges: [["01 0000 0008", "01 01 00"]],
    samples: {
      "Relay/1/Closed": false,
      "Relay/2/Closed": false,
      "Relay/3/Closed": false,
      "Relay/4/Closed": false,
      "Relay/5/Closed": false,
      "Relay/6/Closed": false,
      "Relay/7/Closed": false,
      "Relay/8/Closed": false,
    },
  },
];
