import type { RecordTestcase } from "../testcase.ts";

export const testcases: readonly RecordTestcase[] = [
  {
    title: "half past ten in the evening: one is missing",
    document: JSON.stringify({
      type: "dormitory",
      time: "2026-09-01T22:30:00+08:00",
      residents: 118,
      inside: 115,
      leave: 2,
    }),
    now: Date.UTC(2026, 8, 1, 14, 30, 2),
    samples: { "Dormitory/Residents": 118, "Dormitory/Inside": 115, "Dormitory/Leave": 2 },
    events: [],
  },
];
