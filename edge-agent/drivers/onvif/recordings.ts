/** Profile G: whether a device records, and how far back its recordings go. */
import {
  getRecordingInformation,
  getRecordings,
  parseRecordingInformation,
  parseRecordings,
  type RecordingItem,
} from "@campus-ops/device-profiles/codecs/onvif-services";
import { GOOD, type Sample, type SampleValue, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { OnvifServices } from "./services.ts";

const DAY_ms = 86_400_000;
/** Recordings that are asked about at one look, in turn: a large recorder has hundreds. */
const RECORDINGS_PER_LOOK = 8;

export interface RecordingClock {
  readonly now: () => Timestamp;
  /** The device's clock minus ours. */
  readonly offset_ms: () => number;
}

export class Recordings {
  readonly #services: OnvifServices;
  readonly #kind: "device" | "channels";
  readonly #clock: RecordingClock;
  /** What is known of each channel, or of the device under 0. */
  readonly #known = new Map<number, { readonly active: boolean | null; readonly keptDays: number | null }>();
  #turn = 0;

  constructor(services: OnvifServices, kind: "device" | "channels", clock: RecordingClock) {
    this.#services = services;
    this.#kind = kind;
    this.#clock = clock;
  }

  async read(signal: AbortSignal): Promise<readonly Sample[]> {
    const all = parseRecordings(await this.#services.ask("recording", getRecordings, signal));
    const recordings = this.#kind === "device" ? all.slice(0, 1) : all;
    const channels = this.#kind === "device" ? undefined : await this.#services.channels(signal);
    for (let i = 0; i < Math.min(RECORDINGS_PER_LOOK, recordings.length); i += 1) {
      const index = this.#turn % recordings.length;
      const item = recordings[index];
      this.#turn += 1;
      // Without a source that is known the order stands in.
      const channel = channels === undefined ? 0 : (channels.get(item?.sourceId ?? "") ?? index + 1);
      if (item !== undefined) await this.#ask(item, channel, signal);
    }
    const now = this.#clock.now();
    return [...this.#known].flatMap(([channel, { active, keptDays }]) => {
      const [capability, activity] =
        channel === 0 ? ["Recording", "Active"] : [`Channel/${channel}`, "Recording"];
      return [
        sample(`${capability}/${activity}`, active, now),
        sample(`${capability}/KeptDays`, keptDays, now),
      ];
    });
  }

  async #ask({ token }: RecordingItem, channel: number, signal: AbortSignal): Promise<void> {
    const body = await this.#services.ask("search", getRecordingInformation(token), signal);
    const information = parseRecordingInformation(body);
    if (information === undefined) return;
    const { earliest, status } = information;
    const deviceNow = this.#clock.now() + this.#clock.offset_ms();
    this.#known.set(channel, {
      active: status === undefined || status === "Unknown" ? null : status === "Recording",
      keptDays: earliest === undefined ? null : (deviceNow - earliest) / DAY_ms,
    });
  }
}

function sample(metric: string, value: SampleValue, eventTime: Timestamp): Sample {
  const quality = value === null ? ({ status: "bad", reason: "not-read" } as const) : GOOD;
  return { metric, value, quality, eventTime };
}
