/**
 * Alert rules for the platform's own health: they speak when the hub itself cannot. Grafana takes a `$` in these files for
 * one of its environment variables, so the questions have fixed windows and compare names.
 */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import { datasourceOf, datasourceUid } from "./dashboard.ts";
import { influxQl } from "./influxql.ts";
import { metricsQl } from "./metricsql.ts";
import { type Engine, type Figure, HUB_CAMPUS, type Scope } from "./model.ts";

interface AlertRule {
  readonly uid: string;
  readonly title: LocalText;
  readonly action: LocalText;
  readonly figure: Exclude<Figure, { readonly kind: "ratio" }>;
  readonly scope: Scope;
  readonly by?: "device";
  readonly window_min: number;
  readonly fires: { readonly when: "lt" | "gt"; readonly limit: number };
  /** What silence means: the hub that would have told is itself away, or there is nothing to tell. */
  readonly onSilence: "Alerting" | "OK";
  readonly pending: string;
}

export const ALERT_RULES: readonly AlertRule[] = [
  {
    uid: "service",
    title: { zh: "平台服务不正常", en: "A service of the platform does not work" },
    action: {
      zh: "在值班台查看该服务的报警，按其说明处理。",
      en: "The alarm at the duty desk says why, and what to do.",
    },
    figure: { kind: "latest", metric: "Service/Working" },
    scope: { campuses: HUB_CAMPUS },
    by: "device",
    window_min: 60,
    fires: { when: "lt", limit: 1 },
    onSilence: "OK",
    pending: "5m",
  },
  {
    uid: "silence",
    title: { zh: "时序库没有新数据", en: "Nothing new reaches the store" },
    action: {
      zh: "检查中枢、消息服务器与时序库是否运行。",
      en: "See whether hub, broker and store are running.",
    },
    figure: { kind: "total", metric: "Counts/samplesReceived", statistic: "sum" },
    scope: {},
    window_min: 30,
    fires: { when: "lt", limit: 1 },
    onSilence: "Alerting",
    pending: "5m",
  },
  {
    uid: "losses",
    title: { zh: "有样本丢失", en: "Samples were lost" },
    action: {
      zh: "在“边缘盒”看板找出待发记录积压的边缘盒，检查其网络与磁盘。",
      en: "The edge fleet's dashboard shows whose outbox is full: see to its network and its disk.",
    },
    figure: { kind: "total", metric: "Counts/samplesLost", statistic: "sum" },
    scope: {},
    window_min: 60,
    fires: { when: "gt", limit: 0 },
    onSilence: "OK",
    pending: "0s",
  },
];

const EVERY = "1m";

/** The query of a rule, with nothing left for Grafana to put in. */
export function alertQuery({ figure, scope, by, window_min }: AlertRule, engine: Engine): string {
  const question = { figure, scope, tier: "5m", over: "range", ...(by === undefined ? {} : { by }) } as const;
  return engine === "influxdb"
    ? influxQl(question).replaceAll("$timeFilter", `time > now() - ${window_min}m`)
    : metricsQl(question).replaceAll("$__range", `${window_min}m`);
}

/** Grafana's file of alert rules: https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/ */
export function alertingFile(engine: Engine): object {
  const rules = ALERT_RULES.map((rule) => ({
    uid: `campus-ops-${rule.uid}-${engine}`,
    title: `${rule.title.zh} · ${rule.title.en}`,
    condition: "fires",
    data: [
      {
        refId: "figure",
        relativeTimeRange: { from: rule.window_min * 60, to: 0 },
        datasourceUid: datasourceUid(engine),
        model: { refId: "figure", datasource: datasourceOf(engine), ...modelOf(rule, engine) },
      },
      expression("newest", { type: "reduce", expression: "figure", reducer: "last" }),
      expression("fires", {
        type: "threshold",
        expression: "newest",
        conditions: [{ evaluator: { type: rule.fires.when, params: [rule.fires.limit] } }],
      }),
    ],
    for: rule.pending,
    noDataState: rule.onSilence,
    execErrState: "Error",
    labels: { product: "campus-ops" },
    annotations: {
      summary: `${rule.title.zh} · ${rule.title.en}`,
      description: `${rule.action.zh} · ${rule.action.en}`,
    },
  }));
  return {
    apiVersion: 1,
    groups: [{ orgId: 1, name: "campus-ops", folder: "校园运行 · campus-ops", interval: EVERY, rules }],
  };
}

function modelOf(rule: AlertRule, engine: Engine): object {
  const text = alertQuery(rule, engine);
  return engine === "influxdb"
    ? { query: text, rawQuery: true, resultFormat: "time_series" }
    : { expr: text, instant: true };
}

function expression(refId: string, model: object): object {
  const datasource = { type: "__expr__", uid: "__expr__" };
  return { refId, datasourceUid: "__expr__", model: { refId, datasource, ...model } };
}
