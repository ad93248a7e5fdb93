import type { PullProfile } from "../pull-profile.ts";

/** An attendance system that leaves its counts by class in a file at an address, with Chinese headings. */
export const genericClassAttendanceCsv: PullProfile = {
  protocol: "pull",
  id: "card-reader/generic-class-attendance-csv",
  vendor: "generic",
  model: "CSV",
  title: {
    zh: "通用班级考勤系统（CSV 文件）",
    en: "Any attendance system with counts by class in a CSV file",
  },
  class: "card-reader",
  proven: "vectors",
  sources: ["a form of our own: docs/installer.md, “What has nothing else”", "RFC 4180"],
  pollInterval_ms: 60_000,
  format: "csv",
  mappings: [
    {
      instance: "班级",
      time: { path: "时间", format: "beijing" },
      samples: {
        应到: { metric: "Attendance/*/Expected" },
        实到: { metric: "Attendance/*/Present" },
        请假: { metric: "Attendance/*/Leave" },
        早退: { metric: "Attendance/*/LeftEarly" },
      },
    },
  ],
};
