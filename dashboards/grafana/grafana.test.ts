import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CampusId,
  metricDefinition,
  ROLLUP_COUNTS,
  SERIES_COUNTS,
  type Site,
} from "@campus-ops/device-profiles/vocabulary";
import { describe, expect, test } from "vitest";
import { ALERT_RULES, alertingFile } from "./alerting.ts";
import { DASHBOARDS } from "./contents.ts";
import { COLUMNS, dashboardUid, datasourceUid, grafanaDashboard } from "./dashboard.ts";
import { influxQl } from "./influxql.ts";
import { metricsQl } from "./metricsql.ts";
import { ENGINES, LANGUAGES } from "./model.ts";
import { provisioningTree } from "./provisioning.ts";

const campus = (id: string) => ({ id: CampusId(id), title: { zh: id, en: id } });
const site: Site = {
  city: { code: "990100", title: { zh: "市", en: "City" } },
  counties: [
    { code: "990101", title: { zh: "甲区, 东", en: "First, east" }, campuses: [campus("a"), campus("b")] },
    { code: "990102", title: { zh: "乙区", en: "Second" }, campuses: [campus("c")] },
  ],
};
/** Grafana's bound on a uid (grafana.com/docs/grafana/latest/developers/http_api/dashboard). */
const UID_CHARACTERS_MAX = 40;

const editions = ENGINES.flatMap((engine) => LANGUAGES.map((language) => ({ engine, language, site })));
const all = editions.flatMap((edition) => DASHBOARDS.map((dashboard) => ({ edition, dashboard })));

test("no two dashboards have the same uid, and none is too long for Grafana", () => {
  const uids = all.map(({ dashboard, edition }) => dashboardUid(dashboard.name, edition));
  expect(new Set(uids).size).toBe(DASHBOARDS.length * ENGINES.length * LANGUAGES.length);
  for (const uid of uids) expect(uid.length, uid).toBeLessThanOrEqual(UID_CHARACTERS_MAX);
});

