import type { OnvifProfile } from "../onvif-profile.ts";

/** Any camera of ONVIF Profile S or T that has pull-point events. */
export const genericOnvif: OnvifProfile = {
  protocol: "onvif",
  id: "camera/generic-onvif",
  vendor: "generic",
  model: "ONVIF Profile S/T",
  title: { zh: "通用 ONVIF 摄像机", en: "Any ONVIF camera" },
  class: "camera",
  proven: "vectors",
  sources: [
    "ONVIF Core Specification, clause 9 (events)",
    "ONVIF Imaging Service Specification, clause 5.5.1 (SignalLoss, GlobalSceneChange), clause 5.5.2 (MotionAlarm)",
    "ONVIF Analytics Service Specification, annexes B (CellMotionDetector) and E (GlobalSceneChange)",
    "RuleEngine/TamperDetector/Tamper is in no specification: cameras of several vendors send it",
  ],
  pollInterval_ms: 30_000,
  topics: [
    { topic: "VideoSource/MotionAlarm", item: "State", metric: "Motion/Active" },
    { topic: "RuleEngine/CellMotionDetector/Motion", item: "IsMotion", metric: "Motion/Active" },
    { topic: "VideoSource/SignalLoss", item: "State", metric: "Video/Loss" },
    { topic: "VideoSource/GlobalSceneChange/ImagingService", item: "State", metric: "Video/Tamper" },
    { topic: "VideoSource/GlobalSceneChange/AnalyticsService", item: "State", metric: "Video/Tamper" },
    { topic: "RuleEngine/TamperDetector/Tamper", item: "IsTamper", metric: "Video/Tamper" },
  ],
};
