import type { RecordTestcase } from "../testcase.ts";

const NOW = Date.UTC(2026, 8, 1, 0, 30, 2);
const GOOD = { status: "good" } as const;

export const testcases: readonly RecordTestcase[] = [
  {
    title: "a parent signs in with a visitor card for the teaching block",
    document: JSON.stringify([
      {
        type: "arrival",
        id: "20260901-0007",
        time: "2026-09-01T08:30:00+08:00",
        visit: "V-0007",
        card: "04A1B2C3",
        until: "2026-09-01T10:00:00+08:00",
        zones: "lobby,teaching-block",
      },
    ]),
    now: NOW,
    samples: {},
    events: [
      {
        eventTime: Date.UTC(2026, 8, 1, 0, 30),
        quality: GOOD,
        fields: {
          visit: "V-0007",
          credential: "credential of 04A1B2C3",
          until: Date.UTC(2026, 8, 1, 2),
          zones: "lobby,teaching-block",
        },
      },
    ],
  },
  {
    title: "and leaves, by a system that does not tell when",
    document: JSON.stringify({ type: "departure", id: 8, visit: "V-0007" }),
    now: NOW,
    samples: {},
    events: [
      {
        eventTime: NOW,
        quality: { status: "uncertain", reason: "no-event-time" },
        fields: { visit: "V-0007" },
      },
    ],
  },
  {
    title: "a record without its id could not be told from another: it is none",
    document: JSON.stringify([{ type: "departure", visit: "V-0007" }, { type: "coffee" }]),
    now: NOW,
    samples: {},
    events: [],
  },
];
