/** From the OpenAPI document to the types of the client: one line an operation. Pure. */

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}
interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}
interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: Content;
  readonly responses?: Readonly<Record<string, Content>>;
}
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

const PREFIX = "/api/v1";
const JSON_TYPE = "application/json";
const SUCCESSES = ["200", "201", "202"];
/** They do not end: the client follows it by a way of its own. */
const STREAMS = [`${PREFIX}/stream`];

const HEADER = `/** The API's operations, made from its OpenAPI document by \`npm run reference\`. Do not edit. */
`;

export function clientTypes({ components, paths }: Document): string {
  const named = Object.entries(components?.schemas ?? {}).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema)};\n`,
  );
  const operations = Object.entries(paths)
    .filter(([path]) => path.startsWith(PREFIX) && !STREAMS.includes(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        const name = `${method.toUpperCase()} ${path.slice(PREFIX.length)}`;
        return `  readonly ${JSON.stringify(name)}: ${operationType(operation)};\n`;
      }),
    );
  return `${HEADER}${named.join("")}\nexport interface Operations {\n${operations.join("")}}\n`;
}

function operationType({ parameters = [], requestBody, responses = {} }: Operation): string {
  const given = (place: string): string => {
    const own = parameters.filter((parameter) => parameter.in === place);
    const fields = own.map(
      ({ name, required = place === "path", schema }) =>
        `readonly ${JSON.stringify(name)}${required ? "" : "?"}: ${typeOf(schema)}`,
    );
    return fields.length === 0 ? "undefined" : `{ ${fields.join("; ")} }`;
  };
  const body = requestBody?.content?.[JSON_TYPE]?.schema;
  const sent = body !== undefined ? typeOf(body) : requestBody === undefined ? "undefined" : "Blob";
  const answer = SUCCESSES.flatMap((status) => responses[status]?.content?.[JSON_TYPE]?.schema ?? [])[0];
  const isFile = SUCCESSES.some((status) => responses[status]?.content !== undefined);
  const answered = answer === undefined ? (isFile ? "Uint8Array" : "undefined") : typeOf(answer);
  return `{ readonly path: ${given("path")}; readonly query: ${given("query")}; readonly body: ${sent}; readonly answer: ${answered} }`;
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined)
    return schema.$ref.replace(/^#\/components\/schemas\//, "").replace(/#$/, "");
  if (schema.enum !== undefined) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  const several = schema.anyOf ?? schema.oneOf;
  if (several !== undefined) return several.map(typeOf).join(" | ");
  const types = [schema.type ?? []].flat();
  return types.length === 0 ? "unknown" : types.map((type) => plainType(type, schema)).join(" | ");
}

function plainType(type: string, schema: Schema): string {
  if (type === "integer" || type === "number") return "number";
  if (type === "array")
    return schema.items === undefined ? "readonly unknown[]" : `readonly (${typeOf(schema.items)})[]`;
  if (type !== "object") return type;
  const { additionalProperties, properties, required = [] } = schema;
  if (properties !== undefined) {
    const fields = Object.entries(properties).map(
      ([name, each]) =>
        `readonly ${JSON.stringify(name)}${required.includes(name) ? "" : "?"}: ${typeOf(each)}`,
    );
    return fields.length === 0 ? "Readonly<Record<string, never>>" : `{ ${fields.join("; ")} }`;
  }
  const values = typeof additionalProperties === "object" ? typeOf(additionalProperties) : "unknown";
  return `Readonly<Record<string, ${values}>>`;
}
