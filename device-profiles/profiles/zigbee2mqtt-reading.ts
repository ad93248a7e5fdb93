/** What Zigbee2MQTT says of a device, in the platform's vocabulary. */
import { parseDateTime } from "../codecs/iso-time.ts";
import {
  type DeviceEvent,
  GOOD,
  type MetricName,
  type Reading,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
import { type EventTime, timeAsTold } from "./device-time.ts";
import { isObject, listOf, objectOf } from "./source-message.ts";
import { readValue } from "./source-value.ts";
import type { Zigbee2mqttProfile } from "./zigbee2mqtt-profile.ts";

export interface ZigbeeReceipt {
  readonly receivedAt: Timestamp;
  /** True for what the broker kept: when it was true is not known, unless the message says so. */
  readonly retained: boolean;
}

/** The device's own message: a JSON object of its properties. Throws {@link SourceMessageError}. */
export function readZigbeeState(profile: Zigbee2mqttProfile, text: string, receipt: ZigbeeReceipt): Reading {
  const message = objectOf(text);
  const told = timeOf(message.last_seen, receipt);
  const samples = Object.entries(profile.exposes).flatMap(([property, source]): readonly Sample[] => {
    if (!Object.hasOwn(message, property)) return [];
    const { quality, value } = readValue(source, message[property]);
    return [{ ...told, metric: source.metric, value, quality: quality ?? told.quality }];
  });
  return { samples, events: profile.hasActions === true ? actionOf(message, told, receipt) : [] };
}

/**
 * Zigbee2MQTT numbers nothing: the time of an action is its identity. An action that the broker kept was told when it
 * happened; an empty one is how older versions say that it is over.
 */
function actionOf(
  message: Readonly<Record<string, unknown>>,
  told: EventTime,
  { receivedAt, retained }: ZigbeeReceipt,
): readonly DeviceEvent[] {
  const { action } = message;
  if (retained || typeof action !== "string" || action === "") return [];
  const when = message.last_seen ?? receivedAt;
  return [{ event: "Button/Pressed", id: `${String(when)} ${action}`, ...told, fields: { action } }];
}

/** `last_seen` is text in ISO 8601, or milliseconds since 1970, as Zigbee2MQTT is configured; by default it is not there. */
function timeOf(lastSeen: unknown, { receivedAt, retained }: ZigbeeReceipt): EventTime {
  const time = typeof lastSeen === "string" ? parseDateTime(lastSeen) : lastSeen;
  if (typeof time === "number") return timeAsTold(time, { receivedAt, live: !retained });
  return retained
    ? timeAsTold(undefined, { receivedAt, live: false })
    : { eventTime: receivedAt, quality: GOOD };
}

/** One entry of `bridge/devices`. */
export interface ZigbeeEntry {
  /** The name that its topics bear. */
  readonly friendlyName: string;
  readonly facts: readonly (readonly [MetricName, SampleValue])[];
}

/** The device that is called `name`, by its friendly name or its IEEE address. Throws {@link SourceMessageError}. */
export function findZigbeeDevice(text: string, name: string): ZigbeeEntry | undefined {
  for (const each of listOf(text)) {
    if (!isObject(each)) continue;
    const { definition, friendly_name, ieee_address, software_build_id } = each;
    if (friendly_name !== name && ieee_address !== name) continue;
    const { model, vendor } = isObject(definition) ? definition : {};
    const facts: readonly (readonly [MetricName, unknown])[] = [
      ["Properties/Vendor", vendor],
      ["Properties/Model", model],
      ["Properties/Serial", ieee_address],
      ["Properties/Firmware", software_build_id],
    ];
    return {
      friendlyName: String(friendly_name),
      facts: facts.flatMap(([metric, value]) =>
        typeof value === "string" ? [[metric, value] as const] : [],
      ),
    };
  }
  return undefined;
}

/** `{"state":"online"}`, or the bare word as older versions say it; undefined for anything else. */
export function parseAvailability(text: string): "online" | "offline" | undefined {
  const word = text.startsWith("{") ? objectOf(text).state : text;
  return word === "online" || word === "offline" ? word : undefined;
}
