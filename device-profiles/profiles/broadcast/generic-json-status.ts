import type { PullProfile } from "../pull-profile.ts";

/** A public address system that tells at an address whether it plays: a form of our own. */
export const genericBroadcastStatus: PullProfile = {
  protocol: "pull",
  id: "broadcast/generic-json-status",
  vendor: "generic",
  model: "JSON status",
  title: { zh: "通用广播系统（状态接口）", en: "Any public address system with a JSON status" },
  class: "broadcast",
  proven: "vectors",
  sources: ["a form of our own: docs/installer.md, “What has nothing else”"],
  pollInterval_ms: 10_000,
  format: "json",
  mappings: [
    {
      samples: {
        playing: { metric: "Broadcast/Playing" },
        name: { metric: "System/Name" },
        version: { metric: "Properties/Firmware" },
      },
    },
  ],
};
