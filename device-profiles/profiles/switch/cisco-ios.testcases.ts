import { GOOD } from "../../vocabulary/index.ts";
import { gauge } from "../snmp-varbinds.ts";
import type { SnmpTestcase } from "../testcase.ts";

export const testcases: readonly SnmpTestcase[] = [
  {
    title: "load, the fuller of two memory pools, temperature",
    varbinds: [
      gauge("1.3.6.1.4.1.9.9.109.1.1.1.1.8.1", 12),
      gauge("1.3.6.1.4.1.9.9.48.1.1.1.5.1", 30),
      gauge("1.3.6.1.4.1.9.9.48.1.1.1.6.1", 70),
      gauge("1.3.6.1.4.1.9.9.48.1.1.1.5.2", 60),
      gauge("1.3.6.1.4.1.9.9.48.1.1.1.6.2", 40),
      gauge("1.3.6.1.4.1.9.9.13.1.3.1.3.1006", 38),
    ],
    samples: [
      ["System/Processor", 12, GOOD],
      ["System/Memory", 60, GOOD],
      ["System/Temperature", 38, GOOD],
    ],
  },
  {
    title: "the power of a port comes in milliwatts",
    varbinds: [gauge("1.3.6.1.4.1.9.9.402.1.2.1.9.1.7", 5_760)],
    samples: [["PoE/7/Power", 5.76, GOOD]],
  },
];
