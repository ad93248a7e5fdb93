/** What a fire host tells, in the platform's vocabulary. */
import type { FireObject, System } from "../codecs/gbt26875-objects.ts";
import {
  type DeviceEvent,
  type EventName,
  GOOD,
  type Quality,
  type Reading,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
import { type EventTime, timeAsTold } from "./device-time.ts";
import type { FireBits, Gbt26875Profile } from "./gbt26875-profile.ts";
import { COMPONENT_STATES, componentType, OPERATIONS, QUANTITIES } from "./gbt26875-words.ts";

/** Components that are not normal at the same time; a school has fewer, a flood of them must not eat the box. */
export const COMPONENTS_MAX = 4_096;
export const SYSTEMS_MAX = 64;
/** The transmitter's clock tells whole seconds, and a frame is on its way for a while. */
const CLOCK_TOLERANCE_ms = 2_000;

export interface FireReceipt {
  readonly receivedAt: Timestamp;
  /** The transmitter's clock minus ours. */
  readonly clockOffset_ms: number;
  /** Of the frame, 0 to 65535. */
  readonly serial: number;
}

const RESET_BIT = 13;
const FIRE_BIT = 1;

/**
 * What is known of a fire host. A metric is true when anything says so: a system, a component or the transmitter; it is
 * false again when the system says so, when the component does, or when somebody resets the panel. The platform's rules
 * latch the alarm until a person ends it, whatever the host says.
 */
export class FireHost {
  readonly #profile: Gbt26875Profile;
  readonly #systems = new Map<string, number>();
  /** Those that are not normal. */
  readonly #components = new Map<string, { readonly system: string; readonly word: number }>();
  #transmitter: number | undefined;

  constructor(profile: Gbt26875Profile) {
    this.#profile = profile;
  }

  read(object: FireObject, receipt: FireReceipt): Reading {
    if (object.kind === "transmitter-version") {
      const { receivedAt: eventTime } = receipt;
      return {
        samples: [{ metric: "Properties/Firmware", value: object.version, quality: GOOD, eventTime }],
        events: [],
      };
    }
    const told = correctedTime(object.time, receipt);
    this.#remember(object);
    return { samples: this.#states(told), events: eventsOf(object, told, receipt) };
  }

  #remember(object: FireObject): void {
    switch (object.kind) {
      case "system-state": {
        const system = keyOf(object.system);
        bounded(this.#systems, system, object.word, SYSTEMS_MAX);
        const isReset = ((object.word >> RESET_BIT) & 1) === 1;
        if (isReset || ((object.word >> FIRE_BIT) & 1) === 0) this.#clearFire(system);
        break;
      }
      case "component-state": {
        const system = keyOf(object.system);
        const key = `${system} ${object.component.type} ${object.component.address}`;
        // Bit 0 is “in normal operation”: without any other there is nothing to remember.
        if (object.word >> 1 === 0) this.#components.delete(key);
        else bounded(this.#components, key, { system, word: object.word }, COMPONENTS_MAX);
        break;
      }
      case "system-operation":
        if ((object.flags & 1) === 1) this.#reset(keyOf(object.system));
        break;
      case "transmitter-state":
        this.#transmitter = object.word;
        break;
      case "transmitter-operation":
        if ((object.flags & 1) === 1 && this.#transmitter !== undefined)
          this.#transmitter &= ~(1 << FIRE_BIT);
        break;
      default:
        break;
    }
  }

  /** The system as a whole says that there is no fire (any more). */
  #clearFire(system: string): void {
    for (const [key, component] of this.#components) {
      if (component.system !== system) continue;
      const word = component.word & ~(1 << FIRE_BIT);
      if (word >> 1 === 0) this.#components.delete(key);
      else this.#components.set(key, { system, word });
    }
  }

  /** What still burns after a reset is told again by the host. */
  #reset(system: string): void {
    for (const [key, component] of this.#components)
      if (component.system === system) this.#components.delete(key);
    const word = this.#systems.get(system);
    if (word !== undefined) this.#systems.set(system, word & ~(1 << FIRE_BIT));
  }

  #states(told: EventTime): readonly Sample[] {
    return Object.entries(this.#profile.bits).flatMap(([metric, bits]) => {
      const value = this.#holds(bits);
      return value === undefined ? [] : [{ ...told, metric, value }];
    });
  }

  /** Undefined while nothing has been said that could make it false. */
  #holds({ component, system, transmitter }: FireBits): boolean | undefined {
    const has = (word: number, bit: number | undefined): boolean =>
      bit !== undefined && ((word >> bit) & 1) === 1;
    const words = [...this.#systems.values()];
    const isSet =
      words.some((word) => has(word, system)) ||
      [...this.#components.values()].some(({ word }) => has(word, component)) ||
      (this.#transmitter !== undefined && has(this.#transmitter, transmitter));
    if (isSet) return true;
    const isKnown =
      (system !== undefined && words.length > 0) ||
      (transmitter !== undefined && this.#transmitter !== undefined);
    return isKnown ? false : undefined;
  }
}

function eventsOf(object: FireObject, told: EventTime, receipt: FireReceipt): readonly DeviceEvent[] {
  const event = (
    name: EventName,
    fields: Readonly<Record<string, SampleValue>>,
    quality: Quality = told.quality,
  ) => ({
    event: name,
    id: identityOf(object, fields, told, receipt),
    ...told,
    quality,
    fields,
  });
  switch (object.kind) {
    case "component-state": {
      const { component, system, text, textBytes } = object;
      const quality: Quality | undefined =
        text === undefined ? { status: "uncertain", reason: "encoding" } : undefined;
      return statesOf(object.word).map((state) =>
        event(
          "Fire/Component",
          {
            system: system.address,
            type: componentType(component.type),
            address: String(component.address),
            state,
            text: text ?? `0x${hexOf(textBytes)}`,
          },
          quality,
        ),
      );
    }
    case "measurement": {
      const { component, count, quantity, system } = object;
      const [name, perUnit] = QUANTITIES[quantity] ?? [`quantity-${quantity}`, 1];
      // 0x7FFF and 0x8000 are the ends of the scale: no sensor measures there.
      const isSentinel = count === 0x7fff || count === -0x8000;
      return [
        event(
          "Fire/Measurement",
          {
            system: system.address,
            type: componentType(component.type),
            address: String(component.address),
            quantity: name,
            value: isSentinel ? null : count / perUnit,
          },
          isSentinel ? { status: "bad", reason: "sentinel" } : undefined,
        ),
      ];
    }
    case "system-operation":
      return operationsOf(object.flags, "confirm").map((operation) =>
        event("Fire/Operation", { panel: "host", operation, operator: object.operator }),
      );
    case "transmitter-operation":
      return operationsOf(object.flags, "roll-call").map((operation) =>
        event("Fire/Operation", { panel: "transmitter", operation, operator: object.operator }),
      );
    default:
      return [];
  }
}

function statesOf(word: number): readonly string[] {
  const set = COMPONENT_STATES.filter(([bit]) => ((word >> bit) & 1) === 1).map(([, state]) => state);
  if (set.length > 0) return set;
  return [(word & 1) === 1 ? "normal" : "test"];
}

const operationsOf = (flags: number, sixth: string): readonly string[] =>
  OPERATIONS.filter((_, bit) => ((flags >> bit) & 1) === 1).map((name) =>
    name === "confirm" ? sixth : name,
  );

/**
 * The same for an object that is sent again until it is confirmed. Where the transmitter's clock stands still the
 * frame's serial number tells two alarms apart.
 */
function identityOf(
  object: FireObject,
  fields: Readonly<Record<string, SampleValue>>,
  { quality }: EventTime,
  { serial }: FireReceipt,
): string {
  const time = "time" in object ? object.time : undefined;
  const when = quality.status === "good" ? [time] : [time, `frame ${serial}`];
  return [object.kind, ...when, ...Object.values(fields)].join(" ");
}

function correctedTime(told: Timestamp | undefined, { clockOffset_ms, receivedAt }: FireReceipt): EventTime {
  const offset = Math.abs(clockOffset_ms) <= CLOCK_TOLERANCE_ms ? 0 : clockOffset_ms;
  const judged = timeAsTold(told === undefined ? undefined : told - offset, { receivedAt, live: false });
  return offset === 0 || told === undefined ? judged : { ...judged, deviceTime: told };
}

const keyOf = ({ address, type }: System): string => `${type} ${address}`;

function bounded<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= max) break;
    map.delete(oldest);
  }
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
