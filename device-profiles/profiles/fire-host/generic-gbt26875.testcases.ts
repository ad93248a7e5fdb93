import type { FireTestcase } from "../testcase.ts";

const TIME = Date.UTC(2026, 8, 1, 2, 30, 15);
const NOW = TIME + 1_200;
const GOOD = { status: "good" } as const;

const QUIET = {
  "Fire/Alarm": false,
  "Fire/Fault": false,
  "Fire/Shielded": false,
  "Fire/Supervisory": false,
  "Fire/Started": false,
  "Fire/MainPowerFault": false,
  "Fire/BackupPowerFault": false,
  "Fire/Manual": false,
};

const NORMAL = "404001000100101e0a01091aa100000000000100000000000c00020101010101000f1e0a01091a6e2323";
const SMOKE =
  "404002000100101e0a01091aa100000000000100000000003000020201010128230001000300bdccd1a7c2a5c8fdb2e3b6abb2e0d7dfc0c8000000000000000000000000000f1e0a01091ad52323";

export const testcases: readonly FireTestcase[] = [
  { title: "a host in normal operation", frames: [NORMAL], now: NOW, samples: QUIET, events: [] },
  {
    title: "smoke is seen: the alarm stands, and says where",
    frames: [NORMAL, SMOKE],
    now: NOW,
    samples: { ...QUIET, "Fire/Alarm": true },
    events: [
      {
        eventTime: TIME,
        quality: GOOD,
        fields: {
          system: 1,
          type: "感烟火灾探测器",
          address: "65571",
          state: "fire",
          text: "教学楼三层东侧走廊",
        },
      },
    ],
  },
  {
    title: "reset at the panel, on battery, switched to manual: the smoke detector's alarm is over",
    frames: [SMOKE, "404003000100101e0a01091aa100000000000100000000000c00020101010101290f1e0a01091a992323"],
    now: NOW,
    samples: { ...QUIET, "Fire/MainPowerFault": true, "Fire/Manual": true },
    events: [
      {
        eventTime: TIME,
        quality: GOOD,
        fields: {
          system: 1,
          type: "感烟火灾探测器",
          address: "65571",
          state: "fire",
          text: "教学楼三层东侧走廊",
        },
      },
    ],
  },
  {
    title: "the sprinkler pump's pressure",
    frames: [
      "404004000100101e0a01091aa10000000000010000000000120002030101015b0700000005850c0f1e0a01091a702323",
    ],
    now: NOW,
    samples: {},
    events: [
      {
        eventTime: TIME,
        quality: GOOD,
        fields: { system: 1, type: "消防水泵", address: "7", quantity: "pressure-kpa", value: 320.5 },
      },
    ],
  },
  {
    title: "somebody gives the alarm by hand at the transmitter, and answers the roll call",
    frames: ["404005000100101e0a01091aa100000000000100000000000a0002180124030f1e0a01091aab2323"],
    now: NOW,
    samples: {},
    events: ["manual-alarm", "roll-call"].map((operation) => ({
      eventTime: TIME,
      quality: GOOD,
      fields: { panel: "transmitter", operation, operator: 3 },
    })),
  },
  {
    title: "the transmitter sees fire and has lost its mains; of the building's systems nothing is known",
    frames: ["404006000100101e0a01091aa1000000000001000000000009000215010b0f1e0a01091a8c2323"],
    now: NOW,
    samples: {
      "Fire/Alarm": true,
      "Fire/Fault": false,
      "Fire/MainPowerFault": true,
      "Fire/BackupPowerFault": false,
    },
    events: [],
  },
  {
    title: "two states of a component of the maker's own type, whose text is none: its bytes are kept",
    frames: [
      "4040070001000f1e0a01091aa1000000000001000000000030000202010101c8090000000401ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0f1e0a01091a4e2323",
    ],
    now: NOW,
    samples: { "Fire/Fault": true },
    events: ["fault", "power-fault"].map((state) => ({
      eventTime: TIME,
      quality: { status: "uncertain", reason: "encoding" } as const,
      fields: { system: 1, type: "类型 200", address: "9", state, text: `0x${"ff".repeat(31)}` },
    })),
  },
];
