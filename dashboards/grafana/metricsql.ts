/** Questions in MetricsQL, with names and labels as ingest writes them into VictoriaMetrics. */
import { type Counted, HUB_CAMPUS, LATEST_DAYS, type Question, type Scope, TIER_SECONDS } from "./model.ts";

/** Grafana puts its own values for `$__interval`, `$__interval_ms` and `$__range`. */
export function metricsQl({ figure, tier, scope, by, over }: Question): string {
  const step = `${TIER_SECONDS[tier]}s`;
  // A window of MetricsQL ends with its instant, a roll-up is named for its beginning: a bucket is what follows.
  const window = over === "time" ? `[$__interval:${step}] offset -$__interval` : `[$__range:${step}]`;
  const grouped = (how: string) => (by === undefined ? how : `${how} by (${by})`);
  const folded = (how: "sum" | "min" | "max", { metric, statistic }: Counted) => {
    const series = newest(`${metric}:${tier}:${statistic}`, scope, TIER_SECONDS[tier]);
    return `${grouped(how)} (${how}_over_time((${series})${window}))`;
  };
  switch (figure.kind) {
    case "total":
      return folded("sum", figure);
    case "ratio":
      return `${folded("sum", figure.above)} / ${folded("sum", figure.below)} * ${figure.factor}`;
    case "inState":
      return `${folded("sum", stateOf(figure))} / $__interval_ms * 1000`;
    case "hoursInState":
      return `${folded("sum", stateOf(figure))} / ${TIER_SECONDS.hour}`;
    case "least":
      return folded("min", { metric: figure.metric, statistic: "min" });
    case "greatest":
      return folded("max", { metric: figure.metric, statistic: "max" });
    case "percentile":
      return folded("max", { metric: figure.metric, statistic: figure.percentile });
    case "latest":
      return `last_over_time(${selector(figure.metric, scope, `revision=""`)}[${LATEST_DAYS}d])`;
  }
}

const stateOf = ({ metric, state }: { readonly metric: string; readonly state: number }): Counted => ({
  metric,
  statistic: `seconds-${state}`,
});

/** What Prometheus takes as an identifier; any other name keeps its slash (`Connectivity/Online:hour:seconds-1`). */
const PLAIN = /^[A-Za-z][A-Za-z0-9]*\/[A-Za-z0-9]+(:[A-Za-z0-9:]*)?$/;
const nameOf = (metric: string): string => (PLAIN.test(metric) ? metric.replace("/", "_") : metric);

function selector(metric: string, { campuses, devices }: Scope, more: string): string {
  const conditions = [
    `__name__="${nameOf(metric)}"`,
    campuses === undefined ? `campus!="${HUB_CAMPUS}"` : `campus=~"${campuses}"`,
    ...(devices === undefined ? [] : [`device=~"${devices}"`]),
    more,
  ];
  return `{${conditions.join(",")}}`;
}

/**
 * The points of a roll-up, one a period, at its end. One that was folded again lies beside the old one, in a series with a higher
 * `revision`; the highest counts, and adding them all up would count the period twice.
 */
function newest(metric: string, scope: Scope, step_s: number): string {
  const first = `last_over_time(${selector(metric, scope, `revision=""`)}[${step_s}s] offset ${step_s}s)`;
  const again = `last_over_time(${selector(metric, scope, `revision!=""`)}[${step_s}s] offset ${step_s}s)`;
  const all = `union(label_set(${first}, "revision", "0"), ${again})`;
  return `${all} and topk by (campus, device, instance) (1, label_value(${all}, "revision"))`;
}
