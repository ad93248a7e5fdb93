/** Streams: what a few seconds of one tell, by its packets and its key pictures. */
import type { StreamPackets } from "../codecs/framecrc.ts";
import {
  GOOD,
  type MetricName,
  type Quality,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
import type { ProfileCommon } from "./profile.ts";

/** `pollInterval_ms` is from one probe to the next. */
export interface RtspProfile extends ProfileCommon {
  readonly protocol: "rtsp";
  /** How long each probe listens; at least two key pictures should come in it. */
  readonly window_s: number;
}

export const RTSP_METRICS = [
  "Stream/Alive",
  "Stream/Codec",
  "Stream/Width",
  "Stream/Height",
  "Stream/FrameRate",
  "Stream/BitRate",
  "Stream/Black",
  "Stream/Frozen",
] as const satisfies readonly MetricName[];

/** Key pictures are looked at in this size, in grey, one byte a pixel, sampled and not averaged: noise stays noise. */
export const PICTURE_WIDTH = 320;
export const PICTURE_HEIGHT = 180;
export const PICTURE_BYTES = PICTURE_WIDTH * PICTURE_HEIGHT;

/** Darker than this is dark, of 255. */
const DARK = 32;
const BLACK_SHARE = 0.98;
/** Pixels that differ by more than this have changed. */
const CHANGE = 4;
/** So few changed pixels are none: a sensor's noise, or a clock in the picture, changes more. */
const CHANGED_PIXELS_MAX = 8;
/** A picture is frozen when it has stood still for at least so long. */
export const FROZEN_MIN_ms = 10_000;

export function isBlack(picture: Uint8Array): boolean {
  const dark = picture.reduce((count, pixel) => (pixel < DARK ? count + 1 : count), 0);
  return dark >= picture.length * BLACK_SHARE;
}

export function isSamePicture(a: Uint8Array, b: Uint8Array): boolean {
  let changed = 0;
  for (let i = 0; i < a.length; i += 1) {
    if (Math.abs((a[i] ?? 0) - (b[i] ?? 0)) > CHANGE) changed += 1;
    if (changed > CHANGED_PIXELS_MAX) return false;
  }
  return a.length === b.length;
}

/** The picture that others are compared with, and since when nothing has changed. */
export interface Still {
  readonly picture: Uint8Array;
  readonly since: Timestamp;
}

/** What one probe brought. */
export interface Probe {
  readonly stream: StreamPackets;
  readonly pictures: readonly Uint8Array[];
  readonly at: Timestamp;
}

export interface ProbeResult {
  readonly samples: readonly Sample[];
  readonly still: Still | undefined;
}

const NOT_READ: Quality = { status: "bad", reason: "not-read" };

export function readProbe({ at, pictures, stream }: Probe, before: Still | undefined): ProbeResult {
  const alive = stream.packets.length > 1;
  const sample = (metric: MetricName, value: SampleValue): Sample => ({
    metric,
    value,
    quality: value === null ? NOT_READ : GOOD,
    eventTime: at,
  });
  const first = sample("Stream/Alive", alive);
  if (!alive) {
    const unseen = RTSP_METRICS.filter((metric) => metric !== first.metric);
    return { samples: [first, ...unseen.map((metric) => sample(metric, null))], still: undefined };
  }
  const newest = pictures.at(-1);
  const still = pictures.reduce<Still | undefined>(
    (kept, picture) =>
      kept !== undefined && isSamePicture(kept.picture, picture) ? kept : { picture, since: at },
    before,
  );
  return {
    samples: [
      first,
      sample("Stream/Codec", stream.codec ?? null),
      sample("Stream/Width", stream.width ?? null),
      sample("Stream/Height", stream.height ?? null),
      sample("Stream/FrameRate", frameRate(stream)),
      sample("Stream/BitRate", bitRate_Mbit(stream)),
      sample("Stream/Black", newest === undefined ? null : isBlack(newest)),
      sample("Stream/Frozen", frozen(still, before, pictures, at)),
    ],
    still,
  };
}

/** Null while nothing has changed, and not for long enough to say that nothing will. */
function frozen(
  still: Still | undefined,
  before: Still | undefined,
  pictures: readonly Uint8Array[],
  at: Timestamp,
): boolean | null {
  if (still === undefined || pictures.length === 0) return null;
  if (still === before) return at - still.since >= FROZEN_MIN_ms ? true : null;
  const [first = still.picture] = pictures;
  const moved = before !== undefined || !pictures.every((each) => isSamePicture(first, each));
  return moved ? false : null;
}

/** Packets of one picture bear one time. */
function frameRate({ packets }: StreamPackets): number | null {
  const times = [...new Set(packets.map(({ time_s }) => time_s))];
  const span_s = Math.max(...times) - Math.min(...times);
  return span_s > 0 ? round((times.length - 1) / span_s) : null;
}

function bitRate_Mbit({ packets }: StreamPackets): number | null {
  const times = packets.map(({ time_s }) => time_s);
  const first = Math.min(...times);
  const span_s = Math.max(...times) - first;
  // What came with the first picture belongs to the time before it.
  const bytes = packets.reduce((sum, packet) => (packet.time_s > first ? sum + packet.bytes : sum), 0);
  return span_s > 0 ? round((bytes * 8) / span_s / 1e6) : null;
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;
