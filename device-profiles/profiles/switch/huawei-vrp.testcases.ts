import { GOOD } from "../../vocabulary/index.ts";
import { integer } from "../snmp-varbinds.ts";
import type { SnmpTestcase } from "../testcase.ts";

const ENTITY = "1.3.6.1.4.1.2011.5.25.31.1.1.1.1";
const POE = "1.3.6.1.4.1.2011.5.25.195.3.1";

export const testcases: readonly SnmpTestcase[] = [
  {
    title: "load and temperature of the main board",
    varbinds: [
      integer(`${ENTITY}.5.67108867`, 0),
      integer(`${ENTITY}.5.67108873`, 11),
      integer(`${ENTITY}.7.67108873`, 33),
      integer(`${ENTITY}.11.67108867`, 2_147_483_647),
      integer(`${ENTITY}.11.67108873`, 47),
    ],
    samples: [
      ["System/Processor", 11, GOOD],
      ["System/Memory", 33, GOOD],
      ["System/Temperature", 47, GOOD],
    ],
  },
  {
    title: "PoE is indexed by ifIndex; power comes in milliwatts",
    numbering: { ifIndexByPort: new Map([[1, 5]]) },
    varbinds: [integer(`${POE}.3.5`, 1), integer(`${POE}.10.5`, 4_240), integer(`${POE}.3.99`, 1)],
    samples: [
      ["PoE/1/Enabled", true, GOOD],
      ["PoE/1/Power", 4.24, GOOD],
    ],
  },
  {
    title: "a number that hwPoePortEnable does not have is bad",
    numbering: { ifIndexByPort: new Map([[1, 5]]) },
    varbinds: [integer(`${POE}.3.5`, 3)],
    samples: [["PoE/1/Enabled", null, { status: "bad", reason: "out-of-range" }]],
  },
];
