/** What ChirpStack says of a device, in the platform's vocabulary. */
import { decodePayload, PayloadError } from "../codecs/payload-fields.ts";
import type {
  DeviceEvent,
  MetricName,
  Reading,
  Sample,
  SampleValue,
  Timestamp,
} from "../vocabulary/index.ts";
import { parseStatus, parseUplink, type Uplink } from "./chirpstack-messages.ts";
import type { ChirpstackProfile } from "./chirpstack-profile.ts";
import { type EventTime, timeAsTold } from "./device-time.ts";
import { readValue } from "./source-value.ts";

export interface LorawanReading extends Reading {
  /** Names the frame, however many gateways heard it and however often it is told. */
  readonly id: string;
  /** Why the payload could not be read to its end; what stood before is there. */
  readonly problem?: string;
}

/** `event/up`. Throws {@link SourceMessageError} for what is none. */
export function readUplink(
  profile: ChirpstackProfile,
  payload: Uint8Array,
  receivedAt: Timestamp,
): LorawanReading {
  const { data, deduplicationId, heard, time } = parseUplink(payload);
  const told = timeAsTold(time, { receivedAt, live: true });
  const radio = radioOf(heard, told);
  if (data.length === 0) return { id: deduplicationId, samples: radio, events: [] };
  let problem: string | undefined;
  let fields: ReadonlyMap<string, number>;
  try {
    fields = decodePayload(profile.payload, data);
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

/**
 * `event/status`: what the device says of its battery when the network asks, once a day or so. Throws
 * {@link SourceMessageError} for what is none.
 */
export function readStatus(payload: Uint8Array, receivedAt: Timestamp): LorawanReading {
  const { batteryLevel, deduplicationId, time } = parseStatus(payload);
  const told = timeAsTold(time, { receivedAt, live: true });
  const samples: readonly Sample[] =
    batteryLevel === undefined ? [] : [{ ...told, metric: "Battery/Level", value: Math.round(batteryLevel) }];
  return { id: deduplicationId, samples, events: [] };
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
function radioOf(heard: Uplink["heard"], told: EventTime): readonly Sample[] {
  const best = heard.toSorted((a, b) => b.rssi - a.rssi)[0];
  if (best === undefined) return [];
  const values: readonly (readonly [MetricName, SampleValue])[] = [
    ["Radio/SignalStrength", best.rssi],
    ["Radio/SignalToNoise", best.snr],
  ];
  return values.map(([metric, value]) => ({ ...told, metric, value }));
}
