import type { WebhookProfile } from "../webhook-profile.ts";

/** A dormitory’s gate system that posts how many are inside, whenever that changes: counts alone, and nobody by name. */
export const genericDormitoryWebhook: WebhookProfile = {
  protocol: "webhook",
  id: "access-gate/generic-dormitory-webhook",
  vendor: "generic",
  model: "webhook",
  title: { zh: "通用宿舍门禁系统（推送）", en: "Any dormitory system that posts its counts" },
  class: "access-gate",
  proven: "vectors",
  sources: ["a form of our own: docs/installer.md, “What has nothing else”"],
  pollInterval_ms: 60_000,
  silenceMax_ms: 26 * 3_600_000,
  mappings: [
    {
      when: { path: "type", is: "dormitory" },
      time: { path: "time", format: "iso" },
      samples: {
        residents: { metric: "Dormitory/Residents" },
        inside: { metric: "Dormitory/Inside" },
        leave: { metric: "Dormitory/Leave" },
      },
    },
  ],
};
