/** `docs/reference/capabilities.md`: the capability dictionary as a person reads it. */
import {
  CAPABILITIES,
  type CapabilityDefinition,
  DataType,
  type EventFieldDefinition,
  type MetricDefinition,
} from "@campus-ops/device-profiles/vocabulary";
import { table } from "./markdown.ts";

export function capabilitiesPage(): string {
  const capabilities: [string, CapabilityDefinition][] = Object.entries(CAPABILITIES);
  const sections = capabilities.map(([name, { title, instance, metrics, events }]) => {
    const prefix = instance === undefined ? `${name}/` : `${name}/<${instance.en}>/`;
    return [
      `## ${name} · ${title.zh}`,
      metricTable(prefix, metrics),
      ...Object.entries(events ?? {}).map(([event, definition]) =>
        [
          `Event \`${name}/${event}\` · ${definition.title.zh} (class ${definition.dataClass})`,
          fieldTable(definition.fields),
        ].join("\n\n"),
      ),
    ]
      .filter((part) => part !== "")
      .join("\n\n");
  });
  return [
    "# Capabilities",
    "Every metric and event the platform knows. A profile maps what a vendor's device says to these names; no other name travels from an edge box. Classes, the most precious first: alarm, access, state, telemetry, bulk.",
    ...sections,
  ].join("\n\n");
}

function metricTable(prefix: string, metrics: CapabilityDefinition["metrics"]): string {
  const rows = Object.entries(metrics).map(([name, metric]) => [
    `\`${prefix}${name}\``,
    `${metric.title.zh} · ${metric.title.en}`,
    `${metric.kind}, ${typeName(metric.datatype)}`,
    metric.dataClass,
    metric.unit ?? "",
    details(metric),
  ]);
  return rows.length === 0
    ? ""
    : table(["metric", "meaning", "kind, type", "class", "unit", "details"], rows);
}

function details(metric: MetricDefinition): string {
  return [
    metric.plausible === undefined ? "" : `plausible ${metric.plausible.join(" to ")}`,
    metric.deadband === undefined ? "" : `reported when it moves by ${metric.deadband}`,
    values(metric.values),
    metric.writable === true ? "**writable**" : "",
  ]
    .filter((each) => each !== "")
    .join("; ");
}

function fieldTable(fields: Readonly<Record<string, EventFieldDefinition>>): string {
  const rows = Object.entries(fields).map(([name, field]) => [
    `\`${name}\``,
    `${field.title.zh} · ${field.title.en}`,
    typeName(field.datatype),
    field.unit ?? "",
    [values(field.values), field.personal === true ? "**personal data**" : ""]
      .filter((each) => each !== "")
      .join("; "),
  ]);
  return table(["field", "meaning", "type", "unit", "details"], rows);
}

function values(all: MetricDefinition["values"]): string {
  return Object.entries(all ?? {})
    .map(([value, { zh }]) => `\`${value}\` ${zh}`)
    .join(", ");
}

function typeName(datatype: DataType): string {
  return Object.entries(DataType).find(([, number]) => number === datatype)?.[0] ?? String(datatype);
}
