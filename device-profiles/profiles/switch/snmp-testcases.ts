/** Varbinds as the MIBs define them, and the samples they must become. */
import { SnmpType, type Varbind } from "../../codecs/snmp.ts";
import { GOOD, type Quality, type SampleValue } from "../../vocabulary/index.ts";
import type { PortNumbering, SnmpProfile } from "../snmp-profile.ts";
import { genericIfMib } from "./generic-if-mib.ts";
import { genericPoe } from "./generic-poe.ts";

export interface SnmpTestcase {
  readonly title: string;
  readonly profile: SnmpProfile;
  readonly numbering?: Partial<PortNumbering>;
  readonly varbinds: readonly Varbind[];
  readonly samples: readonly (readonly [metric: string, value: SampleValue, quality: Quality])[];
}

const integer = (oid: string, value: number): Varbind => ({ oid, type: SnmpType.Integer, value });
const counter = (oid: string, ...bytes: number[]): Varbind => ({
  oid,
  type: SnmpType.Counter64,
  value: Uint8Array.from(bytes),
});
const nothing = (oid: string, type: number): Varbind => ({ oid, type, value: null });

export const SNMP_TESTCASES: readonly SnmpTestcase[] = [
  {
    title: "RFC 3418: the system group",
    profile: genericIfMib,
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
    profile: genericIfMib,
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
  {
    title: "ifIndex begins at 10101: the front panel says port 1, and port 99 is not asked for",
    profile: genericPoe,
    numbering: { ifIndexOffset: 10_100, ports: [1, 2] },
    varbinds: [integer("1.3.6.1.2.1.2.2.1.8.10101", 1), integer("1.3.6.1.2.1.2.2.1.8.10199", 1)],
    samples: [["Port/1/Oper", "up", GOOD]],
  },
  {
    title: "RFC 3621: power is indexed by group and port; another group is another module",
    profile: genericPoe,
    numbering: { poeGroup: 2 },
    varbinds: [
      integer("1.3.6.1.2.1.105.1.1.1.3.2.4", 2),
      integer("1.3.6.1.2.1.105.1.1.1.6.2.4", 1),
      integer("1.3.6.1.2.1.105.1.1.1.6.2.5", 3),
      integer("1.3.6.1.2.1.105.1.1.1.6.1.5", 4),
    ],
    samples: [
      ["PoE/4/Enabled", false, GOOD],
      ["PoE/4/Detection", "disabled", GOOD],
      ["PoE/5/Detection", "delivering", GOOD],
    ],
  },
  {
    title: "RFC 3416: what does not exist is left out, not reported as zero",
    profile: genericPoe,
    varbinds: [
      nothing("1.3.6.1.2.1.47.1.1.1.1.11.1", SnmpType.NoSuchInstance),
      nothing("1.3.6.1.2.1.105.1.1.1.3.1.1", SnmpType.NoSuchObject),
      nothing("1.3.6.1.2.1.105.1.1.1.6.1.8", SnmpType.EndOfMibView),
      integer("1.3.6.1.2.1.2.2.1.7.1", 1),
    ],
    samples: [],
  },
  {
    title: "a value that the MIB does not define is bad, and its neighbour is not",
    profile: genericPoe,
    varbinds: [
      integer("1.3.6.1.2.1.2.2.1.8.3", 9),
      integer("1.3.6.1.2.1.2.2.1.8.4", 1),
      integer("1.3.6.1.2.1.31.1.1.1.6.4", 12),
    ],
    samples: [
      ["Port/3/Oper", null, { status: "bad", reason: "out-of-range" }],
      ["Port/4/Oper", "up", GOOD],
      ["Port/4/InOctets", null, { status: "bad", reason: "out-of-range" }],
    ],
  },
  {
    title: "a serial number of twenty digits stays a text",
    profile: genericPoe,
    varbinds: [
      {
        oid: "1.3.6.1.2.1.47.1.1.1.1.11.1",
        type: SnmpType.OctetString,
        value: new TextEncoder().encode("20230912345678901234"),
      },
    ],
    samples: [["Properties/Serial", "20230912345678901234", GOOD]],
  },
];
