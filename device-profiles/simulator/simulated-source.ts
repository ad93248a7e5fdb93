/** What a simulated device behind somebody else's gateway holds, by metric. */
import type { SourceValue } from "../profiles/source-value.ts";
import { sourceWord } from "../profiles/source-value.ts";
import { DataType, type MetricName, metricDefinition, type SampleValue } from "../vocabulary/index.ts";
import type { SimulatedFault } from "./simulated-device.ts";

export class SimulatedSource {
  fault: SimulatedFault | null = null;
  readonly #owner: string;
  readonly #sources: readonly SourceValue[];
  readonly #world: Record<MetricName, SampleValue>;

  constructor(
    owner: string,
    sources: readonly SourceValue[],
    facts: Readonly<Record<MetricName, SampleValue>> = {},
  ) {
    this.#owner = owner;
    this.#sources = sources;
    this.#world = { ...facts };
    for (const { metric } of sources) this.#world[metric] = beginning(metric);
  }

  /** Throws {@link RangeError} for a metric that the device does not have, or a value that it cannot say. */
  set(metric: MetricName, value: SampleValue): void {
    this.get(metric);
    const source = this.#sources.find((each) => each.metric === metric);
    if (source !== undefined) sourceWord(source, value);
    if (this.fault !== "stuck") this.#world[metric] = value;
  }

  /** As after a factory reset. */
  resetCounters(): void {
    for (const { metric } of this.#sources)
      if (metricDefinition(metric)?.kind === "counter") this.#world[metric] = 0;
  }

  get(metric: MetricName): SampleValue {
    const value = this.#world[metric];
    if (value === undefined) throw new RangeError(`${this.#owner} has no ${metric}`);
    return value;
  }
}

/** Where nothing would be a fault: a sensor that has just been put up raises no alarm. */
const HEALTHY: Readonly<Record<MetricName, number>> = {
  "Battery/Level": 100,
  "Environment/Temperature": 20,
  "Environment/Humidity": 50,
};

function beginning(metric: MetricName): SampleValue {
  const healthy = HEALTHY[metric];
  if (healthy !== undefined) return healthy;
  const definition = metricDefinition(metric);
  if (definition?.datatype === DataType.Boolean) return false;
  if (definition?.datatype === DataType.String) return Object.keys(definition.values ?? {})[0] ?? "";
  const [min, max] = definition?.plausible ?? [0, 0];
  return min <= 0 && max >= 0 ? 0 : min;
}
