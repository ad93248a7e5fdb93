/** Requests that an OpenAPI document allows, nearly allows, or does not: paths, parameters and bodies drawn from a seed. */
import type { Random } from "../testing/random.ts";
import { mutant, pick } from "./mutate.ts";

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string | Buffer;
}

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: Schema }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** What numbers, names, times and places go wrong at. None of them is an address that anybody could be made to call. */
const STRINGS = [
  "",
  "0",
  "-1",
  "1e400",
  "NaN",
  "null",
  "a",
  "..",
  "../../etc/passwd",
  "%00",
  "\u0000",
  "\ud800",
  "值班室",
  "'; drop table alarm; --",
  "<script>alert(1)</script>",
  "__proto__",
  "constructor",
  "2026-09-01",
  "2026-13-45T99:99:99Z",
  "990100/990102/load-school",
  "990100",
  "load-school",
  "x".repeat(5_000),
] as const;
const NUMBERS = [0, 1, -1, 0.5, 1e15, -1e15, 2 ** 31, 2 ** 53, Number.MAX_VALUE] as const;
const DEPTH_MAX = 6;
const ITEMS_MAX = 4;

/** Follows a schema most of the time. */
function drawn(schema: Schema, chance: Random, depth = 0): unknown {
  if (depth > DEPTH_MAX || chance() < 0.05)
    return pick<unknown>([null, ...STRINGS, ...NUMBERS, [], {}, true], chance);
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined && options.length > 0) return drawn(pick(options, chance), chance, depth + 1);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return pick(schema.enum, chance);
  const type = typeof schema.type === "string" ? schema.type : pick(schema.type ?? ["string"], chance);
  switch (type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([name]) => chance() < (schema.required?.includes(name) === true ? 0.97 : 0.5))
          .map(([name, of]) => [name, drawn(of, chance, depth + 1)]),
      );
    case "array":
      return Array.from({ length: Math.floor(chance() * ITEMS_MAX) }, () =>
        drawn(schema.items ?? {}, chance, depth + 1),
      );
    case "integer":
    case "number":
      return pick(NUMBERS, chance);
    case "boolean":
      return chance() < 0.5;
    case "null":
      return null;
    default:
      return pick(STRINGS, chance);
  }
}

/** All operations with their paths; a document that has none is a mistake of whoever asks. */
export function operationsOf(document: OpenApi): readonly {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
}

export function requestOf(
  { method, operation, path }: ReturnType<typeof operationsOf>[number],
  chance: Random,
): HttpRequest {
  const parameter = (): string => encodeURIComponent(pick(STRINGS, chance).replaceAll("\ud800", ""));
  const filled = path.replaceAll(/\{[^}]+\}/g, parameter);
  const query = (operation.parameters ?? [])
    .filter(({ in: where }) => where === "query" && chance() < 0.7)
    .map(({ name, schema = {} }) => {
      const value = String(drawn(schema, chance)).replaceAll("\ud800", "");
      return `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
    });
  const schema = operation.requestBody?.content?.["application/json"]?.schema;
  const body = method === "GET" ? undefined : JSON.stringify(drawn(schema ?? { type: "object" }, chance));
  const address = query.length === 0 ? filled : `${filled}?${query.join("&")}`;
  if (body === undefined) return { method, path: address };
  return { method, path: address, body: chance() < 0.2 ? mutant([Buffer.from(body)], chance) : body };
}
