import type { RecordTestcase } from "../testcase.ts";

const NOW = Date.UTC(2026, 8, 1, 0, 30, 2);
const OUT_OF_RANGE = { status: "bad", reason: "out-of-range" } as const;

export const testcases: readonly RecordTestcase[] = [
  {
    title: "two classes, one of them by its Chinese name, and one count that is none",
    document: JSON.stringify([
      {
        type: "class",
        class: "3-1",
        time: "2026-09-01T08:30:00+08:00",
        expected: 40,
        present: 37,
        leave: 2,
        leftEarly: 0,
      },
      { type: "class", class: "三(2)班", time: "2026-09-01T08:30:00+08:00", expected: 41, present: "many" },
    ]),
    now: NOW,
    samples: {
      "Attendance/3-1/Expected": 40,
      "Attendance/3-1/Present": 37,
      "Attendance/3-1/Leave": 2,
      "Attendance/3-1/LeftEarly": 0,
      "Attendance/三(2)班/Expected": 41,
      "Attendance/三(2)班/Present": { value: null, quality: OUT_OF_RANGE },
    },
    events: [],
  },
];
