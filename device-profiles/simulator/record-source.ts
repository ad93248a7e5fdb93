/** What a simulated system that tells records holds, and the records it makes of it. */
import {
  formatTime,
  type RecordField,
  type RecordMapping,
  type RecordPath,
  recordFamilies,
  recordMetrics,
} from "../profiles/record-mapping.ts";
import { type SourceValue, sourceWord } from "../profiles/source-value.ts";
import type { EventName, MetricName, SampleValue } from "../vocabulary/index.ts";
import type { SimulatedFault } from "./simulated-device.ts";
import { SimulatedSource } from "./simulated-source.ts";

const ZONE_ms = 8 * 3_600_000;

export type MutableRecord = { [name: string]: unknown };

/** Classes of a simulated school: what the instances of a record are. */
const INSTANCES = ["1", "2"];

export class RecordSource {
  fault: SimulatedFault | null = null;
  readonly #owner: string;
  readonly #mappings: readonly RecordMapping[];
  readonly #now: () => number;
  readonly #source: SimulatedSource;
  #serial = 0;

  constructor(owner: string, mappings: readonly RecordMapping[], now: () => number) {
    this.#owner = owner;
    this.#mappings = mappings;
    this.#now = now;
    const sources = mappings
      .flatMap(({ samples = {} }) => Object.values(samples))
      .flatMap((source) => instancesOf(source.metric).map((metric) => ({ ...source, metric })));
    this.#source = new SimulatedSource(owner, sources);
  }

  get hasStates(): boolean {
    return recordMetrics(this.#mappings).length + recordFamilies(this.#mappings).length > 0;
  }

  set(metric: MetricName, value: SampleValue): void {
    this.#source.fault = this.fault;
    this.#source.set(metric, value);
  }

  get(metric: MetricName): SampleValue {
    return this.#source.get(metric);
  }

  resetSerial(): void {
    this.#serial = 0;
  }

  /** The records of a mapping that tells states: one, or one of each instance. */
  states(): MutableRecord[] {
    const mapping = this.#mappings.find(({ samples }) => samples !== undefined);
    const instances = mapping?.instance === undefined ? [""] : INSTANCES;
    return instances.map((instance) => {
      const record: MutableRecord = {};
      if (mapping?.instance !== undefined) put(record, mapping.instance, instance);
      for (const [path, source] of Object.entries(mapping?.samples ?? {}))
        put(record, path, this.#theirs({ ...source, metric: source.metric.replace("*", instance) }));
      return this.#named(record, mapping);
    });
  }

  /** Throws {@link RangeError} when no record tells of such an event. */
  happening(event: EventName, fields: Readonly<Record<string, SampleValue>>): MutableRecord {
    const mapping = this.#mappings.find((each) => each.event?.name === event);
    if (mapping?.event === undefined) throw new RangeError(`${this.#owner} has no ${event}`);
    const record: MutableRecord = {};
    for (const [name, field] of Object.entries(mapping.event.fields)) {
      const value = fields[name];
      if (value !== undefined && value !== null) put(record, field.path, theirWord(field, value));
    }
    return this.#named(record, mapping);
  }

  #named(record: MutableRecord, mapping: RecordMapping | undefined): MutableRecord {
    const { id, time, when } = mapping ?? {};
    if (when !== undefined) put(record, when.path, when.is);
    if (time !== undefined) put(record, time.path, formatTime(this.#time(), time.format));
    if (id !== undefined) {
      this.#serial += 1;
      put(record, id, this.#serial);
    }
    return record;
  }

  #theirs(source: SourceValue): SampleValue {
    return this.fault === "sentinel" ? null : sourceWord(source, this.#source.get(source.metric));
  }

  #time(): number {
    switch (this.fault) {
      case "clock-1970":
        return 0;
      case "clock-ahead":
        return this.#now() + ZONE_ms;
      case "local-time":
        return this.#now() - ZONE_ms;
      default:
        return this.#now();
    }
  }
}

const instancesOf = (metric: MetricName): readonly MetricName[] =>
  metric.includes("*") ? INSTANCES.map((instance) => metric.replace("*", instance)) : [metric];

function theirWord(field: RecordField, ours: SampleValue): unknown {
  if (field.time !== undefined) return formatTime(Number(ours), field.time);
  return field.words?.find(([, each]) => each === ours)?.[0] ?? ours;
}

function put(record: MutableRecord, path: RecordPath, value: unknown): void {
  const names = path.split(".");
  let at = record;
  for (const name of names.slice(0, -1)) {
    at[name] ??= {};
    at = at[name] as MutableRecord;
  }
  at[names.at(-1) ?? ""] = value;
}
