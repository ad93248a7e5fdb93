/**
 * A few seconds of a stream through FFmpeg: every packet is counted, only key pictures are decoded, and those small and
 * grey. One connection to the camera, little work for the box.
 *
 * The address goes in through standard input, as a list of one file: what stands on a command line can be read by every
 * user of the machine, and the address holds the password.
 */
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { parseFramecrc } from "@campus-ops/device-profiles/codecs/framecrc";
import {
  PICTURE_BYTES,
  PICTURE_HEIGHT,
  PICTURE_WIDTH,
  type Probe,
} from "@campus-ops/device-profiles/profiles/rtsp-profile";
import { type DeviceTarget, DriverError } from "../driver.ts";

const PACKET_TEXT_BYTES_MAX = 2_097_152;
export const ERROR_TEXT_BYTES_MAX = 16_384;
const PICTURES_MAX = 64;

/**
 * FFmpeg studies a stream for five seconds before it passes anything on, to estimate a frame rate that is counted here.
 * It is told not to: the list's one file and the list itself are both opened this way.
 */
const BRISKLY = { analyzeduration: "100000", fpsprobesize: "0" };

/** How it opens the list that {@link streamList} writes, from its standard input. */
export const OPEN_LIST: readonly string[] = [
  ...Object.entries(BRISKLY).flatMap(([name, value]) => [`-${name}`, value]),
  ...["-protocol_whitelist", "pipe,rtsp,rtsps,rtp,srtp,tcp,tls,udp"],
  ...["-f", "concat", "-safe", "0", "-i", "pipe:0"],
];

/** Nothing of the agent's own environment is the program's business. */
export const FFMPEG_ENVIRONMENT = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" };

export interface Watched extends Omit<Probe, "at"> {
  /** FFmpeg's own words, without the login. */
  readonly says: string;
}

/** Resolves to what came, much or nothing. Rejects as `unsupported` when there is no FFmpeg. */
export async function watchStream(
  target: DeviceTarget,
  window_s: number,
  { ffmpeg, start_ms }: { readonly ffmpeg: string; readonly start_ms: number },
  signal: AbortSignal,
): Promise<Watched> {
  const deadline = AbortSignal.timeout(window_s * 1_000 + start_ms);
  const child = spawn(ffmpeg, parameters(window_s), {
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    signal: AbortSignal.any([signal, deadline]),
    killSignal: "SIGKILL",
    env: FFMPEG_ENVIRONMENT,
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      // Aborted is not failed: what came until then counts.
      if (error.name !== "AbortError") reject(missing(ffmpeg, error));
    });
    child.on("close", () => resolve());
  });
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(streamList(target, start_ms));
  const [text, errors, pixels] = await Promise.all([
    collect(child.stdio[1] as Readable, PACKET_TEXT_BYTES_MAX),
    collect(child.stdio[2] as Readable, ERROR_TEXT_BYTES_MAX),
    collect(child.stdio[3] as Readable, PICTURES_MAX * PICTURE_BYTES),
    ended,
  ]);
  signal.throwIfAborted();
  const pictures: Uint8Array[] = [];
  for (let at = 0; at + PICTURE_BYTES <= pixels.length; at += PICTURE_BYTES) {
    pictures.push(pixels.subarray(at, at + PICTURE_BYTES));
  }
  return {
    stream: parseFramecrc(text.toString("utf8")),
    pictures,
    says: withoutLogin(errors.toString("utf8")),
  };
}

function parameters(window_s: number): string[] {
  const time = ["-t", String(window_s)];
  return [
    ...["-hide_banner", "-loglevel", "error", "-threads", "1", "-skip_frame", "nokey"],
    ...OPEN_LIST,
    ...["-map", "0:v:0", "-c", "copy", ...time, "-f", "framecrc", "pipe:1"],
    ...["-map", "0:v:0", ...time, "-filter_threads", "1"],
    ...["-vf", `scale=${PICTURE_WIDTH}:${PICTURE_HEIGHT}:flags=neighbor,format=gray`],
    ...["-fps_mode", "passthrough", "-f", "rawvideo", "pipe:3"],
  ];
}

/** FFmpeg's concat demuxer, with the options of the one file it opens. Every sign of the login is escaped. */
export function streamList({ secret, url, username }: DeviceTarget, start_ms: number): string {
  const escaped = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  const login = username === undefined ? "" : `${escaped(username)}:${escaped(secret ?? "")}@`;
  const address = `${url.protocol}//${login}${url.host}${url.pathname}${url.search}`.replaceAll("'", "%27");
  const options = { rtsp_transport: "tcp", timeout: start_ms * 1_000, ...BRISKLY };
  const lines = Object.entries(options).map(([name, value]) => `option ${name} ${value}`);
  return `${["ffconcat version 1.0", `file '${address}'`, ...lines].join("\n")}\n`;
}

/** What is beyond the bound is read and dropped, so that the program comes to its end. */
export async function collect(stream: Readable, bytes_max: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    if (bytes < bytes_max) chunks.push(chunk.subarray(0, bytes_max - bytes));
    bytes += chunk.length;
  });
  await new Promise<void>((resolve) => {
    stream.on("close", () => resolve());
    stream.on("error", () => resolve());
  });
  return Buffer.concat(chunks);
}

export function withoutLogin(text: string): string {
  return text.replace(/\/\/[^/@\s]*@/g, "//").trim();
}

export function missing(program: string, error: NodeJS.ErrnoException): DriverError {
  const message =
    error.code === "ENOENT"
      ? `there is no ${program} on this machine: install the package ffmpeg`
      : `${program} cannot be started: ${error.code ?? error.message}`;
  return new DriverError("unsupported", message, { retry: false, cause: error });
}
