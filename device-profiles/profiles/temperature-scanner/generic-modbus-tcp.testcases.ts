import { GOOD } from "../../vocabulary/index.ts";
import type { ModbusTestcase } from "../testcase.ts";

/** 0x6A961580 s: 2026-09-01T00:00:00Z. */
const CLOCK = 0x6a961580 * 1000;

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "identity",
    exchanges: [
      ["04 0000 000C", "04 18 54 53 2D 32 32 30 39 2D 30 30 34 32 00 00 00 00 32 2E 31 2E 37 00 00 00"],
    ],
    samples: { "Properties/Serial": "TS-2209-0042", "Properties/Firmware": "2.1.7" },
  },
  {
    title: "a poll with nothing in the log",
    poll: true,
    exchanges: [["04 0010 0007", "04 0E 6A961580 01F4 00D7 0000 00000000"]],
    samples: { "Temperature/Ambient": 21.5, "Temperature/Fault": "ok" },
    events: [],
  },
  {
    title: "sensor without a reading, and a state the map does not know",
    poll: true,
    exchanges: [["04 0010 0007", "04 0E 6A961580 01F4 7FFF 0009 00000000"]],
    samples: {
      "Temperature/Ambient": { value: null, quality: { status: "bad", reason: "sentinel" } },
      "Temperature/Fault": { value: null, quality: { status: "bad", reason: "out-of-range" } },
    },
    events: [],
  },
  {
    title: "a screening, two seconds old by the device's clock, which is half a second ahead",
    now: CLOCK,
    exchanges: [
      ["04 0010 0007", "04 0E 6A961580 01F4 00B8 0000 00000001"],
      ["04 0064 000C", "04 18 00000001 6A96157E 00FA 0EC4 0DB8 010C 00B8 01E5 0001 0000"],
    ],
    samples: { "Temperature/Ambient": 18.4 },
    events: [
      {
        quality: GOOD,
        eventTime: CLOCK - 2_000 + 250 - 500,
        fields: {
          serial: 1,
          celsius: 37.8,
          raw: 35.12,
          correction: 2.68,
          ambient: 18.4,
          distance: 48.5,
          retest: 1,
        },
      },
    ],
  },
  {
    title: "a measurement that failed, and one no living person has",
    now: CLOCK,
    exchanges: [
      ["04 0010 0007", "04 0E 6A961580 0000 00D7 0001 00000003"],
      ["04 0064 000C", "04 18 00000001 6A96157E 00FA 0EC4 0DB8 010C 00B8 01E5 0001 0000"],
      ["04 0070 000C", "04 18 00000002 6A96157F 0000 7FFF 7FFF 0000 7FFF FFFF 0000 0000"],
      ["04 007C 000C", "04 18 00000003 6A96157F 0000 10D6 10D6 0000 FFC8 0258 0000 0000"],
    ],
    samples: { "Temperature/Fault": "warning" },
    events: [
      {
        quality: GOOD,
        eventTime: CLOCK - 2_000 + 250,
        fields: {
          serial: 1,
          celsius: 37.8,
          raw: 35.12,
          correction: 2.68,
          ambient: 18.4,
          distance: 48.5,
          retest: 1,
        },
      },
      {
        quality: { status: "bad", reason: "sentinel" },
        eventTime: CLOCK - 1_000,
        fields: {
          serial: 2,
          celsius: null,
          raw: null,
          correction: 0,
          ambient: null,
          distance: null,
          retest: 0,
        },
      },
      {
        quality: { status: "bad", reason: "out-of-range" },
        eventTime: CLOCK - 1_000,
        fields: {
          serial: 3,
          celsius: 43.1,
          raw: 43.1,
          correction: 0,
          ambient: -5.6,
          distance: 60,
          retest: 0,
        },
      },
    ],
  },
  {
    title: "a scanner whose clock was never set: the time of receipt stands in",
    now: CLOCK,
    exchanges: [
      ["04 0010 0007", "04 0E 00000000 0000 00D7 0000 00000001"],
      ["04 0064 000C", "04 18 00000001 00000000 0000 0E74 0E74 0000 00D7 01E5 0000 0000"],
    ],
    samples: {},
    events: [
      {
        quality: { status: "uncertain", reason: "no-event-time" },
        eventTime: CLOCK,
        fields: { serial: 1, celsius: 37, raw: 37, correction: 0, ambient: 21.5, distance: 48.5, retest: 0 },
      },
    ],
  },
];
