/**
 * Streams over RTSP: `rtsp://host[:554]/path`, with a user name and a password. Every so often the stream is watched
 * for a few seconds: whether anything comes, what, how much, and whether it is a picture.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type RtspProfile, readProbe, type Still } from "@campus-ops/device-profiles/profiles/rtsp-profile";
import type { Reading } from "@campus-ops/device-profiles/vocabulary";
import {
  type DeviceSession,
  type DeviceTarget,
  type Driver,
  type DriverEnvironment,
  DriverError,
} from "./driver.ts";
import { watchStream } from "./rtsp/ffmpeg.ts";
import { askOptions } from "./rtsp/options.ts";
import { Turns } from "./rtsp/turns.ts";

export interface RtspLimits {
  /** Streams that are watched at the same time, of all cameras together. */
  readonly probes_max: number;
  /** The program's name or path. */
  readonly ffmpeg: string;
  /** Connecting, and what a camera takes until its first key picture. */
  readonly start_ms: number;
}

export const RTSP_LIMITS: RtspLimits = { probes_max: 2, ffmpeg: "ffmpeg", start_ms: 15_000 };

export const rtspDriver: Driver<RtspProfile> = createRtspDriver();

export function createRtspDriver(limits: RtspLimits = RTSP_LIMITS): Driver<RtspProfile> {
  const turns = new Turns(limits.probes_max);
  return {
    async open(target, profile, environment, signal) {
      const { protocol } = target.url;
      if (protocol !== "rtsp:" && protocol !== "rtsps:") {
        throw new DriverError("unsupported", `${target.url.href} must read rtsp://host/path`, {
          retry: false,
        });
      }
      await askOptions(target.url, signal);
      return new RtspSession(target, profile, environment, limits, turns);
    },
  };
}

class RtspSession implements DeviceSession {
  readonly #target: DeviceTarget;
  readonly #profile: RtspProfile;
  readonly #environment: DriverEnvironment;
  readonly #limits: RtspLimits;
  readonly #turns: Turns;
  #still: Still | undefined;

  constructor(
    target: DeviceTarget,
    profile: RtspProfile,
    environment: DriverEnvironment,
    limits: RtspLimits,
    turns: Turns,
  ) {
    this.#target = target;
    this.#profile = profile;
    this.#environment = environment;
    this.#limits = limits;
    this.#turns = turns;
  }

  /** A probe takes longer than a look may: the agent is told when one is done. */
  async subscribe(sink: (reading: Reading) => void, signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        sink(await this.#turns.take(() => this.#probe(signal), signal));
        await delay(this.#profile.pollInterval_ms, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #probe(signal: AbortSignal): Promise<Reading> {
    const { window_s } = this.#profile;
    const { says, ...watched } = await watchStream(this.#target, window_s, this.#limits, signal);
    if (watched.stream.packets.length <= 1) await this.#explain(says, signal);
    const { samples, still } = readProbe({ ...watched, at: this.#environment.now() }, this.#still);
    this.#still = still;
    return { samples, events: [] };
  }

  /** Nothing came. Returns where the server is there and the stream is not; rejects where it is something else. */
  async #explain(says: string, signal: AbortSignal): Promise<void> {
    if (/\b40[13] /.test(says)) {
      const message = `${this.#target.url.host} refuses the login: check user name and password`;
      throw new DriverError("login-refused", message, { retry: false });
    }
    await askOptions(this.#target.url, signal);
  }

  /** Ends with the subscription's signal. */
  async close(): Promise<void> {}
}
