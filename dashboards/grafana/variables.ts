/** What the reader of a dashboard chooses: county, campus, kind of device, device. */
import type { County, LocalText, Site } from "@campus-ops/device-profiles/vocabulary";
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  CustomVariableBuilder,
  QueryVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Dashboard, Engine, Language, VariableName } from "./model.ts";

export interface VariableContext {
  readonly engine: Engine;
  readonly language: Language;
  readonly site: Site;
  readonly datasource: { readonly type: string; readonly uid: string };
}

/** Its campuses, as a regular expression: the store knows no counties. */
export const countyCampuses = ({ campuses }: Pick<County, "campuses">): string =>
  campuses.map(({ id }) => id).join("|");

/** The store knows no device classes either, but what a device measures tells what it is. */
const KINDS: readonly { readonly capability: string; readonly title: LocalText }[] = [
  { capability: ".*", title: { zh: "全部", en: "All" } },
  { capability: "Video|Stream", title: { zh: "摄像机与录像", en: "Cameras and recorders" } },
  { capability: "Door|Reader", title: { zh: "门禁", en: "Access control" } },
  { capability: "Projector|Display|Controller", title: { zh: "教室设备", en: "Classroom equipment" } },
  { capability: "Port|Uplink", title: { zh: "网络设备", en: "Network equipment" } },
  { capability: "Meter|Phase", title: { zh: "电表", en: "Meters" } },
  { capability: "Environment", title: { zh: "环境传感器", en: "Environment sensors" } },
  { capability: "Edge", title: { zh: "边缘盒", en: "Edge boxes" } },
];

const LABELS: Readonly<Record<VariableName, LocalText>> = {
  county: { zh: "区县", en: "County" },
  campus: { zh: "校园", en: "Campus" },
  kind: { zh: "设备类别", en: "Kind of device" },
  device: { zh: "设备", en: "Device" },
};

export function variablesOf(dashboard: Dashboard, context: VariableContext): Builder<VariableModel>[] {
  return dashboard.variables.map((name) => variableOf(name, dashboard, context));
}

function variableOf(
  name: VariableName,
  dashboard: Dashboard,
  context: VariableContext,
): Builder<VariableModel> {
  const { engine, language, site } = context;
  const label = LABELS[name][language];
  switch (name) {
    case "county":
      return custom(
        name,
        label,
        site.counties.map((county) => ({ title: county.title[language], value: countyCampuses(county) })),
      );
    case "kind":
      return custom(
        name,
        label,
        KINDS.map(({ capability, title }) => ({ title: title[language], value: capability })),
      );
    case "campus": {
      const variable = asked(name, label, CAMPUSES[engine], context);
      // One campus at a time where the page is about one campus.
      return dashboard.name === "campus"
        ? variable
        : variable.multi(true).includeAll(true).allValue(".*").current(ALL);
    }
    case "device":
      // No value for all: all means the devices of the campuses and of the kind that are chosen.
      return asked(name, label, DEVICES[engine], context).multi(true).includeAll(true).current(ALL);
  }
}

const ALL = { selected: true, text: ["All"], value: ["$__all"] };

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Grafana's own variables.
const CAMPUSES: Readonly<Record<Engine, string>> = {
  influxdb: 'SHOW TAG VALUES FROM "Connectivity/Online" WITH KEY = "campus"',
  "victoria-metrics": "label_values(Connectivity_Online, campus)",
};

const DEVICES: Readonly<Record<Engine, string>> = {
  influxdb:
    'SHOW TAG VALUES FROM /^(${kind:raw})\\// WITH KEY = "device" WHERE "campus" =~ /^(${campus:regex})$/',
  "victoria-metrics": 'label_values({__name__=~"(${kind:raw})_.*", campus=~"$campus"}, device)',
};
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: Grafana's own variables.

function asked(name: VariableName, label: string, query: string, { datasource }: VariableContext) {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc);
}

/** Grafana's `title : value, …`; a comma within either is escaped. */
function custom(name: VariableName, label: string, choices: readonly { title: string; value: string }[]) {
  const written = choices.map(({ title, value }) => `${title} : ${value}`.replaceAll(",", "\\,")).join(", ");
  const options = choices.map(({ title, value }, index) => ({ selected: index === 0, text: title, value }));
  const [first] = options;
  const variable = new CustomVariableBuilder(name).label(label).values(written).options(options);
  return first === undefined ? variable : variable.current(first);
}
