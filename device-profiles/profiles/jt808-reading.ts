/** What the messages of a bus terminal mean in the platform's vocabulary. */
import {
  type DriverCard,
  type Location,
  parseLocation,
  type Registration,
} from "../codecs/jt808-messages.ts";
import {
  type DeviceEvent,
  GOOD,
  type MetricName,
  metricDefinition,
  type Quality,
  type Reading,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
import { type EventTime, timeAsTold } from "./device-time.ts";
import type { Jt808Item, Jt808Profile } from "./jt808-profile.ts";

export interface Jt808Receipt {
  readonly receivedAt: Timestamp;
  /** False for what the terminal could not send when it happened. */
  readonly live: boolean;
  /** Of the message, 0 to 65535. */
  readonly serial: number;
  /** A card's number in, a credential out. */
  readonly pseudonym: (text: string) => string;
}

/** What the newest location showed; locations come out of order after a dead zone. */
export interface BusState {
  readonly time: Timestamp;
  readonly samples: readonly Sample[];
}

const POSITIONED = 1 << 1;
const SENTINEL: Quality = { status: "bad", reason: "sentinel" };
const OUT_OF_RANGE: Quality = { status: "bad", reason: "out-of-range" };

/**
 * One location message. An older one than the newest tells where the bus was, and of its states only the alarms: a
 * signal from a dead zone is told though it is over, and what holds now is told again after it.
 */
export function readLocation(
  profile: Jt808Profile,
  body: Uint8Array,
  receipt: Jt808Receipt,
  newest: BusState | undefined,
): { readonly reading: Reading; readonly newest: BusState } {
  const location = parseLocation(body);
  const told = timeAsTold(location.time, receipt);
  const samples = samplesOf(profile, location, told);
  const events = positionOf(location, told, receipt);
  if (newest === undefined || told.eventTime >= newest.time) {
    return { reading: { samples, events }, newest: { time: told.eventTime, samples } };
  }
  const alarms = samples.filter(({ metric, value }) => value === true && isAlarm(metric));
  const now = newest.samples.filter(({ metric }) => alarms.some((alarm) => alarm.metric === metric));
  return { reading: { samples: [...alarms, ...now], events }, newest };
}

const isAlarm = (metric: MetricName): boolean => metricDefinition(metric)?.dataClass === "alarm";

function samplesOf(profile: Jt808Profile, location: Location, told: EventTime): readonly Sample[] {
  const { alarm, items, speed_km_h, status } = location;
  const sample = (metric: MetricName, value: SampleValue, quality: Quality = told.quality): Sample => ({
    ...told,
    metric,
    value,
    quality,
  });
  const flags = (word: number, bits: Readonly<Record<MetricName, readonly number[]>>): readonly Sample[] =>
    Object.entries(bits).map(([metric, set]) =>
      sample(
        metric,
        set.some((bit) => ((word >>> bit) & 1) === 1),
      ),
    );
  const measured = Object.entries(profile.items).flatMap(([id, item]) => {
    const bytes = items.get(Number(id));
    if (bytes === undefined) return [];
    if (bytes.length !== item.bytes) return [sample(item.metric, null, OUT_OF_RANGE)];
    return bytes.every((byte) => byte === 0xff)
      ? [sample(item.metric, null, SENTINEL)]
      : [sample(item.metric, scaled(item, bytes))];
  });
  const speed = speed_km_h === 6553.5 ? sample("Bus/Speed", null, SENTINEL) : sample("Bus/Speed", speed_km_h);
  return [...flags(alarm, profile.alarms), ...flags(status, profile.states), speed, ...measured];
}

/** Rounded to the decimals of the scale: 0.1 × 3 is 0.3. */
function scaled({ scale }: Jt808Item, bytes: Uint8Array): number {
  const count = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return scale < 1 ? count / Math.round(1 / scale) : count * scale;
}

/** None while the terminal does not know where it is. */
function positionOf(location: Location, told: EventTime, { serial }: Jt808Receipt): readonly DeviceEvent[] {
  const { altitude_m: altitude, heading, latitude, longitude, speed_km_h: speed, status } = location;
  if ((status & POSITIONED) === 0) return [];
  const fields = { latitude, longitude, altitude, speed, heading };
  const quality = qualityOfPlace(latitude, longitude) ?? told.quality;
  const id = identityOf(location.time, told, serial, Object.values(fields));
  return [{ event: "Bus/Position", id, ...told, quality, fields }];
}

/**
 * The same for a report that is sent again, live or from the backlog: serial numbers are new each time. Where the clock
 * stands still they are all that tells two reports of a parked bus apart.
 */
function identityOf(
  time: Timestamp | undefined,
  { quality }: EventTime,
  serial: number,
  said: readonly unknown[],
): string {
  const when = quality.status === "good" ? [time] : [time, `message ${serial}`];
  return [...when, ...said].join(" ");
}

/** A fix at 0° 0° is a receiver's way of saying that it has none. */
function qualityOfPlace(latitude: number, longitude: number): Quality | undefined {
  if (latitude === 0 && longitude === 0) return SENTINEL;
  return Math.abs(latitude) > 90 || Math.abs(longitude) > 180 ? OUT_OF_RANGE : undefined;
}

export function readDriverCard(card: DriverCard, receipt: Jt808Receipt): Reading {
  const told = timeAsTold(card.time, receipt);
  const fields = {
    inserted: card.inserted,
    credential: card.licence === undefined ? null : receipt.pseudonym(card.licence),
    result: card.result ?? null,
  };
  const id = identityOf(card.time, told, receipt.serial, Object.values(fields));
  return { samples: [], events: [{ event: "Bus/Driver", id, ...told, fields }] };
}

export function readRegistration(
  { manufacturer, model, terminal }: Registration,
  eventTime: Timestamp,
): readonly Sample[] {
  const facts = {
    "Properties/Vendor": manufacturer,
    "Properties/Model": model,
    "Properties/Serial": terminal,
  };
  return Object.entries(facts).map(([metric, value]) => ({ metric, value, quality: GOOD, eventTime }));
}
