import type { Quality } from "../../vocabulary/index.ts";
import type { Cjt188Testcase } from "../testcase.ts";

const NO_READING: Quality = { status: "bad", reason: "sentinel" };

export const testcases: readonly Cjt188Testcase[] = [
  {
    title: "as the protocol is usually described: 556677.00 m³, the valve closed",
    readAt: "2015-05-11T22:01:21+08:00",
    frames: ["68104433221100337881161F9000007766552C007766552C3101221105152021841316"],
    samples: {
      "Water/Volume": 556_677,
      "Water/ValveClosed": true,
      "Water/ValveFault": false,
      "Battery/Low": false,
      "Connectivity/ClockOffset": 10,
    },
  },
  {
    title: "a recorded meter that has no clock: 123.00 m³",
    readAt: "2026-09-01T12:00:00+08:00",
    frames: ["6810010000050800008116901F00002301002C000000002C0000000000000000004816"],
    samples: {
      "Water/Volume": 123,
      "Water/ValveClosed": false,
      "Water/ValveFault": false,
      "Battery/Low": false,
      "Connectivity/ClockOffset": { value: null, quality: { status: "bad", reason: "device-clock" } },
    },
  },
  {
    title: "litres, a stuck valve and a battery that is low",
    readAt: "2026-09-01T12:00:00+08:00",
    frames: ["68104433221100337881161F9000563412002900000000290000120109262007006A16"],
    samples: {
      "Water/Volume": 1.23456,
      "Water/ValveClosed": false,
      "Water/ValveFault": true,
      "Battery/Low": true,
      "Connectivity/ClockOffset": 0,
    },
  },
  {
    title: "a unit that no water has, and digits that are none",
    readAt: "2026-09-01T12:00:00+08:00",
    frames: ["68104433221100337881161F90005634120005000000002C0000120109262000004216"],
    samples: { "Water/Volume": { value: null, quality: NO_READING }, "Battery/Low": false },
  },
  {
    title: "an answer that ends too soon",
    readAt: "2026-09-01T12:00:00+08:00",
    frames: ["68104433221100337881091F9000FFFFFFFF2C002E16"],
    samples: {
      "Water/Volume": { value: null, quality: NO_READING },
      "Battery/Low": { value: null, quality: NO_READING },
    },
  },
];
