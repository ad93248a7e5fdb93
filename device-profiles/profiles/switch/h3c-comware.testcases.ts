import { GOOD } from "../../vocabulary/index.ts";
import { integer } from "../snmp-varbinds.ts";
import type { SnmpTestcase } from "../testcase.ts";

const ENTITY = "1.3.6.1.4.1.25506.2.6.1.1.1.1";

export const testcases: readonly SnmpTestcase[] = [
  {
    title: "of the entities of a chassis the board has the load; the fans have no thermometer",
    varbinds: [
      integer(`${ENTITY}.6.1`, 0),
      integer(`${ENTITY}.6.212`, 14),
      integer(`${ENTITY}.8.212`, 48),
      integer(`${ENTITY}.12.1`, 65_535),
      integer(`${ENTITY}.12.212`, 41),
    ],
    samples: [
      ["System/Processor", 14, GOOD],
      ["System/Memory", 48, GOOD],
      ["System/Temperature", 41, GOOD],
    ],
  },
  {
    title: "the power of a port comes in milliwatts",
    varbinds: [integer("1.3.6.1.4.1.25506.2.14.1.1.5.1.4", 2_400)],
    samples: [["PoE/4/Power", 2.4, GOOD]],
  },
  {
    title: "a switch without any thermometer tells no temperature",
    varbinds: [integer(`${ENTITY}.12.1`, 65_535), integer(`${ENTITY}.12.2`, 0)],
    samples: [],
  },
];
