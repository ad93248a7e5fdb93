import type { RecordTestcase } from "../testcase.ts";

export const testcases: readonly RecordTestcase[] = [
  {
    title: "everybody has got off but one",
    document: JSON.stringify({ type: "aboard", time: "2026-09-01T22:30:00+08:00", aboard: 1 }),
    now: Date.UTC(2026, 8, 1, 14, 30, 2),
    samples: { "Bus/Aboard": 1 },
    events: [],
  },
];
