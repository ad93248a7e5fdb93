/** Questions in InfluxQL, with measurements and tags as ingest writes them into InfluxDB. */
import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  type Counted,
  type Figure,
  HUB_CAMPUS,
  LATEST_DAYS,
  PLAIN_NAME,
  type Question,
  type Scope,
  TIER_SECONDS,
} from "./model.ts";

/** InfluxQL cannot divide one measurement by another: a ratio is two questions, and Grafana divides. */
export type SimpleQuestion = Question & { readonly figure: Exclude<Figure, { readonly kind: "ratio" }> };

/** Grafana puts its own values for `$timeFilter`, `$__interval` and `$__interval_ms`. */
export function influxQl({ figure, tier, scope, by, over }: SimpleQuestion): string {
  const conditions = conditionsOf(scope);
  const grouping = [
    ...(over === "time" ? ["time($__interval)"] : []),
    ...(by === undefined ? [] : [`"${by}"`]),
  ];
  const end =
    grouping.length === 0 ? "" : ` GROUP BY ${grouping.join(", ")}${over === "time" ? " fill(none)" : ""}`;
  const series = ({ metric, statistic }: Counted) => `"${metric}:${tier}:${statistic}"`;
  const asked = (value: string, counted: Counted) =>
    `SELECT ${value} FROM ${series(counted)} WHERE ${conditions} AND $timeFilter${end}`;
  switch (figure.kind) {
    case "total":
      return asked(`sum("value")`, figure);
    case "inState":
      return asked(`sum("value") / $__interval_ms * 1000`, stateOf(figure));
    case "hoursInState":
      return asked(`sum("value") / ${TIER_SECONDS.hour}`, stateOf(figure));
    case "least":
      return asked(`min("value")`, { metric: figure.metric, statistic: "min" });
    case "greatest":
      return asked(`max("value")`, { metric: figure.metric, statistic: "max" });
    case "percentile":
      return asked(`max("value")`, { metric: figure.metric, statistic: figure.percentile });
    case "latest":
      return `SELECT last("value") FROM "${figure.metric}" WHERE ${conditions} AND time > now() - ${LATEST_DAYS}d GROUP BY "device"`;
  }
}

function conditionsOf({ campuses, devices }: Scope): string {
  const matching = (tag: string, names: string) =>
    PLAIN_NAME.test(names) ? `"${tag}" = '${names}'` : `"${tag}" =~ /^(${names})$/`;
  return [
    campuses === undefined ? `"campus" != '${HUB_CAMPUS}'` : matching("campus", campuses),
    ...(devices === undefined ? [] : [matching("device", devices)]),
  ].join(" AND ");
}

const stateOf = ({ metric, state }: { readonly metric: string; readonly state: number }): Counted => ({
  metric,
  statistic: `seconds-${state}`,
});

/** What Grafana's InfluxDB data source takes as a query (its InfluxQL editor in raw mode). */
export interface InfluxQuery extends Dataquery {
  readonly refId: string;
  readonly datasource: { readonly type: "influxdb"; readonly uid: string };
  readonly query: string;
  readonly rawQuery: true;
  readonly resultFormat: "time_series";
  /** What its series are called; `$tag_<name>` is the value of a tag. */
  readonly alias?: string;
  /** Asked for an expression that works with it, and not drawn. */
  readonly hide?: true;
}

export interface InfluxQueryOptions extends Pick<InfluxQuery, "refId" | "query" | "alias" | "hide"> {
  /** Of the data source. */
  readonly uid: string;
}

/** The foundation SDK has no InfluxDB module. */
export class InfluxQueryBuilder implements Builder<Dataquery> {
  readonly #query: InfluxQuery;

  constructor({ uid, ...query }: InfluxQueryOptions) {
    this.#query = {
      ...query,
      datasource: { type: "influxdb", uid },
      rawQuery: true,
      resultFormat: "time_series",
      _implementsDataqueryVariant: () => undefined,
    };
  }

  build(): InfluxQuery {
    return this.#query;
  }
}
