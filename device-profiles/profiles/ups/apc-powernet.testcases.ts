import { GOOD } from "../../vocabulary/index.ts";
import { gauge, integer, ticks } from "../snmp-varbinds.ts";
import type { SnmpTestcase } from "../testcase.ts";

const UPS = "1.3.6.1.4.1.318.1.1.1";

export const testcases: readonly SnmpTestcase[] = [
  {
    title: "on line, half an hour in the battery",
    varbinds: [
      integer(`${UPS}.4.1.1.0`, 2),
      integer(`${UPS}.2.1.1.0`, 2),
      gauge(`${UPS}.4.2.3.0`, 18),
      ticks(`${UPS}.2.2.3.0`, 190_200),
      gauge(`${UPS}.2.2.1.0`, 100),
    ],
    samples: [
      ["Ups/OnBattery", false, GOOD],
      ["Ups/BatteryLow", false, GOOD],
      ["Ups/Load", 18, GOOD],
      ["Ups/Runtime", 1_902, GOOD],
      ["Battery/Level", 100, GOOD],
    ],
  },
  {
    title: "on battery, and it is low; a UPS that is off draws from nowhere",
    varbinds: [integer(`${UPS}.4.1.1.0`, 3), integer(`${UPS}.2.1.1.0`, 3), integer(`${UPS}.4.1.1.0`, 7)],
    samples: [
      ["Ups/OnBattery", true, GOOD],
      ["Ups/BatteryLow", true, GOOD],
      ["Ups/OnBattery", null, { status: "bad", reason: "out-of-range" }],
    ],
  },
];
