/**
 * Which devices an edge box watches, as it tells in one metric of its own. A device that it names no more was taken out of
 * its configuration: it is missing from nothing, and what was known of it stays known.
 */
import type { MetricName } from "./capabilities.ts";
import type { SampleValue } from "./sample.ts";

export const ROSTER: MetricName = "Edge/Devices";

/** The value of {@link ROSTER}: ids in order, separated by spaces; empty where no device is watched. */
export function rosterOf(devices: Iterable<string>): string {
  return [...devices].sort().join(" ");
}

/** Ids of the devices that are watched; undefined for what is no roster. */
export function readRoster(value: SampleValue): ReadonlySet<string> | undefined {
  return typeof value === "string" ? new Set(value.split(" ").filter((id) => id !== "")) : undefined;
}
