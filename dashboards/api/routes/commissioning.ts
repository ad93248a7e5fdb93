/**
 * Putting devices into service: a box is asked to search, what it found is taken into its configuration, its readings
 * are looked at, and a person confirms it. Everything goes by the command road; the box decides what it allows.
 */
import { ID_PATTERN, isWithin } from "@campus-ops/device-profiles/vocabulary";
import type { CommandView, DeviceView, EventView, NodeView } from "@campus-ops/ingest/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type {
  AdoptBody,
  CommissioningBox,
  CommissioningView,
  ProfileChoice,
  SearchBody,
  SearchView,
  UnconfirmedDevice,
} from "../../commissioning/api.ts";
import { deviceIdOf, lastSearch } from "../../commissioning/core/search.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import {
  array,
  boolean,
  commandView,
  number,
  object,
  scopeQuery,
  string,
  text,
  timestamp,
} from "../schemas.ts";
import { getJson, postJson } from "../upstream.ts";
import { pathOfCampus } from "./devices.ts";

const STATE = "Commissioning/State";
/** A search older than that has little to do with what hangs on the walls now. */
const SEARCHES_MS = 30 * 24 * 3_600_000;
const EVENTS_MAX = 10_000;

const words = { type: "string", minLength: 1, maxLength: 200 } as const;
const part = { type: "string", pattern: ID_PATTERN } as const;
const scalar = { type: ["boolean", "number", "string", "null"] } as const;
const quality = object({ status: { enum: ["good", "uncertain", "bad"] }, reason: string }, ["reason"]);
const boxParams = object({ campus: part, node: part });
const deviceParams = object({ campus: part, node: part, device: part });

const box = object(
  {
    key: string,
    campus: string,
    node: string,
    title: text,
    path: string,
    online: boolean,
    offers: object({ ranges: string, protocols: array(string), logins: array(string) }),
  },
  ["offers"],
);
const waits = { enum: ["checking", "waiting"] } as const;
const unconfirmed = object({
  key: string,
  title: text,
  class: string,
  profile: string,
  path: string,
  health: string,
  state: waits,
  readings: array(object({ metric: string, value: scalar, quality, at: timestamp, wrong: boolean })),
});
const finding = object(
  {
    protocol: string,
    address: string,
    url: string,
    facts: { type: "object", additionalProperties: { type: ["string", "number"] } },
    matches: array(object({ profile: string, confidence: number, why: text })),
    device: string,
  },
  ["device"],
);
const search = object({
  id: string,
  state: { enum: ["running", "done", "cancelled", "failed"] },
  startedAt: timestamp,
  asked: number,
  of: number,
  detail: string,
  findings: array(finding),
});
const searchBody = object(
  {
    ranges: { ...words, description: "10.1.0.5-20; all that the box allows unless said" },
    protocols: { type: "array", minItems: 1, maxItems: 10, items: words },
  },
  ["ranges", "protocols"],
);
const bilingual = object({ zh: words, en: words });
const adoptBody = object(
  {
    url: words,
    profile: words,
    title: bilingual,
    at: { ...words, description: "below the campus: building/storey/room" },
    login: part,
    poll: { type: "string", maxLength: 20 },
  },
  ["login", "poll"],
);
const choice = object({ id: string, title: text, class: string, protocol: string });

interface BoxParams {
  readonly campus: string;
  readonly node: string;
}

