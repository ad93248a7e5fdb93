import { GOOD } from "../../vocabulary/index.ts";
import { gauge, integer, text, ticks } from "../snmp-varbinds.ts";
import type { SnmpTestcase } from "../testcase.ts";

export const testcases: readonly SnmpTestcase[] = [
  {
    title: "a line of a gigabit that is up",
    varbinds: [
      ticks("1.3.6.1.2.1.1.3.0", 8_640_000),
      text("1.3.6.1.2.1.1.5.0", "出口路由器"),
      integer("1.3.6.1.2.1.2.2.1.8.1", 1),
      gauge("1.3.6.1.2.1.31.1.1.1.15.1", 1_000),
    ],
    samples: [
      ["System/Uptime", 86_400, GOOD],
      ["System/Name", "出口路由器", GOOD],
      ["Uplink/Up", true, GOOD],
      ["Uplink/Download", 1_000, GOOD],
    ],
  },
  {
    title: "lowerLayerDown is not up, and another interface is not the line",
    varbinds: [integer("1.3.6.1.2.1.2.2.1.8.1", 7), integer("1.3.6.1.2.1.2.2.1.8.2", 1)],
    samples: [["Uplink/Up", false, GOOD]],
  },
];
