import { GOOD } from "../../vocabulary/index.ts";
import { counter64, integer, octets } from "../snmp-varbinds.ts";
import type { SnmpTestcase } from "../testcase.ts";

export const testcases: readonly SnmpTestcase[] = [
  {
    title: "its uplink and its load",
    varbinds: [
      integer("1.3.6.1.2.1.2.2.1.8.2", 1),
      counter64("1.3.6.1.2.1.31.1.1.1.6.2", 1, 0, 0),
      integer("1.3.6.1.2.1.25.3.3.1.2.1", 7),
    ],
    samples: [
      ["Port/2/Oper", "up", GOOD],
      ["Port/2/InOctets", 65_536, GOOD],
      ["System/Processor", 7, GOOD],
    ],
  },
  {
    title: "a name that was cut inside a character stands as its bytes, and says so",
    varbinds: [octets("1.3.6.1.2.1.1.5.0", 0xbd, 0xcc, 0xd1)],
    samples: [["System/Name", "bdccd1", { status: "bad", reason: "encoding" }]],
  },
];
