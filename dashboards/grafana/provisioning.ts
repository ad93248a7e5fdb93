/** The tree that Grafana is given: for each engine data source, dashboards in both languages, and alert rules. */
import type { LocalText, Site } from "@campus-ops/device-profiles/vocabulary";
import { alertingFile } from "./alerting.ts";
import { DASHBOARDS } from "./contents.ts";
import { datasourceUid, grafanaDashboard } from "./dashboard.ts";
import { ENGINES, type Engine, LANGUAGES } from "./model.ts";

/** Where a tree is mounted. */
const MOUNT = "/etc/grafana/provisioning";

const FOLDER: LocalText = { zh: "校园运行", en: "Campus operations" };

/** Every file by its path: `<engine>/{datasources,dashboards,alerting}/…`. An engine's folder is mounted whole. */
export function provisioningTree(site: Site): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const engine of ENGINES) {
    files.set(`${engine}/datasources/campus-ops.yaml`, DATASOURCES[engine]);
    files.set(`${engine}/dashboards/campus-ops.yaml`, providers());
    for (const language of LANGUAGES) {
      for (const dashboard of DASHBOARDS) {
        files.set(
          `${engine}/dashboards/${language}/${dashboard.name}.json`,
          json(grafanaDashboard(dashboard, { engine, language, site })),
        );
      }
    }
    files.set(`${engine}/alerting/campus-ops.json`, json(alertingFile(engine)));
  }
  return files;
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

const DATASOURCES: Readonly<Record<Engine, string>> = {
  influxdb: `apiVersion: 1
datasources:
  - name: campus-ops InfluxDB
    uid: ${datasourceUid("influxdb")}
    type: influxdb
    access: proxy
    url: \${CAMPUS_OPS_INFLUXDB_URL}
    user: \${CAMPUS_OPS_INFLUXDB_USER}
    jsonData:
      dbName: \${CAMPUS_OPS_INFLUXDB_DATABASE}
      httpMode: POST
    secureJsonData:
      password: \${CAMPUS_OPS_INFLUXDB_PASSWORD}
`,
  "victoria-metrics": `apiVersion: 1
datasources:
  - name: campus-ops VictoriaMetrics
    uid: ${datasourceUid("victoria-metrics")}
    type: prometheus
    access: proxy
    url: \${CAMPUS_OPS_VICTORIA_METRICS_URL}
    jsonData:
      httpMethod: POST
      timeInterval: 5m
`,
};

function providers(): string {
  const entries = LANGUAGES.map(
    (language) => `  - name: campus-ops-${language}
    type: file
    folder: ${FOLDER[language]}
    folderUid: campus-ops-${language}
    allowUiUpdates: false
    options: { path: ${MOUNT}/dashboards/${language} }
`,
  );
  return `apiVersion: 1\nproviders:\n${entries.join("")}`;
}