export function commissioningRoutes(
  server: FastifyInstance,
  { upstreams: { ingest }, audit, now, site }: ApiParts,
): void {
  const tags = ["commissioning"];
  const read = { permission: "devices.read" } as const;
  const configure = { permission: "devices.configure" } as const;
  const accepted = { response: { 202: commandView } };

  server.get<{ Querystring: { scope: string } }>(
    "/commissioning",
    {
      config: { ...read, paged: { list: "devices", by: ["key"], filters: { class: string, state: waits } } },
      schema: {
        tags,
        querystring: scopeQuery,
        response: { 200: object({ boxes: array(box), devices: array(unconfirmed) }) },
      },
    },
    async ({ identity, query: { scope } }): Promise<CommissioningView> => {
      const [nodes, devices] = await Promise.all([
        getJson<readonly NodeView[]>(ingest, "/nodes"),
        getJson<readonly DeviceView[]>(ingest, `/devices?having=${encodeURIComponent(STATE)}`),
      ]);
      return {
        boxes: nodes
          .filter(({ metrics }) => metrics.every(({ name, value }) => !isHub(name, value)))
          .map((node) => boxOf(node, pathOfCampus(site, node.campus)))
          .filter(({ path }) => sees(identity, path) && (isWithin(path, scope) || isWithin(scope, path))),
        devices: devices
          .filter(({ path }) => sees(identity, path) && isWithin(path, scope))
          .flatMap((device) => unconfirmedOf(device) ?? []),
      };
    },
  );

  server.get(
    "/commissioning/profiles",
    {
      config: { ...read, paged: { by: ["id"], filters: { class: string, protocol: string } } },
      schema: { tags, response: { 200: array(choice) } },
    },
    async (): Promise<readonly ProfileChoice[]> => {
      const { PROFILES } = await import("@campus-ops/device-profiles/profiles");
      return PROFILES.map(({ id, title, class: deviceClass, protocol }) => ({
        id,
        title,
        class: deviceClass,
        protocol,
      }));
    },
  );

  server.get<{ Params: BoxParams }>(
    "/commissioning/:campus/:node/search",
    {
      config: read,
      schema: {
        tags,
        params: boxParams,
        response: { 200: object({ search }, ["search"]) },
      },
    },
    async (request): Promise<{ readonly search?: SearchView }> => {
      const { campus, key } = await find(request, request.params);
      const range = { campus, from: now() - SEARCHES_MS, to: now() + SEARCHES_MS, limit: EVENTS_MAX };
      const [progress, found, devices] = await Promise.all([
        eventsOf({ ...range, event: "Discovery/Progress" }),
        eventsOf({ ...range, event: "Discovery/Found" }),
        getJson<readonly DeviceView[]>(ingest, `/devices?metrics=none&campus=${encodeURIComponent(campus)}`),
      ]);
      const keys = new Set(devices.map((device) => device.key));
      const last = lastSearch(key, progress, found, (device) => keys.has(device));
      return last === undefined ? {} : { search: last };
    },
  );

  server.post<{ Params: BoxParams; Body: SearchBody }>(
    "/commissioning/:campus/:node/search",
    { config: configure, schema: { tags, params: boxParams, body: searchBody, ...accepted } },
    async (request, reply): Promise<CommandView> => {
      const asked = await find(request, request.params);
      reply.code(202);
      return ask(request, asked, "Discovery/Search", JSON.stringify(request.body), "search");
    },
  );

  server.delete<{ Params: BoxParams }>(
    "/commissioning/:campus/:node/search",
    { config: configure, schema: { tags, params: boxParams, ...accepted } },
    async (request, reply): Promise<CommandView> => {
      const asked = await find(request, request.params);
      reply.code(202);
      return ask(request, asked, "Discovery/Search", "", "search-end");
    },
  );

  server.post<{ Params: BoxParams; Body: AdoptBody }>(
    "/commissioning/:campus/:node/devices",
    { config: configure, schema: { tags, params: boxParams, body: adoptBody, ...accepted } },
    async (request, reply): Promise<CommandView> => {
      const asked = await find(request, request.params);
      const id = deviceIdOf(request.body.url);
      if (id === "") throw new ApiProblem("bad-request", { zh: "连接地址不是 URL", en: "`url` is no URL" });
      reply.code(202);
      return ask(request, asked, "Discovery/Adopt", JSON.stringify({ id, ...request.body }), "adopt");
    },
  );

  server.delete<{ Params: BoxParams & { readonly device: string } }>(
    "/commissioning/:campus/:node/devices/:device",
    { config: configure, schema: { tags, params: deviceParams, ...accepted } },
    async (request, reply): Promise<CommandView> => {
      const asked = await find(request, request.params);
      reply.code(202);
      return ask(request, asked, "Discovery/Withdraw", request.params.device, "withdraw");
    },
  );

  server.post<{ Params: BoxParams & { readonly device: string } }>(
    "/commissioning/:campus/:node/devices/:device/confirmation",
    { config: configure, schema: { tags, params: deviceParams, ...accepted } },
    async (request, reply): Promise<CommandView> => {
      const { campus, device, node } = request.params;
      const key = [campus, node, device].map(encodeURIComponent).join("/");
      const known = await getJson<DeviceView>(ingest, `/devices/${key}`);
      if (!sees(request.identity, known.path)) throw new ApiProblem("not-found");
      reply.code(202);
      return ask(request, known, STATE, "confirmed", "confirm");
    },
  );

  async function ask(
    { identity: { user } }: FastifyRequest,
    { key, path }: { readonly key: string; readonly path: string },
    metric: string,
    value: string,
    what: string,
  ): Promise<CommandView> {
    const command = await postJson<CommandView>(ingest, "/commands", {
      device: key,
      metric,
      value,
      by: user,
    });
    audit({ user, action: `commissioning.${what}`, path, device: key, command: command.id, value });
    return command;
  }

  /** Outside of the caller's scope a box does not exist. */
  async function find({ identity }: FastifyRequest, { campus, node }: BoxParams): Promise<CommissioningBox> {
    const path = pathOfCampus(site, campus);
    const nodes = sees(identity, path)
      ? await getJson<readonly NodeView[]>(ingest, `/nodes?campus=${encodeURIComponent(campus)}`)
      : [];
    const found = nodes.find(({ key }) => key === `${campus}/${node}`);
    if (found === undefined) throw new ApiProblem("not-found");
    return boxOf(found, path);
  }

  function eventsOf(asked: Readonly<Record<string, string | number>>): Promise<readonly EventView[]> {
    const query = new URLSearchParams(
      Object.entries(asked).map(([name, value]): [string, string] => [name, String(value)]),
    );
    return getJson<readonly EventView[]>(ingest, `/events?${query}`);
  }
}

