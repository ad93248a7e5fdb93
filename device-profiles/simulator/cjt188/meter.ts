/** The inside of a simulated CJ/T 188 meter: what it answers. No wire, no clock of its own. */
import {
  answerTo,
  CJT188_REFUSED,
  type Cjt188Frame,
  encodeCjt188Question,
  FROM_CJT188_METER,
  READ_METER,
  READ_METER_ADDRESS,
  READING,
} from "../../codecs/cjt188.ts";
import { isAddressed } from "../../codecs/dlt645.ts";
import {
  CJT188_CLOCK_METRIC,
  type Cjt188Field,
  type Cjt188Profile,
  encodeCjt188Field,
  fieldBytes,
  readCjt188,
} from "../../profiles/cjt188-profile.ts";
import { type MetricName, metricDefinition, type SampleValue } from "../../vocabulary/index.ts";
import { CLOCK_FAULTS, DeviceClock } from "../device-clock.ts";
import type { LineMeter } from "../meter-line.ts";
import type { SimulatedFault } from "../simulated-device.ts";

const ANY_METER_TYPE = 0xaa;
/** Of a question for the address. */
const ADDRESS_IDENTIFIER = 0x810a;
const BATTERY_AND_VALVE_WELL = [0, 0];

export interface SimulatedCjt188Options {
  readonly now: () => number;
  /** It knows identifiers with the high byte first alone, as many do. */
  readonly highFirst?: boolean;
}

export class SimulatedCjt188Meter implements LineMeter<Cjt188Frame> {
  readonly faults: readonly SimulatedFault[] = ["stuck", "sentinel", "counter-reset", ...CLOCK_FAULTS];
  readonly address: string;
  readonly #profile: Cjt188Profile;
  readonly #highFirst: boolean;
  readonly #clock: DeviceClock;
  readonly #now: () => number;
  readonly #cells: Uint8Array[];
  #fault: SimulatedFault | null = null;

  constructor(profile: Cjt188Profile, address: string, { highFirst = false, now }: SimulatedCjt188Options) {
    this.address = address;
    this.#profile = profile;
    this.#highFirst = highFirst;
    this.#now = now;
    this.#clock = new DeviceClock(now);
    this.#cells = profile.layout.map((field) => new Uint8Array(fieldBytes(field)));
    for (const [metric, value] of Object.entries(profile.atRest)) this.#put(metric, value);
  }

  fault(fault: SimulatedFault | null): void {
    this.#fault = fault;
    this.#clock.fault(fault);
    if (fault !== "counter-reset") return;
    for (const metric of Object.keys(this.#profile.atRest))
      if (metricDefinition(metric)?.kind === "counter") this.#put(metric, 0);
  }

  set(metric: MetricName, value: SampleValue): void {
    if (this.#fault !== "stuck") this.#put(metric, value);
  }

  get(metric: MetricName): SampleValue {
    const found = readCjt188(this.#profile.layout, this.#reading(), this.#now()).find(
      (sample) => sample.metric === metric,
    );
    if (found === undefined) throw new RangeError(`this meter has no ${metric}`);
    return found.value;
  }

  answer({ address, control, data, meterType }: Cjt188Frame): Cjt188Frame | undefined {
    const isMine = meterType === this.#profile.meterType || meterType === ANY_METER_TYPE;
    if (!isMine || !isAddressed(address, this.address)) return undefined;
    if (control === READ_METER_ADDRESS) {
      const serial = answerTo(ADDRESS_IDENTIFIER, data)?.serial ?? 0;
      return this.#says(control, encodeCjt188Question(ADDRESS_IDENTIFIER, serial));
    }
    const asked = control === READ_METER ? answerTo(READING, data) : undefined;
    // 0x1F first is the low byte first; 0x90 first the other way round.
    const isUnderstood = !this.#highFirst || data[0] === READING >>> 8;
    if (asked === undefined || !isUnderstood) {
      const serial = data.at(2) ?? 0;
      return this.#says(control | CJT188_REFUSED, Uint8Array.of(serial, ...BATTERY_AND_VALVE_WELL));
    }
    const head = encodeCjt188Question(READING, asked.serial, this.#highFirst);
    return this.#says(control, Uint8Array.of(...head, ...this.#reading()));
  }

  #says(control: number, data: Uint8Array): Cjt188Frame {
    const { meterType } = this.#profile;
    return { meterType, address: this.address, control: control | FROM_CJT188_METER, data };
  }

  #reading(): Uint8Array {
    return Uint8Array.from(this.#profile.layout.flatMap((field, index) => [...this.#bytesOf(field, index)]));
  }

  #bytesOf(field: Cjt188Field, index: number): Uint8Array {
    const cells = this.#cells[index] ?? new Uint8Array();
    if (field.kind === "clock")
      return encodeCjt188Field(field, CJT188_CLOCK_METRIC, this.#clock.now(), cells);
    const isMissing = this.#fault === "sentinel" && (field.kind === "quantity" || field.kind === "number");
    return isMissing ? cells.map(() => 0xff) : cells;
  }

  #put(metric: MetricName, value: SampleValue): void {
    const index = this.#profile.layout.findIndex((field) => holds(field, metric));
    const field = this.#profile.layout[index];
    const before = this.#cells[index];
    if (field === undefined || before === undefined) throw new RangeError(`this meter has no ${metric}`);
    this.#cells[index] = encodeCjt188Field(field, metric, value, before);
  }
}

function holds(field: Cjt188Field, metric: MetricName): boolean {
  if (field.kind === "status") return Object.hasOwn(field.flags, metric);
  return "metric" in field && field.metric === metric;
}
