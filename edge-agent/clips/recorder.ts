/**
 * Keeps the last minute of one camera's stream in memory, and cuts clips of alarms out of it. FFmpeg takes the stream as it
 * is, without decoding it; without sound, since nobody has to be overheard to see what happened.
 */
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { CLIP_BYTES_MAX } from "@campus-ops/broker/sparkplug";
import { KeyPictureCutter } from "@campus-ops/device-profiles/codecs/transport-stream";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Log } from "@campus-ops/service/process";
import { backoff_ms, LOGIN_REFUSED_WAIT_MS, type Random } from "../core/backoff.ts";
import { CLIP_AFTER_MS, CLIP_BEFORE_MS, ClipRing, RING_MS_MAX } from "../core/clip-ring.ts";
import type { Clock } from "../core/clock.ts";
import { type DeviceTarget, DriverError } from "../drivers/driver.ts";
import {
  collect,
  ERROR_TEXT_BYTES_MAX,
  FFMPEG_ENVIRONMENT,
  missing,
  streamList,
  withoutLogin,
} from "../drivers/rtsp/ffmpeg.ts";
import { pause } from "../supervisor/deadline.ts";
import type { PictureTaken } from "../supervisor/supervisor.ts";
import { mp4Of } from "./mp4.ts";
import { TO_TRANSPORT_STREAM } from "./transport.ts";

/** Clips of one camera that are waited for or cut at once. */
export const CLIPS_IN_HAND_MAX = 2;
/** Clips of one camera; beyond it the hub is told that there is no room. */
export const CLIPS_AN_HOUR_MAX = 60;
const HOUR_MS = 3_600_000;
/** A camera that brings nothing for so long is tried anew. */
const SILENCE_MS_MAX = 15_000;
/** What a picture takes from the lens to this box, at least; a clip is cut so much later than its end. */
const LATENCY_MS = 1_000;

export interface ClipRecorderOptions {
  readonly device: string;
  /** The stream, with the camera's login. */
  readonly target: DeviceTarget;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** FFmpeg's name or path. */
  readonly ffmpeg?: string;
  readonly before_ms?: number;
  readonly after_ms?: number;
}

export class ClipRecorder {
  readonly #options: ClipRecorderOptions & { readonly ffmpeg: string };
  readonly #ring = new ClipRing();
  /** Uptimes of the clips of the last hour. */
  #lately: number[] = [];
  #cutter = new KeyPictureCutter();
  #inHand = 0;
  #stopping: AbortSignal = new AbortController().signal;

  constructor(options: ClipRecorderOptions) {
    this.#options = { ffmpeg: "ffmpeg", ...options };
  }

  /** What the last minute takes of the memory. */
  get heldBytes(): number {
    return this.#ring.bytes;
  }

  /** Pieces that went before their minute was over, since the stream brings more than there is room for. */
  get overflows(): number {
    return this.#ring.overflows;
  }

