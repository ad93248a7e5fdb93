/** Every query of every dashboard and alert rule, asked of the real engines, which must find rows and agree. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ALERT_RULES, alertQuery } from "@campus-ops/dashboards/grafana/alerting";
import { DASHBOARDS } from "@campus-ops/dashboards/grafana/contents";
import { countyCampuses } from "@campus-ops/dashboards/grafana/variables";
import { openInfluxDbStore } from "@campus-ops/ingest/store/influxdb/influxdb";
import { Influxd } from "@campus-ops/ingest/store/influxdb/testing/influxd";
import { RejectedPoints } from "@campus-ops/ingest/store/rejected-points";
import { VictoriaMetricsServer } from "@campus-ops/ingest/store/victoria-metrics/testing/victoria-metrics-server";
import { openVictoriaMetricsStore } from "@campus-ops/ingest/store/victoria-metrics/victoria-metrics";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demonstrationCity, grafanaFiles } from "../reference/grafana.ts";
import { demonstrationPoints, foldedAgain } from "./grafana-demonstration.ts";

const DATABASE = "campus_ops";
const HOUR_MS = 3_600_000;
const RANGE_MS = 2 * HOUR_MS;
const site = demonstrationCity();
const to = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const from = to - RANGE_MS;
const folder = mkdtempSync(join(tmpdir(), "grafana-queries-"));

let influxd: Influxd;
let victoriaMetrics: VictoriaMetricsServer;

beforeAll(async () => {
  influxd = await Influxd.start();
  victoriaMetrics = await VictoriaMetricsServer.start();
  const points = demonstrationPoints(site, to);
  const influxdb = openInfluxDbStore({
    address: { generation: 1, url: influxd.url, database: DATABASE },
    rejected: new RejectedPoints(join(folder, "rejected")),
    now: Date.now,
  });
  const metrics = openVictoriaMetricsStore({
    address: { kind: "single", url: victoriaMetrics.url },
    now: Date.now,
    uptime_ms: () => performance.now(),
    settle_ms: 0,
  });
  await influxdb.checkpoint();
  await metrics.checkpoint();
  for (const batch of [points, ...foldedAgain(points)]) {
    await influxdb.write(batch);
    await metrics.write(batch);
    await victoriaMetrics.flush();
  }
  await influxdb.close();
  await metrics.close();
}, 60_000);

afterAll(async () => {
  await influxd.stop();
  await victoriaMetrics.stop();
  rmSync(folder, { recursive: true });
});

/** What Grafana would put in, with everything chosen. Times are milliseconds. */
function filledIn(query: string, step_ms: number): string {
  const county = site.counties[0];
  if (county === undefined) throw new Error("the demonstration has no county");
  const values: Readonly<Record<string, string>> = {
    // Its own data source ends a range with what is before `to`.
    $timeFilter: `time >= ${from}ms AND time < ${to}ms`,
    $__interval_ms: String(step_ms),
    $__interval: `${step_ms / 1000}s`,
    $__range: `${RANGE_MS / 1000}s`,
    "${county:raw}": countyCampuses(county),
    "${campus:regex}": ".*",
    "${device:regex}": ".*",
    "${kind:raw}": ".*",
    $campus: ".*",
    $device: ".*",
  };
  const filled = Object.entries(values).reduce(
    (text, [name, value]) => text.replaceAll(name, () => value),
    query,
  );
  expect(filled.replaceAll("$/", ""), "a variable that nobody fills in").not.toContain("$");
  return filled;
}

/** Figures by series and time, the time of a figure for the whole range being 0. */
type Answer = ReadonlyMap<string, number>;

async function askInflux(query: string, over: "time" | "range"): Promise<Answer> {
  const response = await fetch(
    `${influxd.url}/query?${new URLSearchParams({ db: DATABASE, epoch: "ms", q: query })}`,
  );
  const body = (await response.json()) as {
    error?: string;
    results?: {
      error?: string;
      series?: { tags?: Record<string, string>; values: (number | string | null)[][] }[];
    }[];
  };
  expect(body.error ?? body.results?.[0]?.error, query).toBeUndefined();
  const rows = (body.results?.[0]?.series ?? []).flatMap(({ tags, values }) =>
    values.map(
      ([time, value]) =>
        [`${Object.values(tags ?? {})} ${over === "time" ? time : 0}`, Number(value)] as const,
    ),
  );
  return new Map(rows);
}

async function askVictoriaMetrics(query: string, over: "time" | "range", step_ms: number): Promise<Answer> {
  const path = over === "time" ? "query_range" : "query";
  const times =
    over === "time"
      ? { start: String(from / 1000), end: String((to - step_ms) / 1000), step: String(step_ms / 1000) }
      : { time: String(to / 1000) };
  const parameters = new URLSearchParams({ query, nocache: "1", ...times });
  const response = await fetch(`${victoriaMetrics.url}/api/v1/${path}?${parameters}`);
  const body = (await response.json()) as {
    error?: string;
    data?: {
      result: { metric: Record<string, string>; values?: [number, string][]; value?: [number, string] }[];
    };
  };
  expect(body.error, query).toBeUndefined();
  const rows = (body.data?.result ?? []).flatMap(({ metric, values, value }) => {
    const key = metric.device ?? metric.campus ?? metric.instance ?? "";
    if (value !== undefined) return [[`${key} 0`, Number(value[1])] as const];
    return (values ?? []).map(([time, each]) => [`${key} ${time * 1000}`, Number(each)] as const);
  });
  return new Map(rows);
}

