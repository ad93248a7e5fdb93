/** Classroom control: scenes, what they come to in a place, and what became of each device. */
import { isWithin } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { NewScene, RoomItem, RoomRun, RoomRunBody, SceneView } from "../../rooms/api.ts";
import {
  BUILT_IN_SCENES,
  planScene,
  ROOM_CLASSES,
  SCENE_METRICS,
  settingsOf,
} from "../../rooms/core/scene.ts";
import { ITEMS_MAX, RoomRunner } from "../../rooms/room-runner.ts";
import type { CommandView, DeviceView } from "../api.ts";
import { DONE } from "../contents.ts";
import { sees } from "../identity.ts";
import { linkOn } from "../paging.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, boolean, idParams, number, object, string, text, timestamp } from "../schemas.ts";
import { getJson, postJson } from "../upstream.ts";

const POLL_MS = 400;
const SETTINGS_MAX = 100;

const path = { type: "string", minLength: 1, maxLength: 400 } as const;
const value = { type: ["boolean", "number", "string"], maxLength: 200 } as const;
const setting = object({ class: { enum: ROOM_CLASSES }, metric: { enum: SCENE_METRICS }, value });
const name = { type: "string", minLength: 1, maxLength: 60 } as const;
const scene = object({ id: string, title: text, path: string, builtIn: boolean, settings: array(setting) });
const newScene = object(
  {
    title: object({ zh: name, en: { type: "string", maxLength: 60 } }),
    path,
    settings: { type: "array", minItems: 1, maxItems: SETTINGS_MAX, items: setting },
    like: path,
  },
  ["settings", "like"],
);
const item = object(
  {
    device: string,
    title: text,
    path: string,
    metric: string,
    value,
    state: {
      enum: ["waiting", "already", "away", "requested", "confirmed", "unknown", "refused", "cancelled"],
    },
    detail: string,
  },
  ["detail"],
);
const run = object(
  {
    id: number,
    path: string,
    scene: string,
    title: text,
    by: string,
    reason: string,
    startedAt: timestamp,
    endedAt: timestamp,
    state: { enum: ["running", "done", "cancelled"] },
    items: array(item),
  },
  ["endedAt"],
);
const runBody = object({ path, scene: name, reason: { type: "string", maxLength: 500 } }, ["reason"]);
const runQuery = object(
  {
    scope: { type: "string", default: "", maxLength: 400 },
    limit: { type: "integer", minimum: 1, maximum: 200, default: 50 },
    before: { type: "integer", minimum: 1, description: "as the header `Link` of the page before says" },
  },
  ["scope", "limit", "before"],
);
const runParams = object({ id: { type: "integer", minimum: 1 } });

