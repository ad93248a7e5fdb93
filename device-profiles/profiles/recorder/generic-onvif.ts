import type { OnvifProfile } from "../onvif-profile.ts";

/** A recorder, or an encoder with several inputs: each video source is a channel, in the order of the media profiles. */
export const genericOnvifRecorder: OnvifProfile = {
  protocol: "onvif",
  id: "recorder/generic-onvif",
  vendor: "generic",
  model: "ONVIF Profile G",
  title: { zh: "通用 ONVIF 录像机", en: "Any ONVIF recorder" },
  class: "recorder",
  proven: "vectors",
  sources: [
    "ONVIF Profile G Specification; Recording Control, clause 5.2; Recording Search, clause 5.4",
    "ONVIF Imaging Service Specification, clauses 5.5.1 and 5.5.2",
  ],
  pollInterval_ms: 60_000,
  topics: [
    { topic: "VideoSource/MotionAlarm", item: "State", metric: "Channel/*/Motion" },
    { topic: "RuleEngine/CellMotionDetector/Motion", item: "IsMotion", metric: "Channel/*/Motion" },
    { topic: "VideoSource/SignalLoss", item: "State", metric: "Channel/*/Loss" },
    { topic: "VideoSource/GlobalSceneChange/ImagingService", item: "State", metric: "Channel/*/Tamper" },
  ],
  recording: "channels",
};
