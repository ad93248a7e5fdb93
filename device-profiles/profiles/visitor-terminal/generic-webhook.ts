import type { WebhookProfile } from "../webhook-profile.ts";

/** A visitor system that posts who comes and goes, in a form of our own that any such system can be made to send. */
export const genericVisitorWebhook: WebhookProfile = {
  protocol: "webhook",
  id: "visitor-terminal/generic-webhook",
  vendor: "generic",
  model: "webhook",
  title: { zh: "通用访客系统（推送）", en: "Any visitor system that posts" },
  class: "visitor-terminal",
  proven: "vectors",
  sources: ["a form of our own: docs/installer.md, “What has nothing else”"],
  pollInterval_ms: 60_000,
  silenceMax_ms: 26 * 3_600_000,
  mappings: [
    {
      when: { path: "type", is: "arrival" },
      id: "id",
      time: { path: "time", format: "iso" },
      event: {
        name: "Visitor/Arrival",
        fields: {
          visit: { path: "visit" },
          credential: { path: "card", isIdentity: true },
          until: { path: "until", time: "iso" },
          zones: { path: "zones" },
        },
      },
    },
    {
      when: { path: "type", is: "departure" },
      id: "id",
      time: { path: "time", format: "iso" },
      event: { name: "Visitor/Departure", fields: { visit: { path: "visit" } } },
    },
  ],
};
