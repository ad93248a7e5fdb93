import { SnmpType, type Varbind } from "../../codecs/snmp.ts";
import { GOOD } from "../../vocabulary/index.ts";
import type { SnmpTestcase } from "../testcase.ts";

const integer = (oid: string, value: number): Varbind => ({ oid, type: SnmpType.Integer, value });
const counter = (oid: string, ...bytes: number[]): Varbind => ({
  oid,
  type: SnmpType.Counter64,
  value: Uint8Array.from(bytes),
});

/** Varbinds as the MIBs define them, and the samples they must become. */
export const testcases: readonly SnmpTestcase[] = [
  {
    title: "RFC 3418: the system group",
    varbinds: [
      { oid: "1.3.6.1.2.1.1.3.0", type: SnmpType.TimeTicks, value: 8_640_000 },
      {
        oid: "1.3.6.1.2.1.1.5.0",
        type: SnmpType.OctetString,
        value: new TextEncoder().encode("教学楼A-3F"),
      },
    ],
    samples: [
      ["System/Uptime", 86_400, GOOD],
      ["System/Name", "教学楼A-3F", GOOD],
    ],
  },
  {
    title: "RFC 2863: a port is down, its counters are 64 bits wide",
    varbinds: [
      integer("1.3.6.1.2.1.2.2.1.8.10101", 2),
      counter("1.3.6.1.2.1.31.1.1.1.6.10101", 0, 255, 255, 255, 255, 255, 255, 255, 254),
      counter("1.3.6.1.2.1.31.1.1.1.10.10101", 1, 0, 0, 0, 0),
    ],
    samples: [
      ["Port/10101/Oper", "down", GOOD],
      ["Port/10101/InOctets", 18_446_744_073_709_551_614n, GOOD],
      ["Port/10101/OutOctets", 4_294_967_296, GOOD],
    ],
  },
];
