/** Dashboards as files against Grafana's own description of one: JSON Schema made of the types that its SDK publishes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Ajv, type AnySchema, type ValidateFunction } from "ajv";
import { createGenerator, type Schema, type SchemaGenerator } from "ts-json-schema-generator";
import { beforeAll, expect, test } from "vitest";
import { ENGINES, type Engine, LANGUAGES } from "./model.ts";

/** Panels, and what each has of its own for a field (`fieldConfig.defaults.custom`) where it has anything. */
const PANELS = { bargauge: undefined, stat: undefined, timeseries: "FieldConfig" } as const;
const PROVISIONING = join(import.meta.dirname, "provisioning");
const sdk = createRequire(import.meta.url).resolve("@grafana/grafana-foundation-sdk/dashboard");

const text = { type: "string", minLength: 1 };
const flag = { type: "boolean" };
/** A query of each engine, as the data source's own documentation has it; Grafana's types leave it to the data source. */
const QUERIES: Readonly<Record<Engine, { readonly type: string; readonly properties: object }>> = {
  influxdb: {
    type: "influxdb",
    properties: {
      ...{ query: text, rawQuery: { const: true }, alias: text },
      resultFormat: { enum: ["time_series", "table", "logs"] },
    },
  },
  "victoria-metrics": {
    type: "prometheus",
    properties: { expr: text, legendFormat: text, instant: flag, range: flag, format: text },
  },
};

const target = (source: object, properties: object, required: readonly string[]): Schema =>
  ({
    type: "object",
    additionalProperties: false,
    required: ["refId", "datasource", ...required],
    properties: {
      ...{ refId: text, hide: flag },
      datasource: {
        type: "object",
        additionalProperties: false,
        required: ["type", "uid"],
        properties: { ...source, uid: text },
      },
      ...properties,
    },
  }) as Schema;

interface PanelCheck {
  readonly options: ValidateFunction;
  readonly custom?: ValidateFunction;
}

let checks: ReadonlyMap<Engine, ValidateFunction>;
let panelChecks: ReadonlyMap<string, PanelCheck>;
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "grafana-schema-"));
  try {
    const types = typesIn(folder);
    const compiled = (type: string) =>
      new Ajv({ strict: false, allErrors: true }).compile(types.createSchema(type) as AnySchema);
    panelChecks = new Map(
      Object.entries(PANELS).map(([panel, field]) => {
        const options = compiled(`${panel}Options`);
        return [panel, field === undefined ? { options } : { options, custom: compiled(`${panel}${field}`) }];
      }),
    );
    checks = dashboardChecks(types.createSchema("Whole"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Types of several modules of the SDK, in one program: reading them takes longer than all else here. */
function typesIn(folder: string): SchemaGenerator {
  const from = (module: string): string =>
    JSON.stringify(join(dirname(dirname(sdk)), module, "types.gen.d.ts"));
  const named = (name: string, module: string, type: string): string =>
    `import type { ${type} as ${name}Type } from ${from(module)};\nexport type ${name} = ${name}Type;`;
  const lines = Object.entries(PANELS).flatMap(([panel, field]) =>
    ["Options", ...(field === undefined ? [] : [field])].map((type) => named(`${panel}${type}`, panel, type)),
  );
  const path = join(folder, "types.d.ts");
  writeFileSync(path, [named("Whole", "dashboard", "Dashboard"), ...lines].join("\n"));
  return createGenerator({ path, skipTypeCheck: true, additionalProperties: false });
}

/** By engine, with its queries where Grafana has any. */
function dashboardChecks(schema: Schema): ReadonlyMap<Engine, ValidateFunction> {
  return new Map(
    ENGINES.map((engine) => {
      const { properties, type } = QUERIES[engine];
      const query = target(
        { type: { const: type } },
        properties,
        engine === "influxdb" ? ["query", "rawQuery", "resultFormat"] : ["expr"],
      );
      const math = target({ type: { const: "__expr__" } }, { type: { const: "math" }, expression: text }, [
        "type",
        "expression",
      ]);
      const definitions = { ...schema.definitions, Dataquery: { anyOf: [query, math] } as Schema };
      const whole = { ...schema, definitions } as AnySchema;
      return [engine, new Ajv({ strict: false, allErrors: true }).compile(whole)];
    }),
  );
}

const files = ENGINES.flatMap((engine) =>
  LANGUAGES.flatMap((language) =>
    readdirSync(join(PROVISIONING, engine, "dashboards", language)).map((name) => ({
      engine,
      file: join(engine, "dashboards", language, name),
    })),
  ),
);
const read = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(PROVISIONING, file), "utf8")) as Record<string, unknown>;
const errorsOf = (check: ValidateFunction, value: unknown): readonly string[] =>
  check(value) ? [] : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
const problems = (engine: Engine, dashboard: unknown): readonly string[] => {
  const check = checks.get(engine);
  if (check === undefined) throw new Error(`no schema for ${engine}`);
  return errorsOf(check, dashboard);
};

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly options: unknown;
  readonly fieldConfig: {
    readonly defaults: { readonly custom?: unknown };
    readonly overrides: readonly unknown[];
  };
}

