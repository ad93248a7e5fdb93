/**
 * Lists are answered in pages to whoever asks for them: `limit` entries at most, in the order of what tells them apart, and a
 * `Link` to the next page (RFC 8288) while there is one. Without a `limit` a list is answered whole. Each can be asked for
 * the entries with certain words, and for those of a place or with certain values where it is {@link Filtered}.
 *
 *   server.get("/drills", { config: { permission: "alarms.read", paged: { by: ["id"] } }, schema }, …)
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Asked as AskedFor, type Filtered, filtered, textFilter } from "./filtering.ts";
import { ApiProblem } from "./problem.ts";
import { scopeQuery } from "./schemas.ts";

export interface Paged extends Filtered {
  /** Properties of an entry that tell it from all others together; the list is ordered by them, the first first. */
  readonly by: readonly [string, ...string[]];
  /** Where the list is in the answer; absent where it is the answer. */
  readonly list?: string;
  /** Ordered from the last to the first: for what happened. */
  readonly newestFirst?: true;
}

declare module "fastify" {
  interface FastifyContextConfig {
    paged?: Paged;
  }
}

export const PAGE_ENTRIES_MAX = 5_000;

const limit = {
  type: "integer",
  minimum: 1,
  maximum: PAGE_ENTRIES_MAX,
  description: "entries of a page; without it the list is answered whole",
} as const;
const after = {
  type: "string",
  maxLength: 1_000,
  description: "where the page before ended, as its header `Link` says",
} as const;
export const LINK_HEADER = {
  link: { type: "string", description: '<…>; rel="next" while there is a next page (RFC 8288)' },
} as const;

type Entry = Readonly<Record<string, unknown>>;
type Place = readonly (string | number)[];

export interface Page<T> {
  readonly entries: readonly T[];
  /** Where the next page begins after; absent on the last. */
  readonly after?: string;
}

/**
 * One page. What came or went meanwhile moves nothing else: each entry that is there all the time is on exactly one page.
 * Undefined for an `after` that is none.
 */
export function pageOf<T extends Entry>(
  all: readonly T[],
  { by, newestFirst }: Paged,
  limit: number,
  after?: string,
): Page<T> | undefined {
  const from = after === undefined ? undefined : placeFrom(after, by.length);
  if (after !== undefined && from === undefined) return undefined;
  const turn = newestFirst === true ? -1 : 1;
  const placed = all
    .map((entry) => ({ entry, place: by.map((name) => scalar(entry[name])) }))
    .filter(({ place }) => from === undefined || turn * compare(place, from) > 0)
    .toSorted((a, b) => turn * compare(a.place, b.place));
  const page = placed.slice(0, limit);
  const last = page.at(-1);
  const entries = page.map(({ entry }) => entry);
  return placed.length <= limit || last === undefined
    ? { entries }
    : { entries, after: Buffer.from(JSON.stringify(last.place)).toString("base64url") };
}

const scalar = (value: unknown): string | number => (typeof value === "number" ? value : String(value ?? ""));

/** Numbers before texts; texts by their code units, which no locale changes. */
function compare(a: Place, b: Place): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? "";
    if (typeof left !== typeof right) return typeof left === "number" ? -1 : 1;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

function placeFrom(after: string, length: number): Place | undefined {
  try {
    const place: unknown = JSON.parse(Buffer.from(after, "base64url").toString());
    const isPlace =
      Array.isArray(place) &&
      place.length === length &&
      place.every((each) => typeof each === "string" || typeof each === "number");
    return isPlace ? (place as Place) : undefined;
  } catch {
    return undefined;
  }
}

interface Asked extends AskedFor {
  readonly limit?: number;
  readonly after?: string;
}
interface RouteSchema {
  readonly querystring?: { readonly properties?: object; readonly required?: readonly string[] };
  readonly response?: Readonly<Record<string, object>>;
}

/** For every route of `server` from now on that says it is {@link Paged}, or that answers with `before` of its own. */
export function pageAnswers(server: FastifyInstance): void {
  server.addHook("onRoute", (route) => {
    const paged = route.config?.paged;
    const schema = (route.schema ?? {}) as RouteSchema;
    if (paged === undefined && !("before" in (schema.querystring?.properties ?? {}))) return;
    const answer = { ...schema.response?.["200"], headers: LINK_HEADER };
    route.schema = { ...route.schema, response: { ...schema.response, 200: answer } };
    if (paged === undefined) return;
    const { properties, required = [], ...rest } = schema.querystring ?? {};
    const querystring = { type: "object", additionalProperties: false, ...rest, required };
    route.schema = {
      ...route.schema,
      querystring: {
        ...querystring,
        properties: {
          ...(paged.words === false ? {} : { text: textFilter }),
          ...(paged.at === undefined ? {} : scopeQuery.properties),
          ...paged.filters,
          ...properties,
          limit,
          after,
        },
      },
    };
  });
  server.addHook("preSerialization", async (request, reply, payload) => {
    const { paged, writes = request.method !== "GET" } = request.routeOptions.config;
    if (writes || reply.statusCode !== 200) return payload;
    if (paged === undefined) {
      const before = cursorOf(payload);
      if (before !== undefined) linkOn(request, reply, { before });
      return payload;
    }
    const query = request.query as Asked;
    const { after, limit = PAGE_ENTRIES_MAX } = query;
    const all = (paged.list === undefined ? payload : (payload as Entry)[paged.list]) as readonly Entry[];
    const wanted = filtered(all, paged, query);
    const answer = (entries: readonly Entry[]): unknown =>
      paged.list === undefined ? entries : { ...(payload as Entry), [paged.list]: entries };
    if (query.limit === undefined && after === undefined) return wanted === all ? payload : answer(wanted);
    const page = pageOf(wanted, paged, limit, after);
    if (page === undefined) {
      throw new ApiProblem("bad-request", {
        zh: "after 不是本接口给出的位置",
        en: "`after` is no place that this list named",
      });
    }
    if (page.after !== undefined) linkOn(request, reply, { limit, after: page.after });
    return answer(page.entries);
  });
}

function cursorOf(payload: unknown): string | undefined {
  if (typeof payload !== "object" || payload === null || !("before" in payload)) return undefined;
  const { before } = payload;
  return typeof before === "number" || typeof before === "string" ? String(before) : undefined;
}

/** Says where the same question goes on. Relative, so that a proxy's address is nobody's business. */
export function linkOn(
  { url }: FastifyRequest,
  reply: FastifyReply,
  to: Readonly<Record<string, string | number>>,
): void {
  const [path, query] = url.split("?");
  const search = new URLSearchParams(query);
  for (const [name, value] of Object.entries(to)) search.set(name, String(value));
  reply.header("link", `<${path}?${search}>; rel="next"`);
}
