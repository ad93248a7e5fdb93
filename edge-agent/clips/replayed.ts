/**
 * Clips out of a recorder (ONVIF Profile G): nothing is kept or listened to until an alarm asks. The recorder says where it
 * plays the recording of a channel, and plays the span by its own clock as fast as the network takes it.
 */
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { CLIP_BYTES_MAX } from "@campus-ops/broker/sparkplug";
import {
  getRecordingInformation,
  getRecordings,
  getReplayUri,
  parseRecordingInformation,
  parseRecordings,
  parseReplayUri,
} from "@campus-ops/device-profiles/codecs/onvif-services";
import { KeyPictureCutter } from "@campus-ops/device-profiles/codecs/transport-stream";
import type { DeviceId, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { CLIP_AFTER_MS, CLIP_BEFORE_MS } from "../core/clip-ring.ts";
import type { Clock } from "../core/clock.ts";
import { type DeviceTarget, DriverError } from "../drivers/driver.ts";
import { OnvifServices } from "../drivers/onvif/services.ts";
import { ONVIF_LIMITS, SoapClient } from "../drivers/onvif/soap-client.ts";
import {
  collect,
  ERROR_TEXT_BYTES_MAX,
  FFMPEG_ENVIRONMENT,
  missing,
  streamList,
} from "../drivers/rtsp/ffmpeg.ts";
import { pause } from "../supervisor/deadline.ts";
import type { PictureTaken } from "../supervisor/supervisor.ts";
import { mp4Of } from "./mp4.ts";
import { type Replay, ReplayGate } from "./replay-gate.ts";
import { TO_TRANSPORT_STREAM } from "./transport.ts";

/** Recorders write in blocks: what is being filmed cannot be played yet. */
export const RECORDED_AFTER_MS = 5_000;
/** From asking to the last picture. */
const REPLAY_MS_MAX = 30_000;
/** Clips of one camera that are waited for or played at once; a recorder plays a few for everybody. */
export const REPLAYS_IN_HAND_MAX = 1;
/** What a clip weighs in RTP and in a transport stream, more than in its file. */
const OVERHEAD = 1.2;
/** RTSP's “Invalid Range”. */
const INVALID_RANGE = 457;

export interface ReplayedOptions {
  readonly recorder: DeviceId;
  /** The recorder's ONVIF device service, with its login. */
  readonly target: DeviceTarget;
  /** From 1, in the order of the recorder's video sources. */
  readonly channel: number;
  readonly clock: Clock;
  readonly ffmpeg?: string;
  readonly after_ms?: number;
  readonly recordedAfter_ms?: number;
  /** Of one clip. */
  readonly bytes_max?: number;
}

export class Replayed {
  readonly #options: ReplayedOptions;
  #inHand = 0;

  constructor(options: ReplayedOptions) {
    this.#options = options;
  }

  /** The clip of that moment, once it has been recorded. Never rejects. */
  async take(at: Timestamp, signal: AbortSignal): Promise<PictureTaken> {
    const { after_ms = CLIP_AFTER_MS, clock, recordedAfter_ms = RECORDED_AFTER_MS, recorder } = this.#options;
    if (this.#inHand >= REPLAYS_IN_HAND_MAX)
      return { reason: "full", detail: `${recorder} is playing a clip of this camera already` };
    this.#inHand += 1;
    try {
      await pause(Math.max(0, at + after_ms + recordedAfter_ms - clock.instant().wall), signal);
      const limit = AbortSignal.any([signal, AbortSignal.timeout(REPLAY_MS_MAX)]);
      return await this.#play(at - CLIP_BEFORE_MS, at + after_ms, limit);
    } catch (error) {
      const reason = error instanceof DriverError && error.kind === "unreachable" ? "unreachable" : "failed";
      return { reason, detail: `${recorder}: ${error instanceof Error ? error.message : String(error)}` };
    } finally {
      this.#inHand -= 1;
    }
  }

  async #play(from: Timestamp, to: Timestamp, signal: AbortSignal): Promise<PictureTaken> {
    const { bytes_max = CLIP_BYTES_MAX, clock, ffmpeg = "ffmpeg", recorder, target } = this.#options;
    const now = (): Timestamp => clock.instant().wall;
    const client = new SoapClient(target, { now, pseudonym: () => "" }, ONVIF_LIMITS);
    const offset_ms = await client.readClock(signal);
    const { username, secret = "" } = target;
    const replay: Replay = {
      uri: await this.#findReplay(new OnvifServices(client), to + offset_ms, signal),
      login: username === undefined ? undefined : { username, password: secret },
      from: from + offset_ms,
      to: to + offset_ms,
      bytes_max: bytes_max * OVERHEAD,
    };
    const gate = await ReplayGate.open(replay);
    try {
      const stream = await transportStream(gate.url, ffmpeg, signal);
      const { first, overflowed, refusal } = gate;
      if (overflowed) throw new Error(`would bring more than the ${bytes_max} bytes of a clip`);
      if (refusal !== undefined && refusal.status !== INVALID_RANGE)
        throw new Error(`refuses ${refusal.method} with RTSP status ${refusal.status}`);
      const cutter = new KeyPictureCutter();
      const runs = cutter.push(stream);
      const begin = runs.findIndex(({ key }) => key);
      if (begin < 0 || cutter.tables === undefined) throw nothingThere();
      const parts = [cutter.tables, ...runs.slice(begin).map(({ data }) => data)];
      const data = await mp4Of(parts, cutter.codec, ffmpeg, signal);
      return { data, takenAt: Math.round((first ?? replay.from) - offset_ms), recorder };
    } finally {
      gate.close();
    }
  }

  /** `to`: the end of what is wanted, on the recorder's clock. */
  async #findReplay(services: OnvifServices, to: Timestamp, signal: AbortSignal): Promise<URL> {
    const { channel, target } = this.#options;
    const recordings = parseRecordings(await services.ask("recording", getRecordings, signal));
    const sources = await services.channels(signal);
    const item =
      recordings.find(({ sourceId }) => sources.get(sourceId ?? "") === channel) ?? recordings[channel - 1];
    if (item === undefined) throw new Error(`has no recording of channel ${channel}`);
    const { token } = item;
    const answer = await services.ask("search", getRecordingInformation(token), signal);
    const { earliest } = parseRecordingInformation(answer) ?? {};
    if (earliest !== undefined && earliest > to) throw nothingThere();
    const uri = parseReplayUri(await services.ask("replay", getReplayUri(token), signal));
    if (uri === undefined || !/^rtsps?:\/\//.test(uri) || !URL.canParse(uri))
      throw new Error("gives no address for its replay");
    // It may call itself by a name of its own network; the login goes where the recorder was found and nowhere else.
    const url = new URL(uri);
    url.hostname = target.url.hostname;
    url.username = "";
    url.password = "";
    return url;
  }
}

const nothingThere = (): Error => new Error("has nothing recorded of that time");

/** What FFmpeg makes of the gate's stream, to its end; nothing where it could read nothing. */
async function transportStream(url: URL, ffmpeg: string, signal: AbortSignal): Promise<Buffer> {
  const child = spawn(ffmpeg, TO_TRANSPORT_STREAM, {
    stdio: ["pipe", "pipe", "pipe"],
    signal,
    killSignal: "SIGKILL",
    env: FFMPEG_ENVIRONMENT,
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.name === "AbortError" ? new Error("did not come to an end in time") : missing(ffmpeg, error),
      ),
    );
    child.on("close", () => resolve());
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(streamList({ url }, REPLAY_MS_MAX));
  const [stream] = await Promise.all([
    collect(child.stdout as Readable, CLIP_BYTES_MAX * OVERHEAD),
    collect(child.stderr as Readable, ERROR_TEXT_BYTES_MAX),
    ended,
  ]);
  return stream;
}