/** What is wrong with the part of a panel that Grafana leaves to the panel's own plugin. */
const panelProblems = ({ fieldConfig, options, title, type }: Panel): readonly string[] => {
  const check = panelChecks.get(type);
  if (check === undefined) return [`${title}: nothing is known of panels “${type}”`];
  const { custom } = fieldConfig.defaults;
  const own = check.custom === undefined ? [] : errorsOf(check.custom, custom ?? {});
  const unknown =
    check.custom === undefined && custom !== undefined ? [`“${type}” has no custom fields`] : [];
  return [...errorsOf(check.options, options), ...own, ...unknown].map((problem) => `${title}: ${problem}`);
};

test.each(files)("$file is a dashboard as Grafana describes one", ({ engine, file }) => {
  expect(problems(engine, read(file))).toEqual([]);
});

test.each(files)("$file has panels as their plugins describe them", ({ file }) => {
  const panels = read(file).panels as Panel[];
  expect(panels.length).toBeGreaterThan(0);
  expect(panels.flatMap(panelProblems)).toEqual([]);
});

test("an option that a panel does not know, or of another kind, is found", () => {
  const panels = files.flatMap(({ file }) => read(file).panels as Panel[]);
  for (const type of Object.keys(PANELS)) {
    const [panel] = panels.filter((each) => each.type === type);
    if (panel === undefined) throw new Error(`no panel is a ${type}`);
    const wrong = (options: object) =>
      panelProblems({ ...panel, options: { ...(panel.options as object), ...options } }).join();
    expect(wrong({ orientatoin: "auto" })).toContain("additional properties");
    expect(wrong({ orientation: "diagonal" })).toContain("/orientation");
    const custom = { ...panel, fieldConfig: { overrides: [], defaults: { custom: { fillOpactiy: 10 } } } };
    expect(panelProblems(custom)).toHaveLength(1);
    expect(panelProblems({ ...panel, type: "piechart" }).join()).toContain("nothing is known");
  }
});

test("what Grafana does not know, or what it needs and is not there, is found", () => {
  const [{ engine, file } = { engine: "influxdb" as const, file: "" }] = files;
  const dashboard = read(file);
  const [panel, ...panels] = dashboard.panels as Record<string, unknown>[];
  const wrong = (changed: object) =>
    problems(engine, { ...dashboard, panels: [{ ...panel, ...changed }, ...panels] });
  expect(problems(engine, { ...dashboard, schemaVersion: "39" })).toContain("/schemaVersion must be number");
  expect(problems(engine, { ...dashboard, refersh: "1m" }).join()).toContain("additional properties");
  expect(wrong({ gridPos: { x: 0, y: 0, w: 4 } }).join()).toContain("'h'");
  expect(wrong({ targets: [{ refId: "A" }] }).join()).toContain("'datasource'");
  expect(wrong({}).length).toBe(0);
});
