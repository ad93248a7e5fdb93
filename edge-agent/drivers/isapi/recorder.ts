/** What a recorder is asked for: its disks, its cameras, and how far back each camera's recordings go. */
import {
  ISAPI_PATHS,
  oldestRecordingSearch,
  parseChannelStatus,
  parseOldestRecording,
  parseStorage,
} from "@campus-ops/device-profiles/codecs/isapi";
import { parseDateTime } from "@campus-ops/device-profiles/codecs/iso-time";
import { CHANNEL_MAX } from "@campus-ops/device-profiles/profiles/isapi-alerts";
import { samplesOfDisks } from "@campus-ops/device-profiles/profiles/isapi-profile";
import { GOOD, type Sample, type SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { type DriverEnvironment, DriverError } from "../driver.ts";
import type { IsapiDevice } from "./device.ts";

/** Recorders want a UUID here; one search is made at a time, so that one does. */
const SEARCH_ID = "6B1C1B2A-5E3F-4C57-9D0A-2F6E4A7C9B10";
const DAY_ms = 86_400_000;

export class Recorder {
  readonly #device: IsapiDevice;
  readonly #environment: DriverEnvironment;
  readonly #keptDays = new Map<number, number | null>();
  #turn = 0;

  constructor(device: IsapiDevice, environment: DriverEnvironment) {
    this.#device = device;
    this.#environment = environment;
  }

  async read(signal: AbortSignal): Promise<readonly Sample[]> {
    const disks = parseStorage(await this.#device.get(ISAPI_PATHS.storage, signal));
    if (disks === undefined) throw this.#device.client.garbage("tells nothing of its disks");
    const channels = parseChannelStatus(await this.#device.get(ISAPI_PATHS.channelStatus, signal))
      .filter(({ id }) => Number.isInteger(id) && id >= 1 && id <= CHANNEL_MAX)
      .slice(0, CHANNEL_MAX);
    // A search is work for the recorder: one channel at each look, in turn.
    const next = channels[this.#turn % Math.max(1, channels.length)];
    this.#turn += 1;
    if (next !== undefined) await this.#readKeptDays(next.id, signal);
    const now = this.#environment.now();
    return [
      ...samplesOfDisks(disks, now),
      ...channels.flatMap(({ id, online }) => [
        ...(online === undefined ? [] : [sample(`Channel/${id}/Online`, online, now)]),
        ...(this.#keptDays.has(id)
          ? [sample(`Channel/${id}/KeptDays`, this.#keptDays.get(id) ?? null, now)]
          : []),
      ]),
    ];
  }

  async #readKeptDays(channel: number, signal: AbortSignal): Promise<void> {
    const { clockOffset_ms, zone_minutes } = this.#device;
    // The device writes and reads local time here, and calls it UTC.
    const local = this.#environment.now() + clockOffset_ms + zone_minutes * 60_000;
    const until = new Date(local).toISOString().replace(/\.\d+/, "");
    const body = oldestRecordingSearch(SEARCH_ID, channel, until);
    try {
      const oldest = parseOldestRecording(await this.#device.send("POST", ISAPI_PATHS.search, body, signal));
      const start = parseDateTime(oldest ?? "");
      const days = start === undefined ? null : (local - start) / DAY_ms;
      if (oldest === null) this.#keptDays.set(channel, 0);
      else if (oldest !== undefined) this.#keptDays.set(channel, days);
    } catch (error) {
      // Recorders without a search are watched all the same.
      if (!(error instanceof DriverError) || error.kind !== "unsupported") throw error;
    }
  }
}

function sample(metric: string, value: SampleValue, eventTime: number): Sample {
  const quality = value === null ? ({ status: "bad", reason: "out-of-range" } as const) : GOOD;
  return { metric, value, quality, eventTime };
}
