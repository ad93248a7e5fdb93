import { GOOD } from "../../vocabulary/index.ts";
import { integer } from "../snmp-varbinds.ts";
import type { SnmpTestcase } from "../testcase.ts";

export const testcases: readonly SnmpTestcase[] = [
  {
    title: "stations are added up over its networks; the busier radio counts",
    varbinds: [
      integer("1.3.6.1.4.1.41112.1.6.1.2.1.8.0", 12),
      integer("1.3.6.1.4.1.41112.1.6.1.2.1.8.1", 31),
      integer("1.3.6.1.4.1.41112.1.6.1.1.1.6.1", 64),
      integer("1.3.6.1.4.1.41112.1.6.1.1.1.6.2", 18),
    ],
    samples: [
      ["Wireless/Clients", 43, GOOD],
      ["Wireless/ChannelLoad", 64, GOOD],
    ],
  },
  {
    title: "an access point that hides its stations says nothing of them",
    varbinds: [integer("1.3.6.1.4.1.41112.1.6.1.1.1.6.1", 64)],
    samples: [["Wireless/ChannelLoad", 64, GOOD]],
  },
];
