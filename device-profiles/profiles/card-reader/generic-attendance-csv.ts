import type { PullProfile } from "../pull-profile.ts";

/** An attendance system that leaves its records in a file at an address: in a form of our own, with Chinese headings. */
export const genericAttendanceCsv: PullProfile = {
  protocol: "pull",
  id: "card-reader/generic-attendance-csv",
  vendor: "generic",
  model: "CSV",
  title: { zh: "通用考勤系统（CSV 文件）", en: "Any attendance system with a CSV file" },
  class: "card-reader",
  proven: "vectors",
  sources: ["a form of our own: docs/installer.md, “What has nothing else”", "RFC 4180"],
  pollInterval_ms: 60_000,
  format: "csv",
  cursor: { path: "流水号" },
  mappings: [
    {
      id: "流水号",
      time: { path: "时间", format: "beijing" },
      event: {
        name: "Access/Swipe",
        fields: {
          serial: { path: "流水号" },
          credential: { path: "卡号", isIdentity: true },
          result: {
            path: "结果",
            words: [
              ["通过", "granted"],
              ["拒绝", "refused"],
            ],
          },
          direction: {
            path: "方向",
            words: [
              ["进", "in"],
              ["出", "out"],
            ],
          },
        },
      },
    },
  ],
};
