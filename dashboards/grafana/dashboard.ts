/** One dashboard of the model as Grafana's JSON, in one language, for one engine. */
import type { LocalText, Site } from "@campus-ops/device-profiles/vocabulary";
import { PanelBuilder as BarGaugeBuilder } from "@grafana/grafana-foundation-sdk/bargauge";
import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  VizLegendOptionsBuilder,
  VizOrientation,
} from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Dashboard as GrafanaDashboard,
  type Panel as GrafanaPanel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { TypeMathBuilder } from "@grafana/grafana-foundation-sdk/expr";
import { DataqueryBuilder as PrometheusQueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeSeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { InfluxQueryBuilder, influxQl } from "./influxql.ts";
import { metricsQl } from "./metricsql.ts";
import {
  type Dashboard,
  type DashboardName,
  type Engine,
  HUB_CAMPUS,
  type Language,
  type Panel,
  type Question,
  type Scope,
  TIER_SECONDS,
} from "./model.ts";
import { countyCampuses, variablesOf } from "./variables.ts";

/** Width of Grafana's grid. */
export const COLUMNS = 24;

export interface Edition {
  readonly engine: Engine;
  readonly language: Language;
  readonly site: Site;
}

export const datasourceUid = (engine: Engine): string => `campus-ops-${engine}`;
const datasourceType = (engine: Engine): string => (engine === "influxdb" ? "influxdb" : "prometheus");
export const datasourceOf = (engine: Engine) => ({
  type: datasourceType(engine),
  uid: datasourceUid(engine),
});

/** At most 40 characters, as Grafana asks. */
export function dashboardUid(name: DashboardName, { engine, language }: Omit<Edition, "site">): string {
  return `campus-ops-${name}-${engine === "influxdb" ? "ix" : "vm"}-${language}`;
}

export function grafanaDashboard(dashboard: Dashboard, edition: Edition): GrafanaDashboard {
  const { engine, language, site } = edition;
  const builder = new DashboardBuilder(dashboard.title[language])
    .uid(dashboardUid(dashboard.name, edition))
    .tags(["campus-ops", `campus-ops-${language}`])
    .timezone("browser")
    .time({ from: dashboard.from, to: "now" })
    .refresh("5m")
    .readonly()
    .links([siblings(language)]);
  for (const variable of variablesOf(dashboard, { engine, language, site, datasource: datasourceOf(engine) }))
    builder.withVariable(variable);
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  dashboard.panels.forEach((panel, index) => {
    if (x + panel.width > COLUMNS) {
      x = 0;
      y += rowHeight;
      rowHeight = 0;
    }
    const place = { x, y, w: panel.width, h: panel.height };
    // The SDK gives panels no id; links to a panel and its alerts need one.
    builder.withPanel({
      build: () => ({ ...panelBuilder(panel, dashboard, edition).build(), id: index + 1, gridPos: place }),
    });
    x += panel.width;
    rowHeight = Math.max(rowHeight, panel.height);
  });
  return builder.build();
}

function siblings(language: Language): Builder<ReturnType<DashboardLinkBuilder["build"]>> {
  return new DashboardLinkBuilder(language === "zh" ? "其他看板" : "Other dashboards")
    .type(DashboardLinkType.Dashboards)
    .tags([`campus-ops-${language}`])
    .asDropdown(true)
    .keepTime(true)
    .includeVars(true);
}

function panelBuilder(panel: Panel, dashboard: Dashboard, edition: Edition): Builder<GrafanaPanel> {
  const builder = {
    timeseries: timeSeries,
    stat: () => new StatBuilder().reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"])),
    bargauge: () =>
      new BarGaugeBuilder()
        .orientation(VizOrientation.Horizontal)
        .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"])),
  }[panel.kind]();
  builder
    .title(panel.title[edition.language])
    .datasource(datasourceOf(edition.engine))
    // A roll-up has one point a period: a shorter interval would show holes.
    .interval(`${TIER_SECONDS[dashboard.tier]}s`)
    .unit(panel.unit)
    .thresholds(thresholds(panel))
    .targets(targetsOf(panel, dashboard, edition));
  if (panel.note !== undefined) builder.description(panel.note[edition.language]);
  if (panel.decimals !== undefined) builder.decimals(panel.decimals);
  if (panel.figure.kind === "ratio" && edition.engine === "influxdb") nameResults(builder, panel, edition);
  if (dashboard.drillDown === undefined) return builder;
  const target = `/d/${dashboardUid(dashboard.drillDown, edition)}?\${__url_time_range}`;
  const open: LocalText = { zh: "打开", en: "Open" };
  if (panel.by === "campus") {
    builder.dataLinks([
      new DashboardLinkBuilder(open[edition.language]).url(`${target}&var-campus=\${__field.labels.campus}`),
    ]);
  } else if (panel.by === "county") {
    edition.site.counties.forEach((county, index) => {
      const url = `${target}&var-county=${encodeURIComponent(countyCampuses(county))}`;
      builder.overrideByQuery(refId(index), [
        { id: "links", value: [{ title: open[edition.language], url }] },
      ]);
    });
  }
  return builder;
}

/** What an expression gives is called by its `refId` unless told otherwise. */
function nameResults(
  builder: TimeSeriesBuilder | StatBuilder | BarGaugeBuilder,
  { by, title }: Panel,
  { site, language }: Edition,
): void {
  if (by !== "county") {
    builder.displayName(by === undefined ? title[language] : `\${__field.labels.${by}}`);
    return;
  }
  site.counties.forEach((county, index) => {
    builder.overrideByQuery(refId(index), [{ id: "displayName", value: county.title[language] }]);
  });
}

const timeSeries = () =>
  new TimeSeriesBuilder().legend(
    new VizLegendOptionsBuilder()
      .showLegend(true)
      .displayMode(LegendDisplayMode.List)
      .placement(LegendPlacement.Bottom),
  );

function thresholds({ limits }: Panel): ThresholdsConfigBuilder {
  const steps =
    limits === undefined
      ? [{ value: null, color: "green" }]
      : limits.amber < limits.red
        ? [
            { value: null, color: "green" },
            { value: limits.amber, color: "orange" },
            { value: limits.red, color: "red" },
          ]
        : [
            { value: null, color: "red" },
            { value: limits.red, color: "orange" },
            { value: limits.amber, color: "green" },
          ];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

const refId = (index: number): string => `Q${index + 1}`;

function targetsOf(
  panel: Panel,
  dashboard: Dashboard,
  { engine, language, site }: Edition,
): Builder<Dataquery>[] {
  const over = panel.kind === "timeseries" || panel.figure.kind === "inState" ? "time" : "range";
  const question = { figure: panel.figure, tier: dashboard.tier, over } as const;
  if (panel.by === "county") {
    return site.counties.flatMap((county, index) =>
      queries(
        engine,
        refId(index),
        { ...question, scope: { campuses: countyCampuses(county) } },
        county.title[language],
      ),
    );
  }
  const { by } = panel;
  const scope = scopeOf(panel, dashboard, engine);
  const legend = by === undefined ? panel.title[language] : undefined;
  return queries(engine, refId(0), { ...question, scope, ...(by === undefined ? {} : { by }) }, legend);
}

function scopeOf({ ofHub }: Panel, { variables }: Dashboard, engine: Engine): Scope {
  if (ofHub === true) return { campuses: HUB_CAMPUS };
  // InfluxQL wants a `/` in a regular expression escaped, and PromQL a backslash in a string: each data source knows how.
  const chosen = (name: string) => (engine === "influxdb" ? `\${${name}:regex}` : `$${name}`);
  return {
    ...(variables.includes("county") ? { campuses: `\${county:raw}` } : {}),
    ...(variables.includes("campus") ? { campuses: chosen("campus") } : {}),
    ...(variables.includes("device") ? { devices: chosen("device") } : {}),
  };
}

function queries(
  engine: Engine,
  refId: string,
  question: Question,
  legend: string | undefined,
): Builder<Dataquery>[] {
  const { by, over } = question;
  if (engine === "influxdb") return influxQueries(refId, question, legend ?? `$tag_${by}`);
  const builder = new PrometheusQueryBuilder()
    .refId(refId)
    .datasource(datasourceOf(engine))
    .expr(metricsQl(question))
    .legendFormat(legend ?? `{{${by}}}`);
  return [over === "time" ? builder.range() : builder.instant()];
}

function influxQueries(refId: string, question: Question, alias: string): Builder<Dataquery>[] {
  const { figure, ...rest } = question;
  const uid = datasourceUid("influxdb");
  if (figure.kind !== "ratio")
    return [new InfluxQueryBuilder({ refId, uid, query: influxQl({ ...rest, figure }), alias })];
  const parts = (["above", "below"] as const).map((part) => {
    const query = influxQl({ ...rest, figure: { kind: "total", ...figure[part] } });
    return new InfluxQueryBuilder({ refId: `${refId}${part}`, uid, query, hide: true });
  });
  const division = new TypeMathBuilder()
    .refId(refId)
    .datasource({ type: "__expr__", uid: "__expr__" })
    .expression(`$${refId}above / $${refId}below * ${figure.factor}`);
  return [...parts, division];
}
