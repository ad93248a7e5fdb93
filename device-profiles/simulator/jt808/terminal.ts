/** The inside of a simulated bus terminal: what it measures, and the messages it makes of it. No socket. */
import {
  type DriverCard,
  encodeDriverCard,
  encodeLocation,
  type Location,
  type Registration,
} from "../../codecs/jt808-messages.ts";
import { JT808_IDENTITY, type Jt808Profile } from "../../profiles/jt808-profile.ts";
import type { MetricName, SampleValue } from "../../vocabulary/index.ts";
import type { SimulatedFault } from "../simulated-device.ts";

/** The first day of its clock: with two digits for the year there is no 1970. */
const FIRST_DAY = Date.UTC(1999, 11, 31, 16);
const ZONE_ms = 8 * 3_600_000;
/** Of the manufacturer and the model, in bytes: ASCII here. */
const VENDOR_LENGTH = { 2013: 5, 2019: 11 } as const;
const MODEL_LENGTH = { 2013: 20, 2019: 30 } as const;
const SERIAL_LENGTH = { 2013: 7, 2019: 30 } as const;

export class SimulatedTerminal {
  fault: SimulatedFault | null = null;
  readonly #profile: Jt808Profile;
  readonly #now: () => number;
  readonly #world: Record<MetricName, SampleValue>;
  #place = { latitude: 30.572816, longitude: 104.066541, altitude_m: 500, heading: 90 };

  constructor(profile: Jt808Profile, now: () => number) {
    this.#profile = profile;
    this.#now = now;
    const { alarms, items, states } = profile;
    this.#world = {
      "Properties/Vendor": "70960",
      "Properties/Model": "SIM-808",
      "Properties/Serial": "0000001",
      "Bus/Speed": 0,
    };
    for (const metric of [...Object.keys(alarms), ...Object.keys(states)]) this.#world[metric] = false;
    for (const { metric } of Object.values(items)) this.#world[metric] = 0;
    if ("Bus/Positioned" in states) this.#world["Bus/Positioned"] = true;
  }

  /** True when the terminal has to register anew to tell it. */
  set(metric: MetricName, value: SampleValue): boolean {
    this.get(metric);
    const isFact = JT808_IDENTITY.includes(metric);
    if (isFact) this.#world[metric] = String(value).slice(0, this.#lengthOf(metric));
    else if (this.fault !== "stuck") this.#world[metric] = this.#rounded(metric, value);
    return isFact;
  }

  get(metric: MetricName): SampleValue {
    const value = this.#world[metric];
    if (value === undefined) throw new RangeError(`${this.#profile.id} has no ${metric}`);
    return value;
  }

  move(fields: Readonly<Record<string, SampleValue>>): void {
    const { altitude, heading, latitude, longitude, speed } = fields;
    this.#place = {
      latitude: Number(latitude ?? this.#place.latitude),
      longitude: Number(longitude ?? this.#place.longitude),
      altitude_m: Number(altitude ?? this.#place.altitude_m),
      heading: Number(heading ?? this.#place.heading),
    };
    if (speed !== undefined) this.#world["Bus/Speed"] = Number(speed);
    this.#world["Bus/Positioned"] = true;
  }

  resetCounters(): void {
    for (const { metric } of Object.values(this.#profile.items)) this.#world[metric] = 0;
  }

  registration(): Registration {
    return {
      manufacturer: String(this.get("Properties/Vendor")),
      model: String(this.get("Properties/Model")),
      terminal: String(this.get("Properties/Serial")),
      plate: "川A12345学",
    };
  }

  location(): Uint8Array {
    const { alarms, items, states } = this.#profile;
    const isMissing = this.fault === "sentinel";
    const location: Location = {
      ...this.#place,
      ...(isMissing ? { latitude: 0, longitude: 0 } : {}),
      alarm: this.#bits(alarms),
      status: this.#bits(states),
      speed_km_h: isMissing ? 6_553.5 : Number(this.get("Bus/Speed")),
      time: this.#time(),
      items: new Map(
        Object.entries(items).map(([id, { bytes, metric, scale }]) => [
          Number(id),
          isMissing
            ? new Uint8Array(bytes).fill(0xff)
            : bigEndian(Math.round(Number(this.get(metric)) / scale), bytes),
        ]),
      ),
    };
    return encodeLocation(location);
  }

  driverCard(fields: Readonly<Record<string, SampleValue>>): Uint8Array {
    const inserted = fields.inserted !== false;
    const card: DriverCard = {
      inserted,
      time: this.#time(),
      ...(inserted ? { result: (fields.result ?? "read") as NonNullable<DriverCard["result"]> } : {}),
      ...(inserted && typeof fields.credential === "string" ? { licence: fields.credential } : {}),
    };
    return encodeDriverCard(card, this.#profile.edition);
  }

  #time(): number {
    switch (this.fault) {
      case "clock-1970":
        return FIRST_DAY;
      case "clock-ahead":
        return this.#now() + ZONE_ms;
      // UTC, where the standard wants Beijing time.
      case "local-time":
        return this.#now() - ZONE_ms;
      default:
        return this.#now();
    }
  }

  #bits(flags: Readonly<Record<MetricName, readonly number[]>>): number {
    let word = 0;
    for (const [metric, [bit = 0]] of Object.entries(flags)) if (this.get(metric) === true) word |= 1 << bit;
    return word >>> 0;
  }

  #rounded(metric: MetricName, value: SampleValue): SampleValue {
    if (typeof value !== "number") return value;
    const scale = Object.values(this.#profile.items).find((item) => item.metric === metric)?.scale ?? 0.1;
    return Math.round(value / scale) * scale;
  }

  #lengthOf(metric: MetricName): number {
    const { edition } = this.#profile;
    if (metric === "Properties/Vendor") return VENDOR_LENGTH[edition];
    return metric === "Properties/Model" ? MODEL_LENGTH[edition] : SERIAL_LENGTH[edition];
  }
}

function bigEndian(value: number, bytes: number): Uint8Array {
  return Uint8Array.from(
    { length: bytes },
    (_, index) => Math.floor(value / 256 ** (bytes - 1 - index)) & 0xff,
  );
}
