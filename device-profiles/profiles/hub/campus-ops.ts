import type { LocalHubProfile } from "../local-hub-profile.ts";

/** The hub on this machine, told to the hub above it. */
export const campusOpsHub: LocalHubProfile = {
  id: "hub/campus-ops",
  vendor: "campus-ops",
  model: "hub",
  title: { zh: "本级平台", en: "Hub of this level" },
  class: "hub",
  protocol: "local-hub",
  proven: "peer",
  sources: ["docs/decisions/0031-a-hub-is-a-device-of-its-parent.md"],
  pollInterval_ms: 5_000,
};