interface Target {
  readonly refId: string;
  readonly query?: string;
  readonly expr?: string;
  readonly instant?: boolean;
  readonly hide?: boolean;
  readonly type?: string;
  readonly expression?: string;
}

/** What Grafana's own expression makes of two queries. */
async function divided(
  { expression = "" }: Target,
  targets: readonly Target[],
  ask: (target: Target) => Promise<Answer>,
): Promise<Answer> {
  const [, above, below, factor] = /^\$(\w+) \/ \$(\w+) \* (\d+)$/.exec(expression) ?? [];
  const [upper, lower] = [above, below].map((refId) => targets.find((target) => target.refId === refId));
  if (upper === undefined || lower === undefined) throw new Error(`"${expression}" has no such queries`);
  const [numerators, denominators] = [await ask(upper), await ask(lower)];
  expect([...denominators.keys()]).toEqual([...numerators.keys()]);
  return new Map(
    [...numerators].map(([key, value]) => [key, (value / (denominators.get(key) ?? 0)) * Number(factor)]),
  );
}

interface CommittedPanel {
  readonly title: string;
  readonly interval: string;
  readonly targets: readonly Target[];
}
interface CommittedDashboard {
  readonly panels: readonly CommittedPanel[];
  readonly templating: { readonly list?: readonly { readonly type: string; readonly query: string }[] };
}

const files = new Map(grafanaFiles());
function committed(engine: string, name: string): CommittedDashboard {
  const text = files.get(`dashboards/grafana/provisioning/${engine}/dashboards/zh/${name}.json`);
  return JSON.parse(text ?? "{}") as CommittedDashboard;
}

describe.each(DASHBOARDS.map(({ name }) => name))("%s", (name) => {
  const influx = committed("influxdb", name);
  const metrics = committed("victoria-metrics", name);

  test.each(influx.panels.map(({ title }, index) => [title, index] as const))(
    "%s finds rows in both engines, and the same, whether an interval is one period or several",
    async (_, index) => {
      const [panel, other] = [influx.panels[index], metrics.panels[index]];
      const period_ms = Number.parseInt(panel?.interval ?? "", 10) * 1000;
      const targets = panel?.targets ?? [];
      const shown = targets.filter(({ hide }) => hide !== true);
      expect(shown.length).toBeGreaterThan(0);
      expect(other?.targets.length).toBe(shown.length);
      for (const step_ms of new Set([period_ms, Math.min(6 * period_ms, HOUR_MS)])) {
        for (const [at, target] of shown.entries()) {
          const { expr = "", instant } = other?.targets[at] ?? {};
          const over = instant === true ? "range" : "time";
          const ask = ({ query = "" }: Target) => askInflux(filledIn(query, step_ms), over);
          const found = target.type === "math" ? await divided(target, targets, ask) : await ask(target);
          const same = await askVictoriaMetrics(filledIn(expr, step_ms), over, step_ms);
          expect(found.size, JSON.stringify(target)).toBeGreaterThan(0);
          expect([...same.keys()].sort(), expr).toEqual([...found.keys()].sort());
          for (const [key, value] of found) expect(same.get(key), `${key}: ${expr}`).toBeCloseTo(value, 6);
        }
      }
    },
  );

  const asked = (dashboard: CommittedDashboard) =>
    (dashboard.templating.list ?? []).filter(({ type }) => type === "query");
  test("every choice that is asked of the store has something to choose", async () => {
    for (const { query } of asked(influx)) {
      const found = await askInflux(filledIn(query, HOUR_MS), "range");
      expect(found.size, query).toBeGreaterThan(0);
    }
    for (const { query } of asked(metrics)) {
      const [, selector = "", label = ""] =
        /^label_values\((.*), (\w+)\)$/.exec(filledIn(query, HOUR_MS)) ?? [];
      const parameters = new URLSearchParams({
        "match[]": selector,
        start: String(from / 1000),
        end: String(to / 1000),
      });
      const response = await fetch(`${victoriaMetrics.url}/api/v1/label/${label}/values?${parameters}`);
      const { data } = (await response.json()) as { data?: string[] };
      expect(data?.length, query).toBeGreaterThan(0);
    }
    expect(asked(influx).length).toBe(asked(metrics).length);
  });
});

test.each(ALERT_RULES)(
  "the alert rule $uid is understood by both engines and finds what it looks at",
  async (rule) => {
    const [query, expr] = [alertQuery(rule, "influxdb"), alertQuery(rule, "victoria-metrics")];
    expect(query + expr).not.toContain("$");
    // Windows end now: up to an hour after the demonstration has ended.
    const hour = (text: string) => text.replaceAll(`${rule.window_min}m`, "120m");
    expect((await askInflux(hour(query), "range")).size, query).toBeGreaterThan(0);
    expect((await askVictoriaMetrics(hour(expr), "range", HOUR_MS)).size, expr).toBeGreaterThan(0);
  },
);