describe.each(all)("$dashboard.name, $edition.engine, $edition.language", ({ dashboard, edition }) => {
  const built = grafanaDashboard(dashboard, edition);
  const panels = (built.panels ?? []).map((panel) => {
    if (!("gridPos" in panel) || !("targets" in panel) || panel.gridPos === undefined)
      throw new Error("a panel without a place or a query");
    return { ...panel, place: panel.gridPos };
  });

  test("panels have ids of their own, titles, and places that do not overlap", () => {
    expect(panels.length).toBe(dashboard.panels.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { place, title } of panels) {
      expect(title).toMatch(/\S/);
      expect(place.x + place.w).toBeLessThanOrEqual(COLUMNS);
      for (let x = place.x; x < place.x + place.w; x += 1) {
        for (let y = place.y; y < place.y + place.h; y += 1) {
          expect(taken.has(`${x} ${y}`), `${title} at ${x}, ${y}`).toBe(false);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });

  test("every query goes to the engine's data source, or is an expression over such", () => {
    for (const { targets = [] } of panels) {
      const written = JSON.parse(JSON.stringify(targets)) as { refId: string; datasource: { uid: string } }[];
      expect(written.length).toBeGreaterThan(0);
      expect(new Set(written.map(({ refId }) => refId)).size).toBe(written.length);
      for (const { datasource } of written)
        expect(["__expr__", datasourceUid(edition.engine)]).toContain(datasource.uid);
    }
  });

  test("what it uses as a variable is one of its variables", () => {
    const names = new Set<string>(dashboard.variables);
    const text = JSON.stringify(built);
    for (const name of ["county", "campus", "kind", "device"] as const) {
      const used = text.includes(`\${${name}:`) || new RegExp(`"\\$${name}\\b`).test(text);
      if (used) expect(names.has(name), name).toBe(true);
    }
    const listed = (built.templating?.list ?? []).map(({ name }) => name);
    expect(listed).toEqual([...dashboard.variables]);
  });

  test("links lead to dashboards that are there", () => {
    const uids = new Set(DASHBOARDS.map(({ name }) => dashboardUid(name, edition)));
    const links = [...JSON.stringify(built).matchAll(/"\/d\/([\w-]+)/g)].map(([, uid]) => uid ?? "");
    expect(links.length > 0).toBe(
      dashboard.panels.some(
        ({ by }) => dashboard.drillDown !== undefined && (by === "campus" || by === "county"),
      ),
    );
    for (const uid of links) expect(uids.has(uid), uid).toBe(true);
  });
});

const COUNTED: ReadonlySet<string> = new Set([
  ...Object.keys(ROLLUP_COUNTS).map(
    (name) => `Counts/${name.replaceAll(/\.(.)/g, (_, letter: string) => letter.toUpperCase())}`,
  ),
  ...Object.keys(SERIES_COUNTS),
]);
test("every panel has a title in both languages, and every figure is of a metric of the dictionary", () => {
  for (const { panels } of DASHBOARDS) {
    for (const { title, figure } of panels) {
      expect(title.zh).toMatch(/\p{Script=Han}|PM2\.5/u);
      expect(title.en).toMatch(/^[\x20-\x7e]+$/);
      const metric = figure.kind === "ratio" ? figure.above.metric : figure.metric;
      if (!COUNTED.has(metric)) expect(metricDefinition(metric), metric).toBeDefined();
    }
  }
});

test("a county's title may hold a comma", () => {
  const county = DASHBOARDS.find(({ name }) => name === "county");
  if (county === undefined) throw new Error("no dashboard of a county");
  const built = grafanaDashboard(county, { engine: "influxdb", language: "en", site });
  expect(built.templating?.list?.[0]?.query).toBe("First\\, east : a|b, Second : c");
});

test("a question in both languages", () => {
  const question = {
    figure: { kind: "total", metric: "Meter/Energy", statistic: "increase" },
    tier: "hour",
    scope: { campuses: "a|b" },
    by: "campus",
    over: "time",
  } as const;
  expect(influxQl(question)).toBe(
    `SELECT sum("value") FROM "Meter/Energy:hour:increase" WHERE "campus" =~ /^(a|b)$/ AND $timeFilter GROUP BY time($__interval), "campus" fill(none)`,
  );
  expect(metricsQl(question)).toContain(`{__name__="Meter_Energy:hour:increase",campus=~"a|b",revision=""}`);
});

test("files of alert rules hold no $, which Grafana would take for its environment's, and their ids are their own", () => {
  const uids = ENGINES.flatMap((engine) => {
    const text = JSON.stringify(alertingFile(engine));
    expect(text).not.toContain("$");
    return [...text.matchAll(/"uid":"(campus-ops-(?:service|silence|losses)-[\w-]+)"/g)].map(
      ([, uid]) => uid,
    );
  });
  expect(new Set(uids).size).toBe(ALERT_RULES.length * ENGINES.length);
});

test("the compose file gives every variable that the data sources name", () => {
  const compose = readFileSync(new URL("compose.yaml", import.meta.url), "utf8");
  const sources = [...provisioningTree(site)].filter(([path]) => path.includes("/datasources/"));
  const names = sources.flatMap(([, text]) =>
    [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? ""),
  );
  expect(names.length).toBe(5);
  for (const name of names) expect(compose).toContain(`      ${name}: `);
});

describe("the tree of one's own city", () => {
  const run = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), "grafana-"));
    try {
      const hub = join(folder, "hub.yaml");
      writeFileSync(hub, text);
      const main = join(import.meta.dirname, "main.ts");
      const { status, stderr } = spawnSync(process.execPath, [main, hub, join(folder, "tree")], {
        encoding: "utf8",
      });
      const county = join(folder, "tree/influxdb/dashboards/zh/county.json");
      return { status, stderr, county: status === 0 ? readFileSync(county, "utf8") : "" };
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test("holds the counties of the hub's configuration", () => {
    const { status, county } = run(JSON.stringify({ site, dashboards: {} }));
    expect(status).toBe(0);
    expect(county).toContain('"a|b"');
  });

  test("is not written for a configuration without a city: the file and the field are named", () => {
    const { status, stderr } = run(JSON.stringify({ site: { counties: [] } }));
    expect(status).toBe(1);
    expect(stderr).toMatch(/hub\.yaml.*city/s);
  });
});
