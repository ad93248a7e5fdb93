import { GOOD } from "../../vocabulary/index.ts";
import { integer, text } from "../snmp-varbinds.ts";
import type { SnmpTestcase } from "../testcase.ts";

export const testcases: readonly SnmpTestcase[] = [
  {
    title: "mean load of five minutes, fullest memory pool",
    varbinds: [
      integer("1.3.6.1.4.1.4881.1.1.10.2.36.1.1.3.0", 9),
      integer("1.3.6.1.4.1.4881.1.1.10.2.35.1.1.1.3.1", 61),
    ],
    samples: [
      ["System/Processor", 9, GOOD],
      ["System/Memory", 61, GOOD],
    ],
  },
  {
    title: "a value of another type is bad, and nothing else suffers",
    varbinds: [
      text("1.3.6.1.4.1.4881.1.1.10.2.36.1.1.3.0", "9%"),
      integer("1.3.6.1.4.1.4881.1.1.10.2.35.1.1.1.3.1", 61),
    ],
    samples: [
      ["System/Processor", null, { status: "bad", reason: "out-of-range" }],
      ["System/Memory", 61, GOOD],
    ],
  },
];
