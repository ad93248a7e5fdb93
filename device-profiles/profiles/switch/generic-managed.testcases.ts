import { GOOD } from "../../vocabulary/index.ts";
import { gauge, integer, octets, text } from "../snmp-varbinds.ts";
import type { SnmpTestcase } from "../testcase.ts";

const FDB = "1.3.6.1.2.1.17.7.1.2.2.1";
const REMOTE = "1.0.8802.1.1.2.1.4.1.1";

export const testcases: readonly SnmpTestcase[] = [
  {
    title: "RFC 2863: a port that was shut down, with its name and its speed",
    numbering: { ifIndexByPort: new Map([[24, 10_124]]) },
    varbinds: [
      text("1.3.6.1.2.1.31.1.1.1.1.10124", "GigabitEthernet1/0/24"),
      integer("1.3.6.1.2.1.2.2.1.7.10124", 2),
      gauge("1.3.6.1.2.1.31.1.1.1.15.10124", 1_000),
      integer("1.3.6.1.2.1.2.2.1.7.1", 1),
    ],
    samples: [
      ["Port/24/Name", "GigabitEthernet1/0/24", GOOD],
      ["Port/24/Admin", false, GOOD],
      ["Port/24/Speed", 1_000, GOOD],
    ],
  },
  {
    title: "RFC 2790 and RFC 3433: two processors, one of several storages is the memory, tenths of a degree",
    varbinds: [
      integer("1.3.6.1.2.1.25.3.3.1.2.768", 10),
      integer("1.3.6.1.2.1.25.3.3.1.2.769", 40),
      { oid: "1.3.6.1.2.1.25.2.3.1.2.1", type: 6, value: "1.3.6.1.2.1.25.2.1.2" },
      { oid: "1.3.6.1.2.1.25.2.3.1.2.3", type: 6, value: "1.3.6.1.2.1.25.2.1.4" },
      integer("1.3.6.1.2.1.25.2.3.1.5.1", 2_000),
      integer("1.3.6.1.2.1.25.2.3.1.5.3", 10),
      integer("1.3.6.1.2.1.25.2.3.1.6.1", 500),
      integer("1.3.6.1.2.1.25.2.3.1.6.3", 9),
      integer("1.3.6.1.2.1.99.1.1.1.1.5", 8),
      integer("1.3.6.1.2.1.99.1.1.1.1.6", 10),
      integer("1.3.6.1.2.1.99.1.1.1.2.5", 9),
      integer("1.3.6.1.2.1.99.1.1.1.3.5", 1),
      integer("1.3.6.1.2.1.99.1.1.1.4.5", 435),
      integer("1.3.6.1.2.1.99.1.1.1.4.6", 5_400),
      integer("1.3.6.1.2.1.99.1.1.1.5.5", 1),
      integer("1.3.6.1.2.1.99.1.1.1.5.6", 1),
    ],
    samples: [
      ["System/Processor", 25, GOOD],
      ["System/Memory", 25, GOOD],
      ["System/Temperature", 43.5, GOOD],
    ],
  },
  {
    title: "a thermometer that reports itself unavailable is left out",
    varbinds: [
      integer("1.3.6.1.2.1.99.1.1.1.1.5", 8),
      integer("1.3.6.1.2.1.99.1.1.1.4.5", 0),
      integer("1.3.6.1.2.1.99.1.1.1.5.5", 2),
    ],
    samples: [],
  },
  {
    title: "IEEE 802.1AB, RFC 4363: a camera is heard at port 3, port 24 leads to the next switch",
    numbering: {
      ifIndexByPort: new Map([
        [3, 10_103],
        [4, 10_104],
        [24, 10_124],
      ]),
    },
    varbinds: [
      integer("1.3.6.1.2.1.17.1.4.1.2.3", 10_103),
      integer("1.3.6.1.2.1.17.1.4.1.2.24", 10_124),
      integer(`${FDB}.2.1.0.26.43.60.77.94`, 3),
      integer(`${FDB}.3.1.0.26.43.60.77.94`, 3),
      integer(`${FDB}.2.7.0.26.43.60.77.95`, 24),
      integer(`${FDB}.3.7.0.26.43.60.77.95`, 3),
      // The switch's own address.
      integer(`${FDB}.2.1.0.26.43.60.77.1`, 3),
      integer(`${FDB}.3.1.0.26.43.60.77.1`, 4),
      integer(`${REMOTE}.4.160.24.2`, 4),
      octets(`${REMOTE}.5.160.24.2`, 0, 0x1a, 0x2b, 0, 0, 1),
      text(`${REMOTE}.9.160.24.2`, "教学楼A-核心"),
      octets(`${REMOTE}.12.160.24.2`, 0x28),
    ],
    samples: [],
    topology: {
      ports: [3, 4, 24],
      samples: [
        ["Port/3/Neighbour", ""],
        ["Port/3/Stations", "00:1a:2b:3c:4d:5e"],
        ["Port/4/Neighbour", ""],
        ["Port/4/Stations", ""],
        ["Port/24/Neighbour", "教学楼A-核心"],
        ["Port/24/Stations", ""],
      ],
    },
  },
  {
    title: "a neighbour without a name is told by its chassis id; a port is found by its interface name",
    varbinds: [
      integer("1.0.8802.1.1.2.1.3.7.1.2.5", 5),
      text("1.0.8802.1.1.2.1.3.7.1.3.5", "eth7"),
      text("1.3.6.1.2.1.31.1.1.1.1.7", "eth7"),
      integer(`${REMOTE}.4.0.5.1`, 4),
      octets(`${REMOTE}.5.0.5.1`, 2, 0, 0, 0, 0, 0x99),
      octets(`${REMOTE}.12.0.5.1`, 0x30),
    ],
    samples: [["Port/7/Name", "eth7", GOOD]],
    topology: {
      ports: [7],
      samples: [
        ["Port/7/Neighbour", "02:00:00:00:00:99"],
        ["Port/7/Stations", ""],
      ],
    },
  },
];
