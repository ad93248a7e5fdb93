/** The inside of a simulated DL/T 645 meter: what it answers to each data identifier. No wire, no clock of its own. */
import { beijingFields } from "../../codecs/china-time.ts";
import {
  ANY_ADDRESS,
  type Dlt645Frame,
  encodeDigits,
  encodeIdentifier,
  FROM_METER,
  isAddressed,
  NO_SUCH_DATA,
  READ_ADDRESS,
  READ_DATA,
  REFUSED,
  splitIdentifier,
} from "../../codecs/dlt645.ts";
import {
  CLOCK_DATE,
  CLOCK_TIME,
  type Dlt645Field,
  type Dlt645Item,
  type Dlt645Profile,
  encodeDlt645Field,
  itemBytes,
  readItem,
} from "../../profiles/dlt645-profile.ts";
import { type MetricName, metricDefinition, type SampleValue } from "../../vocabulary/index.ts";
import { CLOCK_FAULTS, DeviceClock } from "../device-clock.ts";
import type { SimulatedFault } from "../simulated-device.ts";

const DAY_MS = 86_400_000;

export class SimulatedMeter {
  readonly address: string;
  readonly #items: readonly Dlt645Item[];
  readonly #clock: DeviceClock;
  /** The bytes of each item's answer. */
  readonly #cells = new Map<number, Uint8Array>();
  #fault: SimulatedFault | null = null;

  constructor(profile: Dlt645Profile, address: string, now: () => number) {
    this.address = address;
    this.#items = [...profile.identity, ...profile.items];
    this.#clock = new DeviceClock(now);
    for (const item of this.#items) this.#cells.set(item.identifier, new Uint8Array(itemBytes(item)));
    for (const [metric, value] of Object.entries(profile.atRest)) this.#put(metric, value);
  }

  readonly faults: readonly SimulatedFault[] = ["stuck", "sentinel", "counter-reset", ...CLOCK_FAULTS];

  fault(fault: SimulatedFault | null): void {
    this.#fault = fault;
    this.#clock.fault(fault);
    if (fault !== "counter-reset") return;
    for (const { fields } of this.#items) {
      for (const { metric } of fields) if (metricDefinition(metric)?.kind === "counter") this.#put(metric, 0);
    }
  }

  set(metric: MetricName, value: SampleValue): void {
    if (this.#fault !== "stuck") this.#put(metric, value);
  }

  get(metric: MetricName): SampleValue {
    const { item } = this.#place(metric);
    const samples = readItem(item, this.#cells.get(item.identifier) ?? new Uint8Array(), 0);
    return samples.find((sample) => sample.metric === metric)?.value ?? null;
  }

  /** The answer to a frame that this meter hears; undefined when it is not meant, or to be answered by nobody. */
  answer({ address, control, data }: Dlt645Frame): Dlt645Frame | undefined {
    if (!isAddressed(address, this.address)) return undefined;
    if (control === READ_ADDRESS && address === ANY_ADDRESS) {
      return this.#says(control, encodeDigits(this.address, this.address.length / 2));
    }
    const asked = splitIdentifier(data);
    const value = control === READ_DATA && asked !== undefined ? this.#value(asked.identifier) : undefined;
    if (asked === undefined || value === undefined) {
      return this.#says(control | REFUSED, Uint8Array.of(NO_SUCH_DATA));
    }
    return this.#says(control, Uint8Array.of(...encodeIdentifier(asked.identifier), ...value));
  }

  #says(control: number, data: Uint8Array): Dlt645Frame {
    return { address: this.address, control: control | FROM_METER, data };
  }

  #value(identifier: number): Uint8Array | undefined {
    if (identifier === CLOCK_DATE || identifier === CLOCK_TIME) return this.#clockData(identifier);
    const cells = this.#cells.get(identifier);
    const item = this.#items.find((each) => each.identifier === identifier);
    const missing = this.#fault === "sentinel" && item?.fields.some(({ type }) => type === "number");
    return missing === true ? cells?.map(() => 0xff) : cells;
  }

  /** `YYMMDDWW`, the day of the week with Sunday as 0, or `hhmmss`. */
  #clockData(identifier: number): Uint8Array {
    const time = this.#clock.now();
    const [year, month, day, ...clock] = beijingFields(time);
    const weekday = Math.floor(time / DAY_MS + 4 + 1 / 3) % 7;
    const fields = identifier === CLOCK_DATE ? [year, month, day, weekday] : clock;
    const digits = fields.map((field) => String(field).padStart(2, "0")).join("");
    return encodeDigits(digits, fields.length);
  }

  #put(metric: MetricName, value: SampleValue): void {
    const { item, field, start } = this.#place(metric);
    const cells = this.#cells.get(item.identifier) ?? new Uint8Array(itemBytes(item));
    const before = cells.slice(start, start + field.bytes);
    const changed = cells.slice();
    changed.set(encodeDlt645Field(field, value, before), start);
    this.#cells.set(item.identifier, changed);
  }

  #place(metric: MetricName): { item: Dlt645Item; field: Dlt645Field; start: number } {
    for (const item of this.#items) {
      let start = 0;
      for (const field of item.fields) {
        if (field.metric === metric) return { item, field, start };
        start += field.bytes;
      }
    }
    throw new RangeError(`this meter has no ${metric}`);
  }
}
