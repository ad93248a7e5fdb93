/** Every operation of the OpenAPI document as a request that can be made in a {@link world}, made up from its schemas. */
import type { FastifyInstance } from "fastify";
import type { Needed } from "../permission.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
}
export interface Answer {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
  readonly headers?: object;
}
interface Described {
  readonly "x-permission": Needed;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, Answer>>;
}
export interface Operation {
  readonly name: string;
  readonly path: string;
  readonly method: Method;
  readonly needs: Needed;
  readonly url: string;
  readonly body: unknown;
  /** Names of what its query may hold. */
  readonly query: readonly string[];
  /** By status, or `default`. */
  readonly answers: Readonly<Record<string, Answer>>;
}

export const EAST = "990100/990102";
/** Names of things that are there, in the east; whatever else a request needs is made up from its schema. */
const THERE: Readonly<Record<string, unknown>> = {
  campus: "first",
  node: "box",
  alarm: "a1",
  picture: "a1.1.snapshot",
  type: "maker",
  path: `${EAST}/first`,
  scope: `${EAST}/first`,
  place: `${EAST}/first`,
  from: 1,
  to: 2,
  month: "2026-09",
};
const IDS: Readonly<Record<string, string>> = {
  alarms: "a1",
  desks: "gate",
  drills: "d1",
  rules: "door-held-open",
  "rule-packs/own": "night",
  "back-tests": "b1",
  suppressions: "s1",
  channels: "mail",
  standards: "handan",
};
/** It does not end, and has tests of its own. */
const STREAM = "/api/v1/stream";

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, object>> };
}

/** Those of the API and beside it, but for the stream. */
export function operationsOf(server: FastifyInstance): readonly Operation[] {
  const { paths } = server.swagger() as unknown as OpenApi;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(() => path !== STREAM && path !== "/healthz")
      .map(([method, described]) => operationOf(path, method.toUpperCase() as Method, described)),
  );
}

function operationOf(path: string, method: Method, described: Described): Operation {
  const { parameters = [], requestBody, responses } = described;
  const value = (name: string, schema: Schema): string => encodeURIComponent(String(sample(name, schema)));
  const filled = parameters
    .filter((parameter) => parameter.in === "path")
    .reduce(
      (url, { name, schema }) => url.replace(`{${name}}`, there(path, name) ?? value(name, schema)),
      path,
    );
  const asked = parameters.filter((parameter) => parameter.in === "query");
  const query = asked
    .filter(({ required }) => required === true)
    .map(({ name, schema }) => `${name}=${value(name, schema)}`);
  const schema = requestBody?.content["application/json"]?.schema;
  return {
    name: `${method} ${path}`,
    path,
    method,
    needs: described["x-permission"],
    url: query.length === 0 ? filled : `${filled}?${query.join("&")}`,
    body: schema === undefined ? undefined : sample("", schema),
    query: asked.map(({ name }) => name),
    answers: responses,
  };
}

/** What a name in a path stands for, where that is told by the path. */
function there(path: string, name: string): string | undefined {
  if (name === "device") return "gate";
  const [, , , subject = "", detail = ""] = path.split("/");
  return name === "id" || name === "name" ? (IDS[`${subject}/${detail}`] ?? IDS[subject] ?? "1") : undefined;
}

function sample(name: string, schema: Schema): unknown {
  if (name === "device")
    return schema.type === "string" && schema.enum === undefined ? "first/box/gate" : "gate";
  if (name in THERE && schema.enum === undefined) return THERE[name];
  if (schema.enum !== undefined) return schema.enum[0];
  const [type] = [schema.type].flat();
  if (type === "object") {
    const required = Object.entries(schema.properties ?? {}).filter(([key]) =>
      schema.required?.includes(key),
    );
    return Object.fromEntries(required.map(([key, each]) => [key, sample(key, each)]));
  }
  if (type === "array")
    return Array.from({ length: schema.minItems ?? 0 }, () => sample("", schema.items ?? {}));
  if (type === "number" || type === "integer") return 1;
  return type === "boolean" ? true : "gate";
}
