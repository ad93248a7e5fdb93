import { SnmpType } from "../../codecs/snmp.ts";
import { GOOD } from "../../vocabulary/index.ts";
import { integer, nothing, text } from "../snmp-varbinds.ts";
import type { SnmpTestcase } from "../testcase.ts";

/** Varbinds as the MIBs define them, and the samples they must become. */
export const testcases: readonly SnmpTestcase[] = [
  {
    title: "ifIndex begins at 10101: the front panel says port 1, and port 99 is not asked for",
    numbering: { ifIndexOffset: 10_100, ports: [1, 2] },
    varbinds: [integer("1.3.6.1.2.1.2.2.1.8.10101", 1), integer("1.3.6.1.2.1.2.2.1.8.10199", 1)],
    samples: [["Port/1/Oper", "up", GOOD]],
  },
  {
    title: "RFC 3621: power is indexed by group and port; another group is another module",
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
    varbinds: [text("1.3.6.1.2.1.47.1.1.1.1.11.1", "20230912345678901234")],
    samples: [["Properties/Serial", "20230912345678901234", GOOD]],
  },
];
