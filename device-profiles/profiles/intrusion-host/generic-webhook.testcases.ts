import type { RecordTestcase } from "../testcase.ts";

export const testcases: readonly RecordTestcase[] = [
  {
    title: "somebody in the laboratory at night; the other zones are not spoken of",
    document: `{"time":"2026-09-01T23:05:00+08:00","zones":{"3":{"intrusion":true,"tamper":false},"4":{"bypassed":true}}}`,
    now: Date.UTC(2026, 8, 1, 15, 5, 1),
    samples: { "Zone/3/Intrusion": true, "Zone/3/Tamper": false, "Zone/4/Bypassed": true },
    events: [],
  },
];
