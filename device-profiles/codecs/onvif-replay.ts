/** What ONVIF adds to RTP and RTSP for replay (ONVIF Streaming Specification, clause 6). */
import type { Timestamp } from "../vocabulary/index.ts";

/** In `Require` of SETUP and PLAY: who does not know it refuses with 551. */
export const REPLAY_FEATURE = "onvif-replay";

const EXTENSION_ID = 0xabac;
const EXTENSION_WORDS = 3;
const RTP_HEADER_BYTES = 12;
const RTP_EXTENSION_FLAG = 0x10;
/** Between the eras of NTP, 1900, and of Unix, 1970. */
const NTP_EPOCH_S = 2_208_988_800;
const NTP_FRACTION = 2 ** 32;
const [CLEAN_POINT, END_OF_SECTION] = [0x80, 0x40] as const;

/** The header extension of a replayed packet. */
export interface ReplayMark {
  /** When the frame was taken, by the recorder's clock. */
  readonly at: Timestamp;
  /** Decoding can begin with this frame. */
  readonly isCleanPoint: boolean;
  /** The last frame before a gap in the recording. */
  readonly endsSection: boolean;
}

/** Undefined for a packet without the extension, or that is no RTP. */
export function readReplayMark(packet: Uint8Array): ReplayMark | undefined {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  if (packet.length < RTP_HEADER_BYTES || view.getUint8(0) >> 6 !== 2) return undefined;
  if ((view.getUint8(0) & RTP_EXTENSION_FLAG) === 0) return undefined;
  const begin = RTP_HEADER_BYTES + 4 * (view.getUint8(0) & 0x0f);
  if (packet.length < begin + 4 * (1 + EXTENSION_WORDS) || view.getUint16(begin) !== EXTENSION_ID)
    return undefined;
  const seconds = view.getUint32(begin + 4) - NTP_EPOCH_S;
  const flags = view.getUint8(begin + 12);
  return {
    at: Math.round(seconds * 1_000 + (view.getUint32(begin + 8) * 1_000) / NTP_FRACTION),
    isCleanPoint: (flags & CLEAN_POINT) !== 0,
    endsSection: (flags & END_OF_SECTION) !== 0,
  };
}

/** The extension itself, from its identifier on. */
export function writeReplayMark({ at, endsSection, isCleanPoint }: ReplayMark): Uint8Array {
  const bytes = new Uint8Array(4 * (1 + EXTENSION_WORDS));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, EXTENSION_ID);
  view.setUint16(2, EXTENSION_WORDS);
  view.setUint32(4, Math.floor(at / 1_000) + NTP_EPOCH_S);
  view.setUint32(8, Math.floor(((at % 1_000) * NTP_FRACTION) / 1_000));
  view.setUint8(12, (isCleanPoint ? CLEAN_POINT : 0) | (endsSection ? END_OF_SECTION : 0));
  return bytes;
}

/** `Range` of RFC 2326, clause 3.7: `clock=20261122T143000.500Z-20261122T143015.000Z`. */
export function clockRange(from: Timestamp, to: Timestamp): string {
  const clock = (at: Timestamp): string => new Date(at).toISOString().replace(/[-:]/g, "");
  return `clock=${clock(from)}-${clock(to)}`;
}

/** The reverse; undefined for what is no span of absolute time. */
export function readClockRange(
  text: string,
): { readonly from: Timestamp; readonly to: Timestamp } | undefined {
  const times = /^clock=(\S+)-(\S+)$/.exec(text)?.slice(1).map(clockTime) ?? [];
  const [from, to] = times;
  return from === undefined || to === undefined || to < from ? undefined : { from, to };
}

function clockTime(text: string): Timestamp | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d(?:\.\d+)?)Z$/.exec(text)?.slice(1) ?? [];
  const [year, month, day, hour, minute, second] = parts;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isFinite(at) ? at : undefined;
}
