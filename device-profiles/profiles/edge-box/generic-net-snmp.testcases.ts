import { GOOD } from "../../vocabulary/index.ts";
import { integer, text } from "../snmp-varbinds.ts";
import type { SnmpTestcase } from "../testcase.ts";

export const testcases: readonly SnmpTestcase[] = [
  {
    title: "a machine of two processors, as snmpd tells it",
    varbinds: [
      text("1.3.6.1.2.1.1.5.0", "recorder-1"),
      integer("1.3.6.1.2.1.25.3.3.1.2.196608", 3),
      integer("1.3.6.1.2.1.25.3.3.1.2.196609", 5),
      { oid: "1.3.6.1.2.1.25.2.3.1.2.1", type: 6, value: "1.3.6.1.2.1.25.2.1.2" },
      integer("1.3.6.1.2.1.25.2.3.1.5.1", 8_000_000),
      integer("1.3.6.1.2.1.25.2.3.1.6.1", 6_000_000),
    ],
    samples: [
      ["System/Name", "recorder-1", GOOD],
      ["System/Processor", 4, GOOD],
      ["System/Memory", 75, GOOD],
    ],
  },
  {
    title: "a memory of size zero says nothing",
    varbinds: [
      { oid: "1.3.6.1.2.1.25.2.3.1.2.1", type: 6, value: "1.3.6.1.2.1.25.2.1.2" },
      integer("1.3.6.1.2.1.25.2.3.1.5.1", 0),
      integer("1.3.6.1.2.1.25.2.3.1.6.1", 0),
    ],
    samples: [],
  },
];
