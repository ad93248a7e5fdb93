/**
 * ChirpStack v4 on MQTT (`integration.UplinkEvent`, `StatusEvent` and `DownlinkCommand` of its API), as JSON and as Protocol
 * Buffers: `json` in the MQTT integration of the server's configuration says which, and each message shows it.
 */
import { parseDateTime } from "../codecs/iso-time.ts";
import {
  bytesOf,
  encodeProtobuf,
  floatOf,
  integerOf,
  ProtobufError,
  protobufFields,
  protobufMessage,
  textOf,
  type WireValue,
} from "../codecs/protobuf.ts";
import type { Timestamp } from "../vocabulary/index.ts";
import { isObject, objectOf, SourceMessageError } from "./source-message.ts";

export type Marshaler = "json" | "protobuf";

export interface Uplink {
  /** Names the frame, however many gateways heard it and however often it is told. */
  readonly deduplicationId: string;
  /** When the network server heard it; absent when it tells none that makes sense. */
  readonly time: Timestamp | undefined;
  /** Empty for a frame that only shows that the device is there. */
  readonly data: Uint8Array;
  /** By each gateway: dBm and dB. */
  readonly heard: readonly { readonly rssi: number; readonly snr: number }[];
}

export interface DeviceStatus {
  readonly deduplicationId: string;
  readonly time: Timestamp | undefined;
  /** Per cent; absent where the device has no battery, or does not know. */
  readonly batteryLevel: number | undefined;
}

export interface DownlinkCommand {
  readonly devEui: string;
  readonly fPort: number;
  readonly data: Uint8Array;
}

/** A message in Protocol Buffers begins with the tag of its id, which is JSON's line feed, and the length of the id. */
export function marshalerOf(payload: Uint8Array): Marshaler {
  const first = payload.find((byte) => !JSON_SPACES.has(byte));
  return first === OPENING_BRACE && payload[1] !== UUID_CHARACTERS ? "json" : "protobuf";
}

const JSON_SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const OPENING_BRACE = 0x7b;
const UUID_CHARACTERS = 36;

/** `event/up`. Throws {@link SourceMessageError} for what is none. */
export function parseUplink(payload: Uint8Array): Uplink {
  const uplink =
    marshalerOf(payload) === "json" ? uplinkFromJson(payload) : fromProtobuf(payload, uplinkFields);
  if (uplink.deduplicationId === "") throw new SourceMessageError("an uplink without deduplicationId");
  return uplink;
}

/** `event/status`. Throws {@link SourceMessageError} for what is none. */
export function parseStatus(payload: Uint8Array): DeviceStatus {
  if (marshalerOf(payload) === "protobuf") return fromProtobuf(payload, statusFields);
  const message = objectOf(utf8.decode(payload));
  const { batteryLevel, batteryLevelUnavailable, deduplicationId, externalPowerSource } = message;
  const hasBattery = batteryLevelUnavailable !== true && externalPowerSource !== true;
  return {
    deduplicationId: String(deduplicationId),
    time: timeOf(message),
    batteryLevel: hasBattery && typeof batteryLevel === "number" ? batteryLevel : undefined,
  };
}

/** `command/down`, confirmed. */
export function formatDownlink({ data, devEui, fPort }: DownlinkCommand, marshaler: Marshaler): Uint8Array {
  if (marshaler === "json") {
    const command = { devEui, confirmed: true, fPort, data: encodeBase64(data) };
    return new TextEncoder().encode(JSON.stringify(command));
  }
  return encodeProtobuf([
    [2, new TextEncoder().encode(devEui)],
    [3, 1],
    [4, fPort],
    [5, data],
  ]);
}

const utf8 = new TextDecoder();

function uplinkFromJson(payload: Uint8Array): Uplink {
  const message = objectOf(utf8.decode(payload));
  const { data, deduplicationId, rxInfo } = message;
  return {
    deduplicationId: typeof deduplicationId === "string" ? deduplicationId : "",
    time: timeOf(message),
    data: typeof data === "string" ? decodeBase64(data) : new Uint8Array(),
    heard: (Array.isArray(rxInfo) ? rxInfo : []).filter(isObject).flatMap(({ rssi, snr }) =>
      // A zero is left out.
      typeof rssi === "number" ? [{ rssi, snr: typeof snr === "number" ? snr : 0 }] : [],
    ),
  };
}

function fromProtobuf<T>(payload: Uint8Array, read: (payload: Uint8Array) => T): T {
  try {
    return read(payload);
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw new SourceMessageError(`neither JSON nor Protocol Buffers: ${error.message}`);
  }
}

function uplinkFields(payload: Uint8Array): Uplink {
  const fields = protobufMessage(payload);
  const heard = [...protobufFields(payload)].flatMap(([field, value]) => {
    if (field !== 12) return [];
    const gateway = protobufMessage(bytesOf(value));
    return [{ rssi: integerOf(gateway.get(6)), snr: Math.round(floatOf(gateway.get(7)) * 100) / 100 }];
  });
  const [deduplicationId, time] = [textOf(fields.get(1)), timestampOf(fields.get(2))];
  return { deduplicationId, time, data: bytesOf(fields.get(10)), heard };
}

function statusFields(payload: Uint8Array): DeviceStatus {
  const fields = protobufMessage(payload);
  const hasBattery = integerOf(fields.get(6)) === 0 && integerOf(fields.get(7)) === 0;
  return {
    deduplicationId: textOf(fields.get(1)),
    time: timestampOf(fields.get(2)),
    batteryLevel: hasBattery && fields.has(8) ? floatOf(fields.get(8)) : undefined,
  };
}

/** `google.protobuf.Timestamp`. */
function timestampOf(value: WireValue | undefined): Timestamp | undefined {
  if (value === undefined) return undefined;
  const fields = protobufMessage(bytesOf(value));
  return integerOf(fields.get(1)) * 1_000 + Math.floor(integerOf(fields.get(2)) / 1e6);
}

/** RFC 3339 with up to nine decimals. */
function timeOf({ time }: Readonly<Record<string, unknown>>): Timestamp | undefined {
  return typeof time === "string" ? parseDateTime(time) : undefined;
}

function decodeBase64(text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new SourceMessageError("data is no base64");
  const digits = text.replace(/=+$/, "");
  const bytes = new Uint8Array(Math.floor((digits.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const digit of digits) {
    held = (held << 6) | ALPHABET.indexOf(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (held >> bits) & 0xff;
    at += 1;
    held &= (1 << bits) - 1;
  }
  return bytes;
}

function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const held = (first << 16) | (second << 8) | third;
    const digits = [18, 12, 6, 0].map((shift) => ALPHABET[(held >> shift) & 0x3f] ?? "").join("");
    text += digits.slice(0, Math.min(3, bytes.length - at) + 1).padEnd(4, "=");
  }
  return text;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
