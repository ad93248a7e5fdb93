/** What a dashboard shows, said once: the generators turn it into InfluxQL and MetricsQL, into Chinese and English. */
import type { LocalText, MetricName } from "@campus-ops/device-profiles/vocabulary";

/** Roll-ups of these are asked for; their times are the beginnings of their periods. */
export type Tier = "5m" | "hour";
export const TIER_SECONDS: Readonly<Record<Tier, number>> = { "5m": 300, hour: 3_600 };

/** One statistic of the roll-ups of a metric: the series `<metric>:<tier>:<statistic>`. */
export interface Counted {
  readonly metric: MetricName;
  readonly statistic: string;
}

/** Means, counts and rates do not add; each kind of figure says how it is put together from what does. */
export type Figure =
  /** Added over periods and over whatever is not told apart. */
  | ({ readonly kind: "total" } & Counted)
  /** One total over another, times a factor: completeness, or a mean out of sum and count. */
  | { readonly kind: "ratio"; readonly above: Counted; readonly below: Counted; readonly factor: number }
  /** How many devices were in the state, on average over time; `state` numbered as in the dictionary. */
  | { readonly kind: "inState"; readonly metric: MetricName; readonly state: number }
  /** Hours in the state, added. */
  | { readonly kind: "hoursInState"; readonly metric: MetricName; readonly state: number }
  | { readonly kind: "least" | "greatest"; readonly metric: MetricName }
  /** Of all devices of a campus; the greatest of those of its periods, because percentiles do not fold. */
  | { readonly kind: "percentile"; readonly metric: MetricName; readonly percentile: "p50" | "p95" }
  /** The newest raw value of each device within {@link LATEST_DAYS}. */
  | { readonly kind: "latest"; readonly metric: MetricName };

/** Devices report by exception: what has not changed may have been told long ago. As long as raw points are kept. */
export const LATEST_DAYS = 30;

/** `instance`: the part of a metric that tells several of a kind apart, such as a kind of room, or a priority. */
export type Group = "campus" | "device" | "instance";

/** Which series are asked. Each is a name, or a regular expression that matches whole names. */
export interface Scope {
  /** Every campus when absent, the hub's own services not among them. */
  readonly campuses?: string;
  readonly devices?: string;
}

/** A name is compared, because a `$` of a regular expression means something else in Grafana's own files. */
export const PLAIN_NAME = /^[\w-]+$/;

export interface Question {
  readonly figure: Figure;
  readonly tier: Tier;
  readonly scope: Scope;
  /** Told apart by it; one figure for all when absent. */
  readonly by?: Group;
  /** A point per interval, or one figure for the whole range. */
  readonly over: "time" | "range";
}

export type PanelKind = "timeseries" | "stat" | "bargauge";

export interface Panel {
  readonly title: LocalText;
  /** What a reader must know in order not to misread it. */
  readonly note?: LocalText;
  readonly kind: PanelKind;
  readonly figure: Figure;
  readonly by?: Group | "county";
  /** The hub's own services, instead of what the dashboard is about. */
  readonly ofHub?: true;
  /** As Grafana calls it: `percent`, `kwatth`, `celsius`, `short`… */
  readonly unit: string;
  readonly decimals?: number;
  /** Of a grid of 24 columns. */
  readonly width: number;
  readonly height: number;
  /** Where the colour changes: to amber and red as the value goes up, or to amber and green when `amber` is the higher. */
  readonly limits?: { readonly amber: number; readonly red: number };
}

export type DashboardName =
  | "city"
  | "county"
  | "campus"
  | "device-health"
  | "utilisation"
  | "edge-fleet"
  | "platform"
  | "environment-energy";

/** Those that a dashboard lets its reader choose; a later one's choices follow from an earlier one's. */
export type VariableName = "county" | "campus" | "kind" | "device";

export interface Dashboard {
  readonly name: DashboardName;
  readonly title: LocalText;
  readonly tier: Tier;
  /** Shown when it is opened, back from now. */
  readonly from: string;
  readonly variables: readonly VariableName[];
  /** Where a click on a campus or a county leads. */
  readonly drillDown?: DashboardName;
  readonly panels: readonly Panel[];
}

export const LANGUAGES = ["zh", "en"] as const;
export type Language = (typeof LANGUAGES)[number];
export const ENGINES = ["influxdb", "victoria-metrics"] as const;
export type Engine = (typeof ENGINES)[number];

/** The hub's own services are devices of it; no campus is called this. */
export const HUB_CAMPUS = "hub";
