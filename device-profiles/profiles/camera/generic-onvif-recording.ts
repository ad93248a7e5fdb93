import type { OnvifProfile } from "../onvif-profile.ts";
import { genericOnvif } from "./generic-onvif.ts";

/** A camera that records by itself, on a card. */
export const genericOnvifRecording: OnvifProfile = {
  ...genericOnvif,
  id: "camera/generic-onvif-recording",
  model: "ONVIF Profile S/T and G",
  title: { zh: "通用 ONVIF 摄像机（本机录像）", en: "Any ONVIF camera that records by itself" },
  sources: [...genericOnvif.sources, "ONVIF Profile G Specification; Recording Search, clause 5.4"],
  recording: "device",
};
