import type { RtspProfile } from "../rtsp-profile.ts";

/** The stream of any camera or recorder channel: whether it comes, and whether it is a picture. */
export const genericRtsp: RtspProfile = {
  protocol: "rtsp",
  id: "camera/generic-rtsp",
  vendor: "generic",
  model: "RTSP stream",
  title: { zh: "通用 RTSP 视频流", en: "Any RTSP stream" },
  class: "camera",
  proven: "peer",
  sources: ["RFC 2326 (RTSP)", "FFmpeg: concat demuxer, framecrc muxer"],
  pollInterval_ms: 60_000,
  window_s: 4,
};
