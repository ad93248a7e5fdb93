/**
 * `docs/reference/schemas`: JSON schemas for editors. They are those that the programs check with, and know the
 * capability dictionary besides, so that an editor completes the names of metrics and says what they mean.
 */
import { DOCUMENT_PROTOCOLS, PROFILE_SCHEMAS } from "@campus-ops/device-profiles/profiles/document/kinds";
import { CAPABILITIES, type CapabilityDefinition } from "@campus-ops/device-profiles/vocabulary";
import { CONFIGURATION_SCHEMA as EDGE_SCHEMA } from "@campus-ops/edge-agent/configuration-schema";

/** Fields of a profile whose keys are names of metrics. */
const KEYED_BY_METRIC: ReadonlySet<string> = new Set([
  "points",
  "identity",
  "attributes",
  "scalars",
  "columns",
  "alarms",
  "states",
  "bits",
  "downlinks",
]);

export function schemaFiles(): ReadonlyMap<string, string> {
  const profiles = DOCUMENT_PROTOCOLS.map((protocol): [string, object] => [
    `profile-${protocol}.json`,
    titled(`campus-ops device profile, ${protocol}`, forEditors(PROFILE_SCHEMAS.get(protocol) ?? {})),
  ]);
  const edge: [string, object] = ["edge.json", titled("campus-ops edge agent", EDGE_SCHEMA)];
  return new Map(
    [...profiles, edge].map(([name, schema]) => [
      `docs/reference/schemas/${name}`,
      `${JSON.stringify(schema, null, 2)}\n`,
    ]),
  );
}

function titled(title: string, schema: object): object {
  return { $schema: "http://json-schema.org/draft-07/schema#", title, ...schema };
}

/** The schema with the dictionary's names wherever a field is keyed by metric. */
function forEditors(schema: object): object {
  const definitions: Record<string, object> = {};
  const walk = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => walk(each, ""));
    if (typeof value !== "object" || value === null) return value;
    const walked = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each, name)]));
    const item = walked.additionalProperties;
    if (!KEYED_BY_METRIC.has(key) || typeof item !== "object" || item === null) return walked;
    const name = Object.entries(definitions).find(
      ([, each]) => JSON.stringify(each) === JSON.stringify(item),
    );
    const reference = name?.[0] ?? key;
    definitions[reference] = item;
    return { ...walked, ...metricNames(`#/definitions/${reference}`), additionalProperties: false };
  };
  return { ...(walk(schema, "") as object), definitions };
}

function metricNames(reference: string): object {
  const properties: Record<string, object> = {};
  const patternProperties: Record<string, object> = {};
  const capabilities: [string, CapabilityDefinition][] = Object.entries(CAPABILITIES);
  for (const [capability, { instance, metrics, title }] of capabilities) {
    for (const [metric, definition] of Object.entries(metrics)) {
      const unit = definition.unit === undefined ? "" : ` [${definition.unit}]`;
      const description = `${title.zh}·${definition.title.zh}${unit} (${definition.title.en})`;
      // Beside a reference draft 7 lets nothing count; editors show the description all the same.
      const entry = { description, $ref: reference };
      if (instance === undefined) properties[`${capability}/${metric}`] = entry;
      else patternProperties[`^${capability}/[^/]+/${metric}$`] = entry;
    }
  }
  return { properties, patternProperties };
}
