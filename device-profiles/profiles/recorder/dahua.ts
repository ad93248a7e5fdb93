import type { DahuaProfile } from "../dahua-profile.ts";

/** Network recorders of Dahua: their disks, and the pictures of each channel. */
export const dahuaRecorder: DahuaProfile = {
  protocol: "dahua",
  id: "recorder/dahua",
  vendor: "Dahua",
  model: "network video recorder (HTTP API)",
  title: { zh: "大华网络硬盘录像机（HTTP API）", en: "Dahua network video recorder (HTTP API)" },
  class: "recorder",
  proven: "vectors",
  sources: [
    "Dahua HTTP API for NVR: eventManager attach and getEventIndexes, storageDevice getDeviceAllInfo",
  ],
  pollInterval_ms: 60_000,
  topics: [
    { code: "VideoMotion", metric: "Channel/*/Motion" },
    { code: "VideoLoss", metric: "Channel/*/Loss" },
    { code: "VideoBlind", metric: "Channel/*/Tamper" },
  ],
  recorder: true,
};
