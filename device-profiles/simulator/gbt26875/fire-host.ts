/** The inside of a simulated fire host and its transmitter: what they hold, and the data units they make of it. */
import { encodeFireObject, encodeFireObjects, FireType } from "../../codecs/gbt26875-objects.ts";
import type { Gbt26875Profile } from "../../profiles/gbt26875-profile.ts";
import { COMPONENT_STATES, COMPONENT_TYPES, OPERATIONS, QUANTITIES } from "../../profiles/gbt26875-words.ts";
import type { EventName, MetricName, SampleValue } from "../../vocabulary/index.ts";
import type { SimulatedFault } from "../simulated-device.ts";

const SYSTEM = { type: 1, address: 1 };
/** With two digits for the year there is no 1970. */
const FIRST_DAY = Date.UTC(1999, 11, 31, 16);
const ZONE_ms = 8 * 3_600_000;

type Fields = Readonly<Record<string, SampleValue>>;

export class SimulatedFireHost {
  fault: SimulatedFault | null = null;
  readonly #profile: Gbt26875Profile;
  readonly #now: () => number;
  readonly #world: Record<MetricName, SampleValue>;

  constructor(profile: Gbt26875Profile, now: () => number) {
    this.#profile = profile;
    this.#now = now;
    this.#world = Object.fromEntries(Object.keys(profile.bits).map((metric) => [metric, false]));
  }

  set(metric: MetricName, value: SampleValue): void {
    this.get(metric);
    if (this.fault !== "stuck") this.#world[metric] = value === true;
  }

  get(metric: MetricName): SampleValue {
    const value = this.#world[metric];
    if (value === undefined) throw new RangeError(`${this.#profile.id} has no ${metric}`);
    return value;
  }

  clock(): number {
    switch (this.fault) {
      case "clock-1970":
        return FIRST_DAY;
      case "clock-ahead":
        return this.#now() + ZONE_ms;
      case "local-time":
        return this.#now() - ZONE_ms;
      default:
        return this.#now();
    }
  }

  /** What both say when they call: the state of the system and that of the transmitter. */
  states(): readonly Uint8Array[] {
    const time = this.clock();
    const word = this.#word("system");
    return [
      encodeFireObjects(FireType.SystemState, [
        encodeFireObject({ kind: "system-state", system: SYSTEM, word, time }),
      ]),
      encodeFireObjects(FireType.TransmitterState, [
        encodeFireObject({ kind: "transmitter-state", word: this.#word("transmitter"), time }),
      ]),
    ];
  }

  version(): Uint8Array {
    return encodeFireObject({ kind: "transmitter-version", version: "1.4" });
  }

  happening(event: EventName, fields: Fields): Uint8Array {
    switch (event) {
      case "Fire/Component":
        return this.#component(fields);
      case "Fire/Operation":
        return this.#operation(fields);
      case "Fire/Measurement":
        return this.#measurement(fields);
      default:
        throw new RangeError(`${this.#profile.id} has no ${event}`);
    }
  }

  #component(fields: Fields): Uint8Array {
    const bit = COMPONENT_STATES.find(([, state]) => state === fields.state)?.[0];
    const normal = fields.state === "test" ? 0 : 1;
    const text = String(fields.text ?? "");
    const isUtf8 = this.fault === "mislabelled-text";
    return encodeFireObjects(FireType.ComponentState, [
      encodeFireObject({
        kind: "component-state",
        system: { ...SYSTEM, address: Number(fields.system ?? SYSTEM.address) },
        component: componentOf(fields),
        word: bit === undefined ? normal : normal | (1 << bit),
        text: isUtf8 ? undefined : text,
        textBytes: new TextEncoder().encode(text),
        time: this.clock(),
      }),
    ]);
  }

  #operation(fields: Fields): Uint8Array {
    const name = fields.operation === "roll-call" ? "confirm" : fields.operation;
    const bit = OPERATIONS.map(String).indexOf(String(name));
    if (bit < 0) throw new RangeError(`no panel has the operation ${String(fields.operation)}`);
    const said = { flags: 1 << bit, operator: Number(fields.operator ?? 1), time: this.clock() };
    return fields.panel === "transmitter"
      ? encodeFireObjects(FireType.TransmitterOperation, [
          encodeFireObject({ kind: "transmitter-operation", ...said }),
        ])
      : encodeFireObjects(FireType.SystemOperation, [
          encodeFireObject({ kind: "system-operation", system: SYSTEM, ...said }),
        ]);
  }

  #measurement(fields: Fields): Uint8Array {
    const [quantity, [, perUnit]] = Object.entries(QUANTITIES).find(
      ([, [name]]) => name === fields.quantity,
    ) ?? ["1", ["events", 1]];
    return encodeFireObjects(FireType.Measurement, [
      encodeFireObject({
        kind: "measurement",
        system: { ...SYSTEM, address: Number(fields.system ?? SYSTEM.address) },
        component: componentOf(fields),
        quantity: Number(quantity),
        count: this.fault === "sentinel" ? 0x7fff : Math.round(Number(fields.value ?? 0) * perUnit),
        time: this.clock(),
      }),
    ]);
  }

  #word(where: "system" | "transmitter"): number {
    let word = 1;
    for (const [metric, bits] of Object.entries(this.#profile.bits)) {
      // What both can tell, the system tells; the transmitter tells what only it knows.
      const bit = where === "system" ? bits.system : bits.system === undefined ? bits.transmitter : undefined;
      if (bit !== undefined && this.get(metric) === true) word |= 1 << bit;
    }
    return word;
  }
}

function componentOf(fields: Fields): { readonly type: number; readonly address: number } {
  const type = Object.entries(COMPONENT_TYPES).find(([, name]) => name === fields.type)?.[0] ?? 0;
  return { type: Number(type), address: Number(fields.address ?? 1) };
}
