import type { WebhookProfile } from "../webhook-profile.ts";

/** An attendance system that posts how many of a class are there, whenever that changes: counts alone, and nobody by name. */
export const genericClassAttendanceWebhook: WebhookProfile = {
  protocol: "webhook",
  id: "card-reader/generic-class-attendance-webhook",
  vendor: "generic",
  model: "webhook",
  title: { zh: "通用班级考勤系统（推送）", en: "Any attendance system that posts its counts by class" },
  class: "card-reader",
  proven: "vectors",
  sources: ["a form of our own: docs/installer.md, “What has nothing else”"],
  pollInterval_ms: 60_000,
  silenceMax_ms: 26 * 3_600_000,
  mappings: [
    {
      when: { path: "type", is: "class" },
      instance: "class",
      time: { path: "time", format: "iso" },
      samples: {
        expected: { metric: "Attendance/*/Expected" },
        present: { metric: "Attendance/*/Present" },
        leave: { metric: "Attendance/*/Leave" },
        leftEarly: { metric: "Attendance/*/LeftEarly" },
      },
    },
  ],
};
