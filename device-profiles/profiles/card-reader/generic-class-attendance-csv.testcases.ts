import type { RecordTestcase } from "../testcase.ts";

const NOW = Date.UTC(2026, 8, 1, 0, 31);
const NOT_READ = { status: "uncertain", reason: "not-read" } as const;

export const testcases: readonly RecordTestcase[] = [
  {
    title: "two classes by half past eight; of one nobody has said who left early",
    document:
      "班级,时间,应到,实到,请假,早退\r\n3-1,2026-09-01 08:30:00,40,38,2,0\r\n3-2,2026-09-01 08:30:00,42,40,1,\r\n",
    now: NOW,
    samples: {
      "Attendance/3-1/Expected": 40,
      "Attendance/3-1/Present": 38,
      "Attendance/3-1/Leave": 2,
      "Attendance/3-1/LeftEarly": 0,
      "Attendance/3-2/Expected": 42,
      "Attendance/3-2/Present": 40,
      "Attendance/3-2/Leave": 1,
      "Attendance/3-2/LeftEarly": { value: null, quality: NOT_READ },
    },
    events: [],
  },
];
