import { type IsapiProfile, pictureAlerts } from "../isapi-profile.ts";

/** Network recorders of Hikvision: disks, cameras that are gone, and days of recordings, by channel. */
export const hikvisionRecorder: IsapiProfile = {
  protocol: "isapi",
  id: "recorder/hikvision-isapi",
  vendor: "Hikvision",
  model: "network video recorder (ISAPI)",
  title: { zh: "海康威视网络硬盘录像机（ISAPI）", en: "Hikvision network video recorder (ISAPI)" },
  class: "recorder",
  proven: "vectors",
  sources: [
    "Hikvision ISAPI, general: EventNotificationAlert; ContentMgmt/Storage, InputProxy/channels/status, search",
  ],
  pollInterval_ms: 60_000,
  alerts: pictureAlerts({
    motion: "Channel/*/Motion",
    loss: "Channel/*/Loss",
    tamper: "Channel/*/Tamper",
  }),
  recorder: true,
};