  /** Runs until `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { device, log, random } = this.#options;
    this.#stopping = signal;
    let failures = 0;
    while (!signal.aborted) {
      const before = this.#ring.newest_ms;
      const error = await this.#stream(signal);
      if (signal.aborted) break;
      failures = this.#ring.newest_ms === before ? failures + 1 : 1;
      const wait_ms = error.retry ? backoff_ms(failures, random) : LOGIN_REFUSED_WAIT_MS;
      log.warn(
        { device, kind: error.kind, wait_ms: Math.round(wait_ms) },
        `no stream for clips: ${error.message}`,
      );
      await this.#wait(wait_ms, signal);
    }
    this.#ring.clear();
  }

  /** The clip of that moment, once it is over. Never rejects. */
  async take(at: Timestamp): Promise<PictureTaken> {
    const { after_ms = CLIP_AFTER_MS, before_ms = CLIP_BEFORE_MS, clock } = this.#options;
    const { uptime_ms, wall } = clock.instant();
    const moment = uptime_ms + (at - wall);
    const why = this.#refusal(moment, uptime_ms);
    if (why !== undefined) return why;
    this.#inHand += 1;
    this.#lately.push(uptime_ms);
    try {
      await pause(Math.max(0, moment + after_ms + LATENCY_MS - uptime_ms), this.#stopping);
      return await this.#cut(moment - before_ms, moment + after_ms);
    } catch (error) {
      return { reason: "failed", detail: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#inHand -= 1;
    }
  }

  #refusal(moment: number, now_ms: number): PictureTaken | undefined {
    this.#lately = this.#lately.filter((each) => each > now_ms - HOUR_MS);
    if (this.#inHand >= CLIPS_IN_HAND_MAX)
      return { reason: "full", detail: `${CLIPS_IN_HAND_MAX} clips of this camera are being cut already` };
    if (this.#lately.length >= CLIPS_AN_HOUR_MAX)
      return { reason: "full", detail: `${CLIPS_AN_HOUR_MAX} clips of this camera were cut within an hour` };
    return moment > now_ms + RING_MS_MAX
      ? { reason: "failed", detail: "that moment is yet to come" }
      : undefined;
  }

  async #cut(from_ms: number, to_ms: number): Promise<PictureTaken> {
    const { clock, ffmpeg } = this.#options;
    const pieces = this.#ring.between(from_ms, to_ms);
    const { codec, tables } = this.#cutter;
    if (pieces === undefined || tables === undefined) {
      return this.#ring.newest_ms === undefined
        ? { reason: "unreachable", detail: "the camera's stream does not come" }
        : { reason: "failed", detail: "that moment is not among what was kept of the stream" };
    }
    if (pieces.bytes > CLIP_BYTES_MAX)
      return { reason: "failed", detail: `a clip of ${pieces.bytes} bytes; ${CLIP_BYTES_MAX} are allowed` };
    const data = await mp4Of([tables, ...pieces.data], codec, ffmpeg, this.#stopping);
    const { uptime_ms, wall } = clock.instant();
    return { data, takenAt: Math.round(wall - (uptime_ms - pieces.since_ms)) };
  }

  /** One connection to the camera, to its end, and why it ended. */
  async #stream(signal: AbortSignal): Promise<DriverError> {
    const { clock, ffmpeg, target } = this.#options;
    const cutter = new KeyPictureCutter();
    let isFirst = true;
    const child = spawn(ffmpeg, TO_TRANSPORT_STREAM, {
      stdio: ["pipe", "pipe", "pipe"],
      signal,
      killSignal: "SIGKILL",
      env: FFMPEG_ENVIRONMENT,
    });
    const ended = new Promise<DriverError | undefined>((resolve) => {
      child.on("error", (error: NodeJS.ErrnoException) => {
        if (error.name !== "AbortError") resolve(missing(ffmpeg, error));
      });
      child.on("close", () => resolve(undefined));
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(streamList(target, SILENCE_MS_MAX));
    child.stdout.on("data", (chunk: Buffer) => {
      if (isFirst) {
        // What was held until now is of another connection, and does not go on.
        this.#ring.clear();
        this.#cutter = cutter;
        isFirst = false;
      }
      const now_ms = clock.instant().uptime_ms;
      for (const { data, key } of cutter.push(chunk)) this.#ring.add(data, key, now_ms);
    });
    const [failure, errors] = await Promise.all([
      ended,
      collect(child.stderr as Readable, ERROR_TEXT_BYTES_MAX),
    ]);
    return failure ?? errorOf(withoutLogin(errors.toString("utf8")), target.url.host);
  }

  /** What is older than it may be goes while nothing comes, too. */
  async #wait(wait_ms: number, signal: AbortSignal): Promise<void> {
    for (let left = wait_ms; left > 0 && !signal.aborted; left -= RING_MS_MAX) {
      await pause(Math.min(left, RING_MS_MAX), signal);
      this.#ring.forget(this.#options.clock.instant().uptime_ms);
    }
  }
}

function errorOf(says: string, host: string): DriverError {
  return /\b40[13] /.test(says)
    ? new DriverError("login-refused", `${host} refuses the login: check user name and password`, {
        retry: false,
      })
    : new DriverError("unreachable", `${host}: ${says.split("\n").at(-1) || "the stream ended"}`, {
        retry: true,
      });
}