export function roomRoutes(server: FastifyInstance, { upstreams, audit, rooms, now }: ApiParts): void {
  const tags = ["rooms"];
  const read = { permission: "devices.read" } as const;
  const command = { permission: "devices.command" } as const;
  const runner = rooms === undefined ? undefined : new RoomRunner(rooms, send, now);

  server.get(
    "/scenes",
    {
      config: { ...read, paged: { by: ["id"], at: "path" } },
      schema: { tags, response: { 200: array(scene) } },
    },
    async (request): Promise<readonly SceneView[]> =>
      scenes().filter(({ path: at }) => at === "" || sees(request.identity, at)),
  );

  server.post<{ Body: NewScene }>(
    "/scenes",
    { config: command, schema: { tags, body: newScene, response: { 201: scene } } },
    async (request, reply): Promise<SceneView> => {
      const { body, identity } = request;
      const { title, path: at, like } = body;
      inScope(request, at);
      if (like !== undefined) inScope(request, like);
      const settings = body.settings ?? (like === undefined ? [] : settingsOf(await devicesAt(like)));
      if (settings.length === 0) {
        throw new ApiProblem("bad-request", {
          zh: "这间教室没有可以存为场景的状态",
          en: "this room has no state that a scene could bring back",
        });
      }
      const added = store().addScene({ title, path: at, settings });
      if (added === undefined) {
        throw new ApiProblem("conflict", {
          zh: "场景数量已达上限，请先删除不用的场景",
          en: "there are as many scenes as are kept; remove one first",
        });
      }
      audit({ user: identity.user, action: "scene.save", path: at, scene: added.id });
      reply.code(201);
      return added;
    },
  );

  server.delete<{ Params: { id: string } }>(
    "/scenes/:id",
    { config: command, schema: { tags, params: idParams, response: DONE } },
    async (request, reply) => {
      const found = store()
        .scenes()
        .find(({ id }) => id === request.params.id);
      if (found === undefined) throw new ApiProblem("not-found");
      inScope(request, found.path);
      store().removeScene(found.id);
      audit({ user: request.identity.user, action: "scene.remove", path: found.path, scene: found.id });
      return reply.code(204).send();
    },
  );

  server.get<{ Querystring: { scope: string; limit: number; before?: number } }>(
    "/room-runs",
    { config: read, schema: { tags, querystring: runQuery, response: { 200: array(run) } } },
    async (request, reply): Promise<readonly RoomRun[]> => {
      const { before, limit, scope } = request.query;
      const within = (at: string): boolean => sees(request.identity, at) && isWithin(at, scope);
      const runs = store().runs(within, limit, before);
      const last = runs.at(-1);
      if (runs.length === limit && last !== undefined) linkOn(request, reply, { before: last.id });
      return runs.map((each) => runner?.get(each.id) ?? each);
    },
  );

  server.post<{ Body: RoomRunBody }>(
    "/room-runs",
    { config: command, schema: { tags, body: runBody, response: { 202: run } } },
    async (request, reply): Promise<RoomRun> => {
      const { path: at, scene: id, reason = "" } = request.body;
      const { user } = request.identity;
      inScope(request, at);
      const chosen = scenes().find((each) => each.id === id && (each.path === "" || isWithin(at, each.path)));
      if (chosen === undefined) throw new ApiProblem("not-found");
      const items = planScene(await devicesAt(at), chosen.settings);
      if (items.length > ITEMS_MAX) {
        throw new ApiProblem("bad-request", {
          zh: `一次最多 ${ITEMS_MAX} 项，请选择小一些的范围`,
          en: `${ITEMS_MAX} settings at once at most; choose a smaller place`,
        });
      }
      const started = runner?.start({ path: at, scene: id, title: chosen.title, by: user, reason, items });
      if (started === undefined) {
        throw new ApiProblem("conflict", {
          zh: "已有多项批量控制正在进行，请稍后再试",
          en: "several runs are under way already; try again shortly",
        });
      }
      audit({ user, action: "room.run", path: at, scene: id, run: started.id, items: items.length, reason });
      reply.code(202);
      return started;
    },
  );

  server.get<{ Params: { id: number } }>(
    "/room-runs/:id",
    { config: read, schema: { tags, params: runParams, response: { 200: run } } },
    async (request): Promise<RoomRun> => find(request),
  );

  server.delete<{ Params: { id: number } }>(
    "/room-runs/:id",
    { config: command, schema: { tags, params: runParams, response: { 200: run } } },
    async (request): Promise<RoomRun> => {
      const { id, path: at } = find(request);
      runner?.cancel(id);
      audit({ user: request.identity.user, action: "room.cancel", path: at, run: id });
      return find(request);
    },
  );

  function store() {
    if (rooms === undefined) throw new ApiProblem("part-away");
    return rooms;
  }

  function scenes(): readonly SceneView[] {
    return [...BUILT_IN_SCENES, ...store().scenes()];
  }

  function find(request: FastifyRequest): RoomRun {
    const found = runner?.get((request.params as { id: number }).id);
    if (found === undefined || !sees(request.identity, found.path)) throw new ApiProblem("not-found");
    return found;
  }

  function inScope(request: FastifyRequest, at: string): void {
    if (!sees(request.identity, at)) throw new ApiProblem("not-found");
  }

  async function devicesAt(at: string): Promise<readonly DeviceView[]> {
    const campus = at.split("/")[2];
    const search = campus === undefined ? "" : `?campus=${encodeURIComponent(campus)}`;
    const devices = await getJson<readonly DeviceView[]>(upstreams.ingest, `/devices${search}`);
    return devices.filter(({ health, path }) => health !== "retired" && isWithin(path, at));
  }

  /** One command as anybody's: written down, sent, and followed until its read-back. */
  async function send({ device, metric, value: wanted, path: at }: RoomItem, { by, id, reason }: RoomRun) {
    const asked = { device, metric, value: wanted, by, ...(reason === "" ? {} : { reason }) };
    let current = await postJson<CommandView>(upstreams.ingest, "/commands", asked);
    audit({
      user: by,
      action: "command",
      path: at,
      command: current.id,
      device,
      metric,
      value: wanted,
      run: id,
    });
    while (current.state === "requested") {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      current = await getJson<CommandView>(upstreams.ingest, `/commands/${encodeURIComponent(current.id)}`);
    }
    return { state: current.state, ...(current.detail === undefined ? {} : { detail: current.detail }) };
  }
}
