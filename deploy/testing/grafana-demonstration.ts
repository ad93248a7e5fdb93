/** Two hours of a small city, as ingest would have written them: what the dashboards' queries are asked of. */
import { DASHBOARDS } from "@campus-ops/dashboards/grafana/contents";
import type { Figure } from "@campus-ops/dashboards/grafana/model";
import {
  type MetricName,
  metricDefinition,
  ROLLUP_COUNTS,
  SERIES_COUNTS,
  type Site,
} from "@campus-ops/device-profiles/vocabulary";
import { FIGURES } from "@campus-ops/ingest/core/figures";
import { rollupMetric } from "@campus-ops/ingest/core/series-name";
import type { Point } from "@campus-ops/ingest/store/store";

const HOUR_MS = 3_600_000;
const STEPS = { "5m": 300_000, hour: HOUR_MS } as const;
const HOURS = 2;
const DEVICES = ["box/one", "box/two"];
const SERVICES = ["hub/host/broker", "hub/host/store"];
/** `samples.received` is `Counts/samplesReceived` in the store. */
const COUNTS = Object.keys(ROLLUP_COUNTS).map((name) =>
  name.replaceAll(/\.(.)/g, (_, letter: string) => letter.toUpperCase()),
);

/** Two of each that comes in several kinds. */
const TOLD = Object.keys(SERIES_COUNTS).flatMap((name) => {
  const [family, what] = name.split("/");
  return family === "Counts" ? [name] : ["one", "two"].map((kind) => `${family}/${kind}/${what}`);
});

/** Points of `[to - 2 h, to)`; every one has a value of its own. `to` is the beginning of an hour. */
export function demonstrationPoints(site: Site, to: number): Point[] {
  const campuses = site.counties.flatMap((county) => county.campuses.map(({ id }) => id as string));
  const devices = campuses.flatMap((campus) => DEVICES.map((device) => `${campus}/${device}`));
  const points: Point[] = [];
  const addRollups = (device: string, metric: MetricName, statistics: readonly string[]) => {
    for (const [tier, step] of Object.entries(STEPS) as ["5m" | "hour", number][]) {
      for (const statistic of statistics) {
        for (let time = to - HOURS * HOUR_MS; time < to; time += step) {
          points.push({
            device,
            metric: rollupMetric(metric, tier, statistic),
            time,
            value: 1 + (points.length % 97),
          });
        }
      }
    }
  };
  for (const campus of campuses)
    for (const metric of [...COUNTS.map((name) => `Counts/${name}`), ...TOLD])
      addRollups(campus, metric, ["sum"]);
  for (const metric of metricsAsked()) {
    const kind = metricDefinition(metric)?.kind;
    if (kind === undefined || kind === "attribute") throw new Error(`${metric} is no series`);
    const own = metric.startsWith("Service/") ? SERVICES : devices;
    for (const device of own) {
      addRollups(device, metric, kind === "state" ? ["seconds-1"] : FIGURES[kind]);
      points.push({ device, metric, time: to - HOUR_MS, value: 1 + (points.length % 97) });
    }
    if (kind === "gauge") for (const campus of campuses) addRollups(campus, metric, ["p50", "p95"]);
  }
  return points;
}

/** Late data came: the first hour of every campus's counts was folded again, and twice for what was received. */
export function foldedAgain(points: readonly Point[]): Point[][] {
  const first = Math.min(...points.filter(({ metric }) => metric.includes(":hour:")).map(({ time }) => time));
  const again = points.filter(({ metric, time }) => /^Counts\/.*:hour:/.test(metric) && time === first);
  const twice = again.filter(({ metric }) => metric.startsWith("Counts/samplesReceived"));
  return [
    again.map((point) => ({ ...point, value: point.value + 1_000 })),
    twice.map((point) => ({ ...point, value: point.value + 1 })),
  ];
}

function metricsAsked(): ReadonlySet<MetricName> {
  const figures = DASHBOARDS.flatMap(({ panels }) => panels.map(({ figure }) => figure));
  return new Set(figures.map(metricOf).filter((metric) => !/^(Counts|Rooms|Alarms)\//.test(metric)));
}

const metricOf = (figure: Figure): MetricName =>
  figure.kind === "ratio" ? figure.above.metric : figure.metric;
