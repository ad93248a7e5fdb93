/** Dashboards as files against Grafana's own description of one: JSON Schema made of the types that its SDK publishes. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Ajv, type AnySchema, type ValidateFunction } from "ajv";
import { createGenerator, type Schema } from "ts-json-schema-generator";
import { beforeAll, expect, test } from "vitest";
import { ENGINES, type Engine, LANGUAGES } from "./model.ts";

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

let checks: ReadonlyMap<Engine, ValidateFunction>;
beforeAll(() => {
  const schema = createGenerator({
    path: join(dirname(sdk), "types.gen.d.ts"),
    type: "Dashboard",
    skipTypeCheck: true,
    additionalProperties: false,
  }).createSchema("Dashboard");
  checks = new Map(
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
});

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
const problems = (engine: Engine, dashboard: unknown): readonly string[] => {
  const check = checks.get(engine);
  if (check === undefined) throw new Error(`no schema for ${engine}`);
  return check(dashboard)
    ? []
    : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

test.each(files)("$file is a dashboard as Grafana describes one", ({ engine, file }) => {
  expect(problems(engine, read(file))).toEqual([]);
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
