import { type IsapiProfile, pictureAlerts } from "../isapi-profile.ts";

/** Cameras of Hikvision by their own interface: analytics that ONVIF does not tell of. */
export const hikvisionCamera: IsapiProfile = {
  protocol: "isapi",
  id: "camera/hikvision-isapi",
  vendor: "Hikvision",
  model: "network camera (ISAPI)",
  title: { zh: "海康威视网络摄像机（ISAPI）", en: "Hikvision network camera (ISAPI)" },
  class: "camera",
  proven: "vectors",
  sources: ["Hikvision ISAPI, general: EventNotificationAlert, event types; Streaming/channels/101/picture"],
  pollInterval_ms: 30_000,
  alerts: [
    ...pictureAlerts({ motion: "Motion/Active", loss: "Video/Loss", tamper: "Video/Tamper" }),
    { eventType: "scenechangedetection", metric: "Video/Tamper" },
    { eventType: "defocus", metric: "Video/Defocused" },
    { eventType: "fielddetection", metric: "Analytics/Intrusion" },
    { eventType: "linedetection", metric: "Analytics/LineCrossed" },
    { eventType: "loitering", metric: "Analytics/Loitering" },
    { eventType: "group", metric: "Analytics/Crowd" },
  ],
  snapshot: true,
};
