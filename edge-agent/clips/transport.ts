/** How FFmpeg is told to pass a stream on as it is, the picture alone, as a transport stream. */
import { OPEN_LIST } from "../drivers/rtsp/ffmpeg.ts";

export const TO_TRANSPORT_STREAM: readonly string[] = [
  ...["-hide_banner", "-loglevel", "error", "-threads", "1"],
  ...OPEN_LIST,
  ...["-map", "0:v:0", "-c", "copy", "-f", "mpegts", "-muxdelay", "0", "-flush_packets", "1", "pipe:1"],
];
