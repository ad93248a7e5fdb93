/**
 * The name of a series, and how it falls into parts for engines that have labels.
 *
 * `Environment/Temperature` holds raw points. `Environment/Temperature:hour:mean` holds a roll-up: tier and statistic
 * follow the metric. The instance of a metric (`Port/7/InOctets`) becomes a label of its own, so that a switch with 48
 * ports does not make 48 names.
 */
import type { MetricName } from "@campus-ops/device-profiles/vocabulary";

/** What is kept for how long is decided by tier. */
export const TIERS = ["raw", "5m", "hour", "schoolDay", "term"] as const;
export type Tier = (typeof TIERS)[number];

export interface SeriesParts {
  /** Without the instance: `Port/InOctets`, or `Port/InOctets:5m:increase`. */
  readonly name: string;
  readonly instance?: string;
}

const THREE_PARTS = /^([^/:]+)\/([^/:]+)\/([^/]+)$/;
const TWO_PARTS = /^([^/]+)\/([^/]+)$/;

export function seriesParts(metric: MetricName): SeriesParts {
  const [, capability, instance, rest] = THREE_PARTS.exec(metric) ?? [];
  return instance === undefined ? { name: metric } : { name: `${capability}/${rest}`, instance };
}

/** The reverse of {@link seriesParts}. */
export function metricOf({ name, instance }: SeriesParts): MetricName {
  if (instance === undefined || instance === "") return name;
  const [, capability, rest] = TWO_PARTS.exec(name) ?? [];
  return `${capability}/${instance}/${rest}`;
}

export function tierOf(metric: MetricName): Tier {
  const tier = metric.split(":")[1];
  return TIERS.find((each) => each === tier) ?? "raw";
}

export function rollupMetric(metric: MetricName, tier: Exclude<Tier, "raw">, statistic: string): MetricName {
  return `${metric}:${tier}:${statistic}`;
}

/** With more groups than this, engines are asked by campus at once and not group by group. */
const GROUPS_MAX = 16;

/** Campuses by group where there are few groups; else all campuses at once, with no group. */
export function perGroup(
  campuses: ReadonlyMap<string, string>,
): (readonly [group: string | undefined, campuses: readonly string[]])[] {
  const groups = Map.groupBy(campuses.keys(), (campus) => campuses.get(campus) ?? "");
  return groups.size > GROUPS_MAX ? [[undefined, [...campuses.keys()]]] : [...groups];
}

/** A device key begins with its campus. */
export function campusOf(device: string): string {
  const slash = device.indexOf("/");
  return slash < 0 ? device : device.slice(0, slash);
}
