/** What readings say about the use of a room. */
import type { MetricName } from "@campus-ops/device-profiles/vocabulary";
import type { Scalar } from "../input.ts";

/**
 * power: something a lesson uses is on · signal: somebody chose what it shows · card: a teacher's card at the desk ·
 * presence: somebody is there. Power alone does not prove use: a projector that was forgotten is on, too.
 */
export type Evidence = "power" | "signal" | "card" | "presence";

const ON_STATES: Readonly<Record<MetricName, (value: Scalar) => boolean>> = {
  "Projector/Power": (value) => value === "on" || value === "warming",
  "Display/Power": (value) => value === true,
  "Controller/System": (value) => value === true,
  "Controller/Computer": (value) => value === true,
};

/** Metrics whose readings tell whether something a lesson uses is on. */
export const POWER_METRICS: readonly MetricName[] = Object.keys(ON_STATES);

const CHOICES: ReadonlySet<MetricName> = new Set(["Projector/Input", "Display/Input", "Controller/Source"]);

export type Signal =
  | { readonly kind: "power"; readonly on: boolean }
  | { readonly kind: "evidence"; readonly evidence: Evidence }
  | { readonly kind: "choice"; readonly value: Scalar };

/** What a reading of good quality says about its room; undefined for the many that say nothing. */
export function signalOf(metric: MetricName, value: Scalar): Signal | undefined {
  const isOn = ON_STATES[metric];
  if (isOn !== undefined) return { kind: "power", on: isOn(value) };
  if (CHOICES.has(metric)) return { kind: "choice", value };
  if (metric === "Presence/Occupied" && value === true) return { kind: "evidence", evidence: "presence" };
  return undefined;
}

/** Whether readings of this metric tell if a room is in use: then silence about it is not knowing. */
export const tellsPower = (metric: MetricName): boolean => ON_STATES[metric] !== undefined;

/** Whether a reading can say anything here at all: most cannot, and are not kept. */
export const means = (metric: MetricName): boolean =>
  tellsPower(metric) || CHOICES.has(metric) || metric === "Presence/Occupied" || metric === REACHABLE;

/** False: the device cannot be asked any more, whatever it said last. */
export const REACHABLE = "Connectivity/Online";
