import type { WebhookProfile } from "../webhook-profile.ts";

/** A card system of a school bus that posts how many are aboard, whenever somebody gets on or off. */
export const genericBusRollWebhook: WebhookProfile = {
  protocol: "webhook",
  id: "bus-terminal/generic-roll-webhook",
  vendor: "generic",
  model: "webhook",
  title: { zh: "通用校车刷卡系统（推送）", en: "Any bus card system that posts who is aboard as a count" },
  class: "bus-terminal",
  proven: "vectors",
  sources: ["a form of our own: docs/installer.md, “What has nothing else”"],
  pollInterval_ms: 60_000,
  silenceMax_ms: 26 * 3_600_000,
  mappings: [
    {
      when: { path: "type", is: "aboard" },
      time: { path: "time", format: "iso" },
      samples: { aboard: { metric: "Bus/Aboard" } },
    },
  ],
};
