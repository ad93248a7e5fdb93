/** From parts of a transport stream to a file that browsers and players open, without decoding anything. */
import { spawn } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { collect, ERROR_TEXT_BYTES_MAX, FFMPEG_ENVIRONMENT, missing } from "../drivers/rtsp/ffmpeg.ts";

const MUX_MS_MAX = 15_000;
/** What players of HEVC look for; FFmpeg writes another name unless told. */
const HEVC_NAME = ["-tag:v", "hvc1"];

/**
 * Resolves to an MP4 whose index comes first. Rejects with what FFmpeg says, or as `unsupported` where there is none.
 * `codec`: `h264`, `hevc`, or undefined for another.
 */
export async function mp4Of(
  stream: readonly Uint8Array[],
  codec: string | undefined,
  ffmpeg: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const file = openNameless();
  try {
    const child = spawn(ffmpeg, parameters(codec), {
      stdio: ["pipe", "ignore", "pipe", file],
      signal: AbortSignal.any([signal, AbortSignal.timeout(MUX_MS_MAX)]),
      killSignal: "SIGKILL",
      env: FFMPEG_ENVIRONMENT,
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on("error", (error: NodeJS.ErrnoException) =>
        reject(error.name === "AbortError" ? error : missing(ffmpeg, error)),
      );
      child.on("close", resolve);
    });
    const input = child.stdio[0];
    input?.on("error", () => undefined);
    for (const part of stream) input?.write(part);
    input?.end();
    const [code, says] = await Promise.all([
      ended,
      collect(child.stdio[2] as Readable, ERROR_TEXT_BYTES_MAX),
    ]);
    if (code !== 0)
      throw new Error(`the clip could not be made: ${says.toString("utf8").trim().split("\n").at(-1) ?? ""}`);
    const data = Buffer.alloc(fstatSync(file).size);
    readSync(file, data, 0, data.length, 0);
    return data;
  } finally {
    closeSync(file);
  }
}

/** An index that comes first needs a file that can be read again; one without a name is gone with whoever holds it. */
function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), "clip-"));
  try {
    return openSync(join(folder, "clip.mp4"), "wx+", 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function parameters(codec: string | undefined): string[] {
  return [
    ...["-hide_banner", "-loglevel", "error", "-threads", "1", "-y"],
    ...["-f", "mpegts", "-i", "pipe:0", "-map", "0:v:0", "-c", "copy"],
    ...(codec === "hevc" ? HEVC_NAME : []),
    ...["-movflags", "+faststart", "-f", "mp4", "/proc/self/fd/3"],
  ];
}
