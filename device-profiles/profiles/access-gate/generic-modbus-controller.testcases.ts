import { GOOD } from "../../vocabulary/index.ts";
import type { ModbusTestcase } from "../testcase.ts";

/** 0x6A961580 s: 2026-09-01T00:00:00Z. */
const CLOCK = 0x6a961580 * 1000;

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "identity",
    exchanges: [
      ["04 0000 000C", "04 18 41 43 2D 31 31 31 37 00 00 00 00 00 00 00 00 00 31 2E 34 00 00 00 00 00"],
    ],
    samples: { "Properties/Serial": "AC-1117", "Properties/Firmware": "1.4" },
  },
  {
    title: "a poll: the door stands open, the lock is released, no log",
    poll: true,
    exchanges: [
      ["01 0000 0002", "01 01 01"],
      ["02 0000 0003", "02 01 01"],
      ["04 0010 0005", "04 0A 6A961580 0000 00000000"],
    ],
    samples: {
      "Door/Open": true,
      "Door/ExitRequest": false,
      "Door/Tamper": false,
      "Door/Unlocked": true,
      "Relay/1/Closed": false,
    },
    events: [],
  },
  {
    title: "exit button and tamper contact, strobe on",
    exchanges: [
      ["01 0000 0002", "01 01 02"],
      ["02 0000 0003", "02 01 06"],
    ],
    samples: {
      "Door/Open": false,
      "Door/ExitRequest": true,
      "Door/Tamper": true,
      "Door/Unlocked": false,
      "Relay/1/Closed": true,
    },
  },
  {
    title: "a four-byte card let in and a seven-byte card refused",
    now: CLOCK,
    exchanges: [
      ["04 0010 0005", "04 0A 6A961580 0000 00000002"],
      [
        "04 0064 001C",
        "04 38 00000001 6A96157D 0064 000000000000 04A1B2C3 0001 0000 0000 0000 00000002 6A96157E 0384 000000 04112233445566 0000 0002 0001 0000",
      ],
    ],
    events: [
      {
        quality: GOOD,
        eventTime: CLOCK - 3_000 + 100,
        fields: {
          serial: 1,
          credential: "<04a1b2c3>",
          result: "granted",
          reason: "none",
          direction: "in",
          method: null,
        },
      },
      {
        quality: GOOD,
        eventTime: CLOCK - 2_000 + 900,
        fields: {
          serial: 2,
          credential: "<04112233445566>",
          result: "refused",
          reason: "revoked",
          direction: "out",
          method: null,
        },
      },
    ],
  },
];
