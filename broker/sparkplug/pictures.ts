/**
 * Pictures that a hub asks an edge node for, in Sparkplug's own terms: the request is an ordinary command to the node,
 * the picture comes as parts of a multi-part file (chapter 6.4.7, MetaData), each an ordinary record of the hand-off.
 *
 * A host that knows nothing of it sees one more File metric of the node.
 */
import {
  type CampusId,
  DataType,
  DeviceId,
  type NodeId,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { encodePayload } from "./encode.ts";
import type { Metric, MetricValue, PropertySet } from "./payload.ts";
import type { Publication } from "./publication.ts";
import { formatTopic } from "./topics.ts";

/** Names that belong to this road and not to the dictionary begin with it. */
export const PICTURE_PREFIX = "Picture/";
/** In NCMD: String, the request's id; beside it the device's id, what is wanted, and the moment that it is about. */
export const PICTURE_REQUEST = "Picture/Request";
export const PICTURE_DEVICE = "Picture/Device";
export const PICTURE_KIND = "Picture/Kind";
export const PICTURE_AT = "Picture/At";
/** In NDATA: File, one part of a picture. */
export const PICTURE_PART = "Picture/Part";
/** In NDATA: String, why there is no picture. */
export const PICTURE_REFUSAL = "Picture/Refusal";

const COUNT = "Count";
const SHA256 = "Sha256";
const REASON = "Reason";
const RECORDER = "Recorder";

/** Content of one part at most: a message stays far below what brokers and sockets take. */
export const PART_BYTES_MAX = 65_536;
/** A whole picture at most. */
export const PICTURE_BYTES_MAX = 8 * 1_048_576;
/** A whole clip at most: fifteen seconds and what lies before its first key picture, at 6 Mbit/s. */
export const CLIP_BYTES_MAX = 16 * 1_048_576;
export const REQUEST_ID_PATTERN = "^[A-Za-z0-9._-]{1,128}$";

export const PICTURE_KINDS = ["snapshot", "clip"] as const;
/** snapshot: a JPEG of now · clip: an MP4 without sound, from shortly before the moment to shortly after it. */
export type PictureKind = (typeof PICTURE_KINDS)[number];

/** The media type of each kind, and how large one may be. What is shown to people is nothing else. */
export const PICTURE_FORMATS = {
  snapshot: { contentType: "image/jpeg", bytes_max: PICTURE_BYTES_MAX },
  clip: { contentType: "video/mp4", bytes_max: CLIP_BYTES_MAX },
} as const satisfies Record<PictureKind, { contentType: string; bytes_max: number }>;

/** Of a media type that no kind has, 0. */
function bytesMaxOf(contentType: string | undefined): number {
  const format = Object.values(PICTURE_FORMATS).find((each) => each.contentType === contentType);
  return format?.bytes_max ?? 0;
}

/**
 * unreachable: the camera does not answer · unsupported: it takes no pictures · failed: it
 * was asked and did not deliver · full: the edge box has no room for it.
 */
export const PICTURE_REFUSALS = ["unreachable", "unsupported", "failed", "full"] as const;
export type PictureRefusalReason = (typeof PICTURE_REFUSALS)[number];

export interface PictureRequest {
  readonly id: string;
  readonly device: DeviceId;
  readonly kind: PictureKind;
  /** The moment that it is about, milliseconds since the Unix epoch. */
  readonly at: Timestamp;
}

export interface PicturePart {
  readonly request: string;
  /** 0 to `count` - 1. */
  readonly index: number;
  readonly count: number;
  /** Of the whole picture. */
  readonly bytes: number;
  /** Of the whole picture, hexadecimal. */
  readonly sha256: string;
  readonly contentType: string;
  /** When it was taken. */
  readonly takenAt: Timestamp;
  /** Who had it, where it does not come from the camera itself: a device of the same node. */
  readonly recorder?: DeviceId;
  readonly data: Uint8Array;
}

export interface PictureRefusal {
  readonly request: string;
  readonly reason: PictureRefusalReason;
  readonly detail: string;
  readonly at: Timestamp;
}

/** What a hub says, among its own processes, of a picture that one of them asked for. */
export interface PictureView {
  readonly id: string;
  /** The camera: `campus/node/device`. */
  readonly device: string;
  readonly kind: PictureKind;
  /** The moment that it is about. */
  readonly at: Timestamp;
  readonly askedAt: Timestamp;
  /** refused: there is none, for `reason`; a picture that comes all the same is taken. */
  readonly state: "asked" | "refused" | "taken";
  /** Grows with each that is settled. */
  readonly settled?: number;
  readonly settledAt?: Timestamp;
  readonly reason?: PictureRefusalReason;
  readonly detail?: string;
  /** Since when the camera, or its edge box, has not been there. */
  readonly since?: Timestamp;
  readonly sha256?: string;
  readonly bytes?: number;
  readonly contentType?: string;
  readonly takenAt?: Timestamp;
  /** Who had it, where it did not come from the camera itself: `campus/node/device`. */
  readonly recorder?: string;
}

/** What a birth declares, so that DATA may carry it [tck-id-topics-nbirth-metric-reqs]. */
export function pictureDeclarations(at: Timestamp): readonly Metric[] {
  return [
    { name: PICTURE_PART, datatype: DataType.File, timestamp: at, value: null },
    { name: PICTURE_REFUSAL, datatype: DataType.String, timestamp: at, value: null },
  ];
}

export function pictureCommand(
  { campus, node }: { readonly campus: CampusId; readonly node: NodeId },
  request: PictureRequest,
  time: Timestamp,
): Publication {
  const text = (name: string, value: string): Metric => ({
    name,
    timestamp: time,
    datatype: DataType.String,
    value,
  });
  const metrics = [
    text(PICTURE_REQUEST, request.id),
    text(PICTURE_DEVICE, request.device),
    text(PICTURE_KIND, request.kind),
    { name: PICTURE_AT, timestamp: time, datatype: DataType.DateTime, value: request.at },
  ];
  const payload = encodePayload({ timestamp: time, metrics }, { compact: true });
  return { topic: formatTopic({ type: "NCMD", address: { campus, node } }), payload, qos: 0, retain: false };
}

/** Of a command's metrics, which have their names; undefined when it asks for no picture, or for none that can be understood. */
export function readPictureRequest(metrics: readonly Metric[]): PictureRequest | undefined {
  const value = (name: string): MetricValue | undefined => metrics.find((each) => each.name === name)?.value;
  const id = value(PICTURE_REQUEST);
  const device = value(PICTURE_DEVICE);
  const kind = PICTURE_KINDS.find((each) => each === value(PICTURE_KIND));
  const at = value(PICTURE_AT);
  if (typeof id !== "string" || !new RegExp(REQUEST_ID_PATTERN).test(id)) return undefined;
  if (typeof device !== "string" || kind === undefined) return undefined;
  if (typeof at !== "number" || !Number.isSafeInteger(at)) return undefined;
  const of = deviceOf(device);
  return of === undefined ? undefined : { id, device: of, kind, at };
}

function deviceOf(text: string | undefined): DeviceId | undefined {
  try {
    return text === undefined ? undefined : DeviceId(text);
  } catch {
    return undefined;
  }
}

export function partMetric(part: PicturePart): Metric {
  const { bytes, contentType, count, data, index, recorder, request, sha256, takenAt } = part;
  return {
    name: PICTURE_PART,
    timestamp: takenAt,
    datatype: DataType.File,
    metadata: { isMultiPart: true, contentType, size: bytes, seq: index, fileName: request },
    properties: {
      [COUNT]: { type: DataType.UInt32, value: count },
      [SHA256]: { type: DataType.String, value: sha256 },
      ...(recorder === undefined ? {} : { [RECORDER]: { type: DataType.String, value: recorder } }),
    },
    value: data,
  };
}

/** The reverse; undefined when something of it is missing, or beyond a bound, or when its content was taken out. */
export function readPart({
  metadata,
  properties,
  timestamp,
  value,
}: Pick<Metric, "metadata" | "properties" | "timestamp" | "value">): PicturePart | undefined {
  const { contentType, fileName: request, seq: index, size: bytes } = metadata ?? {};
  const count = properties?.[COUNT]?.value;
  const sha256 = textOf(properties, SHA256);
  if (request === undefined || contentType === undefined || sha256 === undefined) return undefined;
  const bytes_max = bytesMaxOf(contentType);
  const count_max = bytes_max / PART_BYTES_MAX;
  if (!isCount(index, count_max - 1) || !isCount(count, count_max) || !isCount(bytes, bytes_max)) {
    return undefined;
  }
  if (timestamp === undefined || !(value instanceof Uint8Array)) return undefined;
  if (index >= count || value.length === 0 || value.length > PART_BYTES_MAX) return undefined;
  if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  const recorder = deviceOf(textOf(properties, RECORDER));
  const from = recorder === undefined ? {} : { recorder };
  return { request, index, count, bytes, sha256, contentType, takenAt: timestamp, ...from, data: value };
}

export function refusalMetric({ at, detail, reason, request }: PictureRefusal): Metric {
  return {
    name: PICTURE_REFUSAL,
    timestamp: at,
    datatype: DataType.String,
    metadata: { fileName: request },
    properties: { [REASON]: { type: DataType.String, value: reason } },
    value: detail,
  };
}

export function readRefusal({
  metadata,
  properties,
  timestamp,
  value,
}: Pick<Metric, "metadata" | "properties" | "timestamp" | "value">): PictureRefusal | undefined {
  const request = metadata?.fileName;
  const said = textOf(properties, REASON);
  const reason = PICTURE_REFUSALS.find((each) => each === said);
  if (request === undefined || reason === undefined || timestamp === undefined) return undefined;
  return { request, reason, detail: typeof value === "string" ? value : "", at: timestamp };
}

/** Cuts a picture into parts; the last is what is left. Throws a RangeError when it is empty or too large. */
export function partsOf(picture: Omit<PicturePart, "index" | "count" | "bytes">): readonly PicturePart[] {
  const { data, ...more } = picture;
  const bytes_max = bytesMaxOf(picture.contentType);
  if (data.length === 0 || data.length > bytes_max) {
    throw new RangeError(`${picture.contentType} of ${data.length} bytes; 1 to ${bytes_max} are allowed`);
  }
  const count = Math.ceil(data.length / PART_BYTES_MAX);
  return Array.from({ length: count }, (_, index) => ({
    ...more,
    index,
    count,
    bytes: data.length,
    data: data.subarray(index * PART_BYTES_MAX, (index + 1) * PART_BYTES_MAX),
  }));
}

function textOf(properties: PropertySet | undefined, name: string): string | undefined {
  const value = properties?.[name]?.value;
  return typeof value === "string" ? value : undefined;
}

function isCount(value: unknown, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max;
}
