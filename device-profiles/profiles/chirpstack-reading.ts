/** What ChirpStack says of a device (v4, JSON), in the platform's vocabulary. */
import { parseDateTime } from "../codecs/iso-time.ts";
import { decodePayload, PayloadError } from "../codecs/payload-fields.ts";
import type {
  DeviceEvent,
  MetricName,
  Reading,
  Sample,
  SampleValue,
  Timestamp,
} from "../vocabulary/index.ts";
import type { ChirpstackProfile } from "./chirpstack-profile.ts";
import { type EventTime, timeAsTold } from "./device-time.ts";
import { isObject, objectOf, SourceMessageError } from "./source-message.ts";
import { readValue } from "./source-value.ts";

export interface LorawanReading extends Reading {
  /** Names the frame, however many gateways heard it and however often it is told. */
  readonly id: string;
  /** Why the payload could not be read to its end; what stood before is there. */
  readonly problem?: string;
}

/** `event/up`. Throws {@link SourceMessageError} for what is none. */
export function readUplink(profile: ChirpstackProfile, text: string, receivedAt: Timestamp): LorawanReading {
  const message = objectOf(text);
  const { deduplicationId, rxInfo } = message;
  if (typeof deduplicationId !== "string") throw new SourceMessageError("an uplink without deduplicationId");
  const told = timeOf(message, receivedAt);
  const radio = radioOf(rxInfo, told);
  const { data } = message;
  // A frame without a payload only shows that the device is there.
  if (typeof data !== "string" || data === "") return { id: deduplicationId, samples: radio, events: [] };
  let problem: string | undefined;
  let fields: ReadonlyMap<string, number>;
  try {
    fields = decodePayload(profile.payload, decodeBase64(data));
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error;
    problem = error.message;
    fields = error.read;
  }
  const samples = [...fields].flatMap(([name, raw]): readonly Sample[] => {
    const source = profile.values[name];
    if (source === undefined) return [];
    const { quality, value } = readValue(source, raw);
    return [{ ...told, metric: source.metric, value, quality: quality ?? told.quality }];
  });
  const reading = {
    id: deduplicationId,
    samples: [...samples, ...radio],
    events: actionsOf(profile, fields, deduplicationId, told),
  };
  return problem === undefined ? reading : { ...reading, problem };
}

/** `event/status`: what the device says of its battery when the network asks, once a day or so. */
export function readStatus(text: string, receivedAt: Timestamp): LorawanReading {
  const message = objectOf(text);
  const { batteryLevel, batteryLevelUnavailable, deduplicationId, externalPowerSource } = message;
  const told = timeOf(message, receivedAt);
  const hasBattery =
    typeof batteryLevel === "number" && batteryLevelUnavailable !== true && externalPowerSource !== true;
  const samples: readonly Sample[] = hasBattery
    ? [{ ...told, metric: "Battery/Level", value: Math.round(batteryLevel) }]
    : [];
  return { id: String(deduplicationId), samples, events: [] };
}

function actionsOf(
  { actions = {} }: ChirpstackProfile,
  fields: ReadonlyMap<string, number>,
  id: string,
  told: EventTime,
): readonly DeviceEvent[] {
  return [...fields].flatMap(([name, raw]) => {
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined) return [];
    return [{ event: action.event, id, ...told, fields: { action: action.words[raw] ?? `code ${raw}` } }];
  });
}

/** Of the gateway that heard it best. */
function radioOf(rxInfo: unknown, told: EventTime): readonly Sample[] {
  if (!Array.isArray(rxInfo)) return [];
  const heard = rxInfo
    .filter(isObject)
    .flatMap(({ rssi, snr }) => (typeof rssi === "number" ? [{ rssi, snr }] : []));
  const best = heard.toSorted((a, b) => b.rssi - a.rssi)[0];
  if (best === undefined) return [];
  const values: readonly (readonly [MetricName, SampleValue])[] = [
    ["Radio/SignalStrength", best.rssi],
    // Protobuf leaves a zero out.
    ["Radio/SignalToNoise", typeof best.snr === "number" ? best.snr : 0],
  ];
  return values.map(([metric, value]) => ({ ...told, metric, value }));
}

/** RFC 3339 with up to nine decimals; set by the network server when it hears the frame. */
function timeOf({ time }: Readonly<Record<string, unknown>>, receivedAt: Timestamp): EventTime {
  return timeAsTold(typeof time === "string" ? parseDateTime(time) : undefined, {
    receivedAt,
    live: true,
  });
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

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
