import { GOOD } from "../../vocabulary/index.ts";
import { integer } from "../snmp-varbinds.ts";
import type { SnmpTestcase } from "../testcase.ts";

const UPS = "1.3.6.1.2.1.33.1";

export const testcases: readonly SnmpTestcase[] = [
  {
    title: "RFC 1628: on battery, twelve minutes left, the second line carries more",
    varbinds: [
      integer(`${UPS}.4.1.0`, 5),
      integer(`${UPS}.2.1.0`, 2),
      integer(`${UPS}.2.3.0`, 12),
      integer(`${UPS}.2.4.0`, 64),
      integer(`${UPS}.2.5.0`, 265),
      integer(`${UPS}.2.7.0`, 29),
      integer(`${UPS}.4.4.1.5.1`, 21),
      integer(`${UPS}.4.4.1.5.2`, 35),
    ],
    samples: [
      ["Ups/OnBattery", true, GOOD],
      ["Ups/BatteryLow", false, GOOD],
      ["Ups/Runtime", 720, GOOD],
      ["Battery/Level", 64, GOOD],
      ["Battery/Voltage", 26.5, GOOD],
      ["System/Temperature", 29, GOOD],
      ["Ups/Load", 35, GOOD],
    ],
  },
  {
    title: "a battery whose state is unknown is neither low nor full",
    varbinds: [integer(`${UPS}.4.1.0`, 3), integer(`${UPS}.2.1.0`, 1)],
    samples: [
      ["Ups/OnBattery", false, GOOD],
      ["Ups/BatteryLow", null, { status: "bad", reason: "out-of-range" }],
    ],
  },
];
