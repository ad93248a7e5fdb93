import type { RecordTestcase } from "../testcase.ts";

export const testcases: readonly RecordTestcase[] = [
  {
    title: "playing the morning exercise",
    document: `{"playing":true,"name":"主楼广播","version":"2.1"}`,
    now: Date.UTC(2026, 8, 1),
    samples: { "Broadcast/Playing": true, "System/Name": "主楼广播", "Properties/Firmware": "2.1" },
    events: [],
  },
  {
    title: "a word for yes that nobody agreed on",
    document: `{"playing":"perhaps"}`,
    now: Date.UTC(2026, 8, 1),
    samples: { "Broadcast/Playing": { value: null, quality: { status: "bad", reason: "out-of-range" } } },
    events: [],
  },
];
