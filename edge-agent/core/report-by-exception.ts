/**
 * Report by exception (Sparkplug B 3.0, 6.4.7.2): what a poll found is sent only when it says something new.
 *
 * A state is reported when it changes, a gauge when it moved by its deadband, a counter at intervals; each is reported
 * at once when its quality changes. A gauge or a counter is never silent for longer than {@link SILENCE_MS_MAX}, so
 * that “did not change” and “nobody looked” can be told apart at the hub.
 */
import {
  type DataType,
  type MetricDefinition,
  type MetricName,
  metricDefinition,
  type Quality,
  type Sample,
  type SampleValue,
  DataType as Types,
} from "@campus-ops/device-profiles/vocabulary";

export const SILENCE_MS_MAX = 60_000;
/** Counters grow all the time; their rate is what matters, and this is its resolution. */
export const COUNTER_INTERVAL_MS = 10_000;
/** A device that keeps inventing metric instances is misbehaving; further ones are refused and counted. */
export const METRICS_MAX = 4_096;

interface Reported {
  readonly sample: Sample;
  readonly uptime_ms: number;
}

/**
 * What was looked at last. While a device says the same again only the time moves: thousands of samples a second that
 * differ in nothing else would each live until the next one comes, which is what garbage collectors are worst at.
 */
interface Latest {
  readonly definition: MetricDefinition;
  readonly sample: Sample;
  eventTime: Sample["eventTime"];
}

export type Refusal = "unknown-metric" | "wrong-type" | "too-many-metrics";

export class ExceptionFilter {
  readonly #reported = new Map<MetricName, Reported>();
  /** Reported or not: what a birth tells. */
  readonly #latest = new Map<MetricName, Latest>();
  readonly #refused = new Map<Refusal, number>();

  /** The sample with its quality judged when it is to be reported, undefined otherwise. */
  offer(offered: Sample, uptime_ms: number): Sample | undefined {
    const latest = this.#latest.get(offered.metric);
    const definition = latest?.definition ?? metricDefinition(offered.metric);
    if (definition === undefined) return this.#refuse("unknown-metric");
    if (!fits(offered.value, definition.datatype)) return this.#refuse("wrong-type");
    if (latest === undefined && this.#latest.size >= METRICS_MAX) return this.#refuse("too-many-metrics");
    const sample = judge(offered, definition);
    const { eventTime, metric } = sample;
    if (latest !== undefined && saysTheSame(latest.sample, sample)) latest.eventTime = eventTime;
    else this.#latest.set(metric, { definition, sample, eventTime });
    const before = this.#reported.get(metric);
    if (before !== undefined && !tellsSomethingNew(definition, before, sample, uptime_ms)) return undefined;
    this.#reported.set(metric, { sample, uptime_ms });
    return sample;
  }

  latest(metric: MetricName): Sample | undefined {
    const latest = this.#latest.get(metric);
    return latest === undefined ? undefined : newest(latest);
  }

  /** Everything known, newest value of each metric. */
  *all(): Generator<Sample> {
    for (const latest of this.#latest.values()) yield newest(latest);
  }

  refused(reason: Refusal): number {
    return this.#refused.get(reason) ?? 0;
  }

  #refuse(reason: Refusal): undefined {
    this.#refused.set(reason, this.refused(reason) + 1);
    return undefined;
  }
}

function newest({ eventTime, sample }: Latest): Sample {
  return sample.eventTime === eventTime ? sample : { ...sample, eventTime };
}

function tellsSomethingNew(
  definition: MetricDefinition,
  before: Reported,
  sample: Sample,
  uptime_ms: number,
): boolean {
  if (!sameQuality(before.sample.quality, sample.quality)) return true;
  if (definition.eachTime === true && before.sample.eventTime !== sample.eventTime) return true;
  const silence_ms = uptime_ms - before.uptime_ms;
  switch (definition.kind) {
    case "state":
    case "attribute":
      return before.sample.value !== sample.value;
    case "gauge":
      return (
        silence_ms >= SILENCE_MS_MAX || moved(before.sample.value, sample.value, definition.deadband ?? 0)
      );
    case "counter":
      return (
        silence_ms >= SILENCE_MS_MAX ||
        (silence_ms >= COUNTER_INTERVAL_MS && before.sample.value !== sample.value)
      );
  }
}

function moved(before: SampleValue, after: SampleValue, deadband: number): boolean {
  if (typeof before !== "number" || typeof after !== "number") return before !== after;
  return before !== after && Math.abs(after - before) >= deadband;
}

/** A value outside of its plausible range is kept, and its quality says so; a value that is no number has none. */
export function judge(sample: Sample, definition: MetricDefinition): Sample {
  if (typeof sample.value !== "number") return sample;
  const outOfRange: Quality = { status: "bad", reason: "out-of-range" };
  if (!Number.isFinite(sample.value)) return { ...sample, value: null, quality: outOfRange };
  if (sample.quality.status === "bad" || definition.plausible === undefined) return sample;
  const [min, max] = definition.plausible;
  return sample.value < min || sample.value > max ? { ...sample, quality: outOfRange } : sample;
}

/** Whether a value can be carried by a datatype. */
export function fits(value: SampleValue, datatype: DataType): boolean {
  if (value === null) return true;
  switch (datatype) {
    case Types.Boolean:
      return typeof value === "boolean";
    case Types.String:
    case Types.Text:
    case Types.UUID:
      return typeof value === "string";
    case Types.Float:
    case Types.Double:
      return typeof value === "number";
    default: {
      const range = INTEGER_RANGES.get(datatype);
      if (range === undefined || (typeof value !== "bigint" && !Number.isSafeInteger(value))) return false;
      return (value as number | bigint) >= range[0] && (value as number | bigint) <= range[1];
    }
  }
}

const INTEGER_RANGES: ReadonlyMap<DataType, readonly [bigint, bigint]> = new Map([
  [Types.Int8, [-(2n ** 7n), 2n ** 7n - 1n]],
  [Types.Int16, [-(2n ** 15n), 2n ** 15n - 1n]],
  [Types.Int32, [-(2n ** 31n), 2n ** 31n - 1n]],
  [Types.Int64, [-(2n ** 63n), 2n ** 63n - 1n]],
  [Types.UInt8, [0n, 2n ** 8n - 1n]],
  [Types.UInt16, [0n, 2n ** 16n - 1n]],
  [Types.UInt32, [0n, 2n ** 32n - 1n]],
  [Types.UInt64, [0n, 2n ** 64n - 1n]],
  [Types.DateTime, [0n, 2n ** 63n - 1n]],
]);

/** At another time. */
function saysTheSame(a: Sample, b: Sample): boolean {
  return a.value === b.value && a.deviceTime === b.deviceTime && sameQuality(a.quality, b.quality);
}

function sameQuality(a: Quality, b: Quality): boolean {
  if (a.status === "good" || b.status === "good") return a.status === b.status;
  return a.status === b.status && a.reason === b.reason;
}
