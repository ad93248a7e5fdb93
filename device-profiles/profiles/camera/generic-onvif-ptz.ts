import type { OnvifProfile } from "../onvif-profile.ts";
import { genericOnvif } from "./generic-onvif.ts";

/** A camera that moves, and goes to its presets by command. */
export const genericOnvifPtz: OnvifProfile = {
  ...genericOnvif,
  id: "camera/generic-onvif-ptz",
  model: "ONVIF Profile S/T with PTZ",
  title: { zh: "通用 ONVIF 云台摄像机", en: "Any ONVIF camera with pan, tilt and zoom" },
  sources: [...genericOnvif.sources, "ONVIF PTZ Service Specification, clause 5.4 (presets)"],
  ptz: true,
};
