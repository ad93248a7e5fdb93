/**
 * How a series is called in VictoriaMetrics: `Environment_Temperature{campus="…",device="…"}`, and for an instance
 * `Port_InOctets{…,instance="7"}`. Names are what Prometheus takes as identifiers, so that a dashboard needs no quotes.
 */
import type { MetricName } from "@campus-ops/device-profiles/vocabulary";
import { campusOf, metricOf, seriesParts } from "../../core/series-name.ts";

/** Numbers the values that a point has had, from 1 for the first that took another's place. See `victoria-metrics.ts`. */
export const REVISION = "revision";
export const CHECKPOINT = "campus_ops_checkpoint";
/** When the entry at the checkpoint was received, in ms; of the same time as the checkpoint that it belongs to. */
export const CHECKPOINT_RECEIVED = "campus_ops_checkpoint_received";

/** `<capability>/<metric>`, and after a colon tier and statistic. Anything else keeps its slash, and needs quotes. */
const PLAIN = /^([A-Za-z][A-Za-z0-9]*)\/([A-Za-z0-9]+(?::[A-Za-z0-9:]*)?)$/;

export type Labels = Readonly<Record<string, string>>;

export function nameOf(metric: MetricName): string {
  return seriesParts(metric).name.replace(PLAIN, "$1_$2");
}

/** Of the labels of an answer. */
export function identify(labels: Labels): { readonly metric: MetricName; readonly device: string } {
  const { __name__ = "", device = "", instance = "" } = labels;
  const name = __name__.includes("/") ? __name__ : __name__.replace("_", "/");
  return { metric: metricOf({ name, instance }), device };
}

/** The beginning of a line of the text format, up to its labels' end. */
export function beginningOf(metric: MetricName, device: string, revision = 0): string {
  const labels = {
    campus: campusOf(device),
    device,
    ...instanceOf(metric),
    ...(revision === 0 ? {} : { [REVISION]: String(revision) }),
  };
  const written = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${nameOf(metric)}{${written.join(",")}}`;
}

/** A selector of MetricsQL, without its braces closed: more conditions may follow. */
export function selector(
  metric: MetricName,
  label?: { readonly name: "device" | "campus"; readonly values: readonly string[] },
): readonly string[] {
  const { instance = "" } = instanceOf(metric);
  return [
    `__name__=${JSON.stringify(nameOf(metric))}`,
    `instance=${JSON.stringify(instance)}`,
    ...(label === undefined ? [] : [`${label.name}=~${JSON.stringify(anyOf(label.values))}`]),
  ];
}

/** VictoriaMetrics anchors it. */
export function anyOf(values: readonly string[]): string {
  return values.map((value) => value.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
}

function instanceOf(metric: MetricName): { readonly instance?: string } {
  const { instance } = seriesParts(metric);
  return instance === undefined ? {} : { instance };
}
