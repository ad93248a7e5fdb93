import { campusPath, isWithin, type Site } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type {
  CommandBody,
  CommandView,
  DeviceList,
  DeviceView,
  NodeView,
  QueryRequest,
  QueryResult,
} from "../api.ts";
import { narrowed, sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import {
  commandBody,
  commandView,
  deviceList,
  deviceListQuery,
  deviceView,
  idParams,
  queryBody,
  queryResult,
} from "../schemas.ts";
import { getJson, postJson } from "../upstream.ts";

interface DevicesAsked {
  readonly scope: string;
  readonly metrics: "all" | "none";
  readonly class?: string;
  readonly health?: DeviceView["health"];
  readonly text?: string;
  readonly after?: string;
}

export function deviceRoutes(server: FastifyInstance, { upstreams, site, audit }: ApiParts): void {
  server.get<{ Querystring: DevicesAsked }>(
    "/devices",
    {
      config: { permission: "devices.read", paged: { list: "devices", by: ["key"], words: false } },
      schema: { tags: ["devices"], querystring: deviceListQuery, response: { 200: deviceList } },
    },
    async (request): Promise<DeviceList> => {
      const { after, metrics, scope } = request.query;
      const [devices, nodes] = await Promise.all([
        getJson<readonly DeviceView[]>(
          upstreams.ingest,
          metrics === "none" ? "/devices?metrics=none" : "/devices",
        ),
        getJson<readonly NodeView[]>(upstreams.ingest, "/nodes"),
      ]);
      return {
        devices: devices.filter(
          (each) => sees(request.identity, each.path) && isAskedFor(each, request.query),
        ),
        // They come with the first page.
        nodes: nodes.filter(({ campus }) => {
          if (after !== undefined) return false;
          const path = pathOfCampus(site, campus);
          return sees(request.identity, path) && (isWithin(path, scope) || isWithin(scope, path));
        }),
      };
    },
  );

  server.get<{ Params: { campus: string; node: string; device: string } }>(
    "/devices/:campus/:node/:device",
    { config: { permission: "devices.read" }, schema: { tags: ["devices"], response: { 200: deviceView } } },
    (request) => {
      const { campus, node, device } = request.params;
      return find(request, `${campus}/${node}/${device}`);
    },
  );

  server.post<{ Body: QueryRequest }>(
    "/query",
    {
      config: { permission: "devices.read", writes: false, paged: { list: "series", by: ["key"] } },
      schema: { tags: ["history"], body: queryBody, response: { 200: queryResult } },
    },
    async (request): Promise<QueryResult> => {
      const { identity, body } = request;
      if (body.to <= body.from) {
        throw new ApiProblem("bad-request", {
          zh: "结束时间必须晚于开始时间",
          en: "`to` must be after `from`",
        });
      }
      if (body.device !== undefined) await find(request, body.device);
      const asked = body.scope ?? "";
      const scope = narrowed(identity, asked);
      return postJson<QueryResult>(upstreams.ingest, "/query", { ...body, scope });
    },
  );

  server.post<{ Body: CommandBody }>(
    "/commands",
    {
      config: { permission: "devices.command" },
      schema: { tags: ["commands"], body: commandBody, response: { 202: commandView } },
    },
    async (request, reply): Promise<CommandView> => {
      const { path } = await find(request, request.body.device);
      const { user } = request.identity;
      const command = await postJson<CommandView>(upstreams.ingest, "/commands", {
        ...request.body,
        by: user,
      });
      const { id, device, metric, value, reason } = command;
      audit({ user, action: "command", command: id, path, device, metric, value, reason });
      reply.code(202);
      return command;
    },
  );

  server.get<{ Params: { id: string } }>(
    "/commands/:id",
    {
      config: { permission: "devices.read" },
      schema: { tags: ["commands"], params: idParams, response: { 200: commandView } },
    },
    async (request): Promise<CommandView> => {
      const command = await getJson<CommandView>(
        upstreams.ingest,
        `/commands/${encodeURIComponent(request.params.id)}`,
      );
      await findAsset(request, command.device);
      return command;
    },
  );

  /** What a command can be about: a device, or an edge box as `campus/node`. */
  async function findAsset(request: FastifyRequest, key: string): Promise<void> {
    const [campus = "", , device] = key.split("/");
    if (device !== undefined) await find(request, key);
    else if (!sees(request.identity, pathOfCampus(site, campus))) throw new ApiProblem("not-found");
  }

  /** Outside of the caller's scope a device does not exist. */
  async function find(request: FastifyRequest, key: string): Promise<DeviceView> {
    // Half of a character pair is no text; it cannot be part of an address, nor of a name.
    if (!key.isWellFormed()) throw new ApiProblem("not-found");
    const path = key.split("/").map(encodeURIComponent).join("/");
    const device = await getJson<DeviceView>(upstreams.ingest, `/devices/${path}`);
    if (!sees(request.identity, device.path)) throw new ApiProblem("not-found");
    return device;
  }
}

function isAskedFor(device: DeviceView, asked: DevicesAsked): boolean {
  const { health, key, path, title } = device;
  const text = asked.text?.toLowerCase();
  return (
    isWithin(path, asked.scope) &&
    (asked.class === undefined || device.class === asked.class) &&
    (asked.health === undefined || health === asked.health) &&
    (text === undefined || [key, title.zh, title.en].some((each) => each.toLowerCase().includes(text)))
  );
}

/** A campus that the site does not know lies in no scope but everything. */
export function pathOfCampus(site: Site, campus: string): string {
  return campusPath(site, campus) ?? `unknown/${campus}`;
}
