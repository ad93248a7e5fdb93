import type { SourceValue } from "../source-value.ts";
import type { WebhookProfile } from "../webhook-profile.ts";

const ZONES = 16;

/** Members of one zone, and the metrics they are. */
const zone = (number: number): Readonly<Record<string, SourceValue>> => ({
  [`zones.${number}.intrusion`]: { metric: `Zone/${number}/Intrusion` },
  [`zones.${number}.tamper`]: { metric: `Zone/${number}/Tamper` },
  [`zones.${number}.fault`]: { metric: `Zone/${number}/Fault` },
  [`zones.${number}.bypassed`]: { metric: `Zone/${number}/Bypassed` },
});

/** An intrusion alarm host, or the software beside it, that posts the states of its zones: a form of our own. */
export const genericIntrusionWebhook: WebhookProfile = {
  protocol: "webhook",
  id: "intrusion-host/generic-webhook",
  vendor: "generic",
  model: "webhook",
  title: { zh: "通用入侵报警主机（推送）", en: "Any intrusion alarm host that posts" },
  class: "intrusion-host",
  proven: "vectors",
  sources: ["a form of our own: docs/installer.md, “What has nothing else”"],
  pollInterval_ms: 60_000,
  silenceMax_ms: 300_000,
  mappings: [
    {
      time: { path: "time", format: "iso" },
      samples: Object.assign({}, ...Array.from({ length: ZONES }, (_, index) => zone(index + 1))),
    },
  ],
};
