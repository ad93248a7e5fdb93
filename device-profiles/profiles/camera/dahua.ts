import type { DahuaProfile } from "../dahua-profile.ts";

/** Cameras of Dahua by their own interface. */
export const dahuaCamera: DahuaProfile = {
  protocol: "dahua",
  id: "camera/dahua",
  vendor: "Dahua",
  model: "network camera (HTTP API)",
  title: { zh: "大华网络摄像机（HTTP API）", en: "Dahua network camera (HTTP API)" },
  class: "camera",
  proven: "vectors",
  sources: [
    "Dahua HTTP API for IPC and SD: eventManager attach and getEventIndexes, snapshot, magicBox, global",
  ],
  pollInterval_ms: 30_000,
  topics: [
    { code: "VideoMotion", metric: "Motion/Active" },
    { code: "VideoLoss", metric: "Video/Loss" },
    { code: "VideoBlind", metric: "Video/Tamper" },
    { code: "VideoUnFocus", metric: "Video/Defocused" },
    { code: "CrossRegionDetection", metric: "Analytics/Intrusion" },
    { code: "CrossLineDetection", metric: "Analytics/LineCrossed" },
    { code: "WanderDetection", metric: "Analytics/Loitering" },
  ],
  snapshot: true,
};
