/**
 * FFmpeg's `framecrc` output: a line for each packet of a stream, behind comments that say what the stream is. It names
 * what arrived without decoding any of it.
 */

export interface StreamPackets {
  /** FFmpeg's short name: h264, hevc, mjpeg … */
  readonly codec: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly packets: readonly StreamPacket[];
}

export interface StreamPacket {
  readonly time_s: number;
  readonly bytes: number;
}

/** Ten seconds of the fastest camera, several times over. */
export const PACKETS_MAX = 10_000;

/** Lines that cannot be read are left out. */
export function parseFramecrc(text: string): StreamPackets {
  let codec: string | undefined;
  let size: readonly number[] = [];
  let timeBase_s = 1;
  const packets: StreamPacket[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, name, value = ""] = /^#(\w+) 0: (.*)$/.exec(line) ?? [];
    if (name === "codec_id") codec = value.trim();
    else if (name === "dimensions") size = value.split("x").map(Number).filter(Number.isInteger);
    else if (name === "tb") {
      const [numerator = 1, denominator = 1] = value.split("/").map(Number);
      timeBase_s = numerator / denominator;
    } else {
      const packet = packetOf(line, timeBase_s);
      if (packet !== undefined && packets.length < PACKETS_MAX) packets.push(packet);
    }
  }
  const [width, height] = size;
  return { codec, width, height, packets };
}

/** `stream, dts, pts, duration, size, checksum`. */
function packetOf(line: string, timeBase_s: number): StreamPacket | undefined {
  const match = /^0,\s*(-?\d+),\s*-?\d+,\s*-?\d+,\s*(\d+),/.exec(line);
  return match === null ? undefined : { time_s: Number(match[1]) * timeBase_s, bytes: Number(match[2]) };
}
