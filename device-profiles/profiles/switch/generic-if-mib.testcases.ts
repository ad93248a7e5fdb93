import { GOOD } from "../../vocabulary/index.ts";
import { counter64, integer, text, ticks } from "../snmp-varbinds.ts";
import type { SnmpTestcase } from "../testcase.ts";

/** Varbinds as the MIBs define them, and the samples they must become. */
export const testcases: readonly SnmpTestcase[] = [
  {
    title: "RFC 3418: the system group",
    varbinds: [ticks("1.3.6.1.2.1.1.3.0", 8_640_000), text("1.3.6.1.2.1.1.5.0", "教学楼A-3F")],
    samples: [
      ["System/Uptime", 86_400, GOOD],
      ["System/Name", "教学楼A-3F", GOOD],
    ],
  },
  {
    title: "RFC 2863: a port is down, its counters are 64 bits wide",
    varbinds: [
      integer("1.3.6.1.2.1.2.2.1.8.10101", 2),
      counter64("1.3.6.1.2.1.31.1.1.1.6.10101", 0, 255, 255, 255, 255, 255, 255, 255, 254),
      counter64("1.3.6.1.2.1.31.1.1.1.10.10101", 1, 0, 0, 0, 0),
    ],
    samples: [
      ["Port/10101/Oper", "down", GOOD],
      ["Port/10101/InOctets", 18_446_744_073_709_551_614n, GOOD],
      ["Port/10101/OutOctets", 4_294_967_296, GOOD],
    ],
  },
];
