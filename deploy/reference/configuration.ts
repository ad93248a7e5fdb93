/** `docs/reference/configuration.md`: every field of the two configuration files, out of the schemas that check them. */
import { BROKER_SCHEMA } from "@campus-ops/broker/configuration";
import { DASHBOARDS_SCHEMA } from "@campus-ops/dashboards/configuration";
import { CONFIGURATION_SCHEMA as EDGE_SCHEMA } from "@campus-ops/edge-agent/configuration-schema";
import { INGEST_SCHEMA } from "@campus-ops/ingest/configuration";
import { RULES_SCHEMA } from "@campus-ops/rules/configuration";
import { BACKUP_SCHEMA } from "../backup/configuration.ts";
import { HUB_SCHEMA } from "../cli/hub-configuration.ts";
import { ENROLMENT_SCHEMA } from "../pki/configuration.ts";
import { table } from "./markdown.ts";

interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  /** Cases of a list of `if` and `then`. */
  readonly allOf?: readonly Schema[];
  readonly then?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
}

export function configurationPage(): string {
  return [
    "# Configuration",
    "YAML, checked as a whole before anything starts; an error names file, line and field. Paths are relative to the file they stand in. `npm run campus-ops -- check-config hub.yaml` checks a hub's file and those of its edge agents.",
    "## A hub: `hub.yaml`",
    ...(
      [
        ["site", DASHBOARDS_SCHEMA],
        ["broker", BROKER_SCHEMA],
        ["enrolment", ENROLMENT_SCHEMA],
        ["ingest", INGEST_SCHEMA],
        ["rules", RULES_SCHEMA],
        ["notify", RULES_SCHEMA],
        ["use", RULES_SCHEMA],
        ["dashboards", DASHBOARDS_SCHEMA],
        ["backup", BACKUP_SCHEMA],
        ["flows", HUB_SCHEMA],
        ["edges", HUB_SCHEMA],
      ] as const
    ).map(([name, schema]) => section(name, schema as Schema)),
    "`broker: external` instead of a section runs the hub without our broker: `ingest.broker.url` then names the one that serves it.",
    "## An edge agent",
    fieldTable(fields(EDGE_SCHEMA as Schema, "", true)),
  ].join("\n\n");
}

function section(name: string, schema: Schema): string {
  const own = schema.properties?.[name] ?? {};
  const about = own.description === undefined ? "" : `: ${own.description}`;
  const required = schema.required?.includes(name) === true;
  const rows = own.properties === undefined ? [row(name, own, required)] : fields(own, `${name}.`, required);
  return `### \`${name}\`${about}\n\n${fieldTable(rows)}`;
}

function fieldTable(rows: readonly (readonly string[])[]): string {
  return table(["field", "type", "", "meaning"], rows);
}

/** A row for each field; fields of lists and maps follow theirs, with `[]` or `<name>` for the item. */
function fields(schema: Schema, prefix: string, given: boolean): (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const name = `${prefix}${key}`;
    const required = given && schema.required?.includes(key) === true;
    return [row(name, field, required), ...below(field, name)];
  });
}

function below(field: Schema, name: string): (readonly string[])[] {
  const cases = (field.allOf ?? []).flatMap(({ then: each }) => (each === undefined ? [] : [each]));
  if (cases.length > 0) return cases.flatMap((each) => fields(each, `${name}(${kindOf(each)}).`, true));
  if (field.properties !== undefined) return isText(field) ? [] : fields(field, `${name}.`, true);
  const nested = field.anyOf?.find(({ properties }) => properties !== undefined);
  if (nested !== undefined) return isText(nested) ? [] : fields(nested, `${name}.`, true);
  if (field.items?.properties !== undefined) return fields(field.items, `${name}[].`, true);
  if (typeof field.additionalProperties === "object")
    return below(field.additionalProperties, `${name}.<id>`);
  return [];
}

/** What tells one case of several from the others. */
const kindOf = ({ properties }: Schema): string =>
  [properties?.kind?.const ?? properties?.kind?.enum ?? "…"].flat().join(", ");

function row(name: string, field: Schema, required: boolean): readonly string[] {
  const standard =
    field.default === undefined || typeof field.default === "object" ? "" : `\`${String(field.default)}\``;
  return [`\`${name}\``, type(field), required ? "required" : standard, field.description ?? ""];
}

function type(field: Schema): string {
  if (field.enum !== undefined) return field.enum.map((each) => `\`${String(each)}\``).join(", ");
  if (field.const !== undefined) return `\`${String(field.const)}\``;
  if (isText(field)) return "text in `zh` and `en`";
  if (field.anyOf !== undefined) return field.anyOf.map(type).join(" or ");
  if (field.type === "array") return field.items === undefined ? "list" : `list of ${type(field.items)}`;
  const bounds =
    field.minimum === undefined
      ? ""
      : ` from ${field.minimum}${field.maximum === undefined ? "" : ` to ${field.maximum}`}`;
  return `${[field.type ?? "any"].flat().join(" or ")}${bounds}`;
}

function isText({ properties }: Schema): boolean {
  return properties !== undefined && Object.keys(properties).join() === "zh,en";
}