/** The hub itself speaks as a node too, and is no box. */
const isHub = (name: string, value: unknown): boolean => name === "Properties/Class" && value === "hub";

function boxOf({ campus, key, metrics, node, online, title }: NodeView, path: string): CommissioningBox {
  const said = (name: string): string | undefined => {
    const value = metrics.find((metric) => metric.name === `Discovery/${name}`)?.value;
    return typeof value === "string" ? value : undefined;
  };
  const list = (name: string): readonly string[] =>
    (said(name) ?? "").split(",").filter((each) => each !== "");
  const ranges = said("Ranges");
  const offers =
    ranges === undefined || ranges === ""
      ? {}
      : { offers: { ranges, protocols: list("Protocols"), logins: list("Logins") } };
  return { key, campus, node, title, path, online, ...offers };
}

const isLink = (metric: string): boolean => metric.startsWith("Connectivity/");

/** Undefined for a device that is confirmed, does not have to be, or is in its box's configuration no more. */
function unconfirmedOf(device: DeviceView): UnconfirmedDevice | undefined {
  const { class: deviceClass, health, key, metrics, path, profile, title } = device;
  const state = metrics.find(({ name }) => name === STATE)?.value;
  if (health === "retired" || (state !== "checking" && state !== "waiting")) return undefined;
  const readings = metrics
    .filter(({ name }) => !/^(Properties|Commissioning)\//.test(name))
    // What it measures stands before how it is reached.
    .toSorted((a, b) => Number(isLink(a.name)) - Number(isLink(b.name)))
    .map(({ name: metric, value, quality: its, eventTime: at }) => ({
      metric,
      value,
      quality: its,
      at,
      wrong: its.status === "bad" && its.reason !== "unreachable" && its.reason !== "not-read",
    }));
  return { key, title, class: deviceClass, profile, path, health, state, readings };
}
