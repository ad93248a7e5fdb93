/** Who is told of an alarm: desks, channels, receipts; and how the alarms themselves are doing. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type {
  AlarmDetail,
  AlarmPerformanceView,
  ChannelView,
  DeskSummary,
  DeskView,
  HandOverBody,
  HandOverView,
  NotificationView,
} from "../api.ts";
import { BEGUN } from "../contents.ts";
import { demandWholeHub, sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, boolean, idParams, number, object, string, text, timestamp } from "../schemas.ts";
import { getJson, postJson } from "../upstream.ts";

const kind = { enum: ["raised", "escalated", "settled", "test"] } as const;
const state = { enum: ["waiting", "delivered", "given-up"] } as const;
const notificationView = object(
  {
    id: number,
    alarm: string,
    channel: string,
    recipient: string,
    desk: string,
    kind,
    state,
    createdAt: timestamp,
    attempts: number,
    settledAt: timestamp,
    detail: string,
  },
  ["settledAt", "detail"],
);
const channelView = object({ id: string, kind: string, alive: boolean, detail: string, waiting: number });
const deskView = object(
  {
    id: string,
    title: text,
    scope: array(string),
    channels: array(string),
    staffed: boolean,
    held: object({ by: string, since: timestamp }),
  },
  ["held"],
);
const summary = object({
  at: timestamp,
  unacknowledged: number,
  standing: number,
  alarms: array(
    object(
      {
        id: string,
        title: text,
        device: text,
        path: string,
        priority: number,
        state: string,
        raisedAt: timestamp,
        acknowledgedBy: string,
        assignedTo: string,
        comment: string,
        shelvedUntil: timestamp,
      },
      ["acknowledgedBy", "assignedTo", "comment", "shelvedUntil"],
    ),
  ),
});
const handOver = object(
  { id: number, desk: string, at: timestamp, from: string, to: string, note: string, summary },
  ["note"],
);
const person = { type: "string", minLength: 1, maxLength: 128 } as const;
const handOverBody = object({ from: person, to: person, note: { type: "string", maxLength: 2_000 } }, [
  "note",
]);
const performanceView = object({
  desks: array(object({ desk: string, newAlarms: number, floodSince: timestamp }, ["floodSince"])),
  chattering: array(string),
  stale: array(string),
});

export function peopleRoutes(server: FastifyInstance, { upstreams, audit }: ApiParts): void {
  const { rules } = upstreams;

  server.get<{ Querystring: { alarm: string } }>(
    "/notifications",
    {
      config: {
        permission: "alarms.read",
        paged: { by: ["id"], filters: { channel: string, desk: string, kind, state } },
      },
      schema: {
        tags: ["people"],
        querystring: object({ alarm: { type: "string", minLength: 1, maxLength: 128 } }),
        response: { 200: array(notificationView) },
      },
    },
    async (request): Promise<readonly NotificationView[]> => {
      const id = encodeURIComponent(request.query.alarm);
      const alarm = await getJson<AlarmDetail>(rules, `/alarms/${id}`);
      if (!sees(request.identity, alarm.device.path)) throw new ApiProblem("not-found");
      return getJson(rules, `/notifications?alarm=${id}`);
    },
  );

  server.get(
    "/channels",
    {
      config: {
        permission: "channels.manage",
        paged: { by: ["id"], filters: { kind: string, alive: boolean } },
      },
      schema: { tags: ["people"], response: { 200: array(channelView) } },
    },
    async (request): Promise<readonly ChannelView[]> => {
      demandWholeHub(request.identity);
      return getJson(rules, "/channels");
    },
  );

  server.post<{ Params: { id: string } }>(
    "/channels/:id/test",
    {
      config: { permission: "channels.manage" },
      schema: { tags: ["people"], params: idParams, response: BEGUN },
    },
    async (request, reply) => {
      demandWholeHub(request.identity);
      const { user } = request.identity;
      const { id } = request.params;
      await postJson(rules, `/channels/${encodeURIComponent(id)}/test`, { by: user });
      audit({ user, action: "channel.test", channel: id });
      return reply.code(202).send();
    },
  );

  server.get<{ Params: { id: string } }>(
    "/channels/:id/tests",
    {
      config: { permission: "channels.manage", paged: { by: ["id"], filters: { state } } },
      schema: { tags: ["people"], params: idParams, response: { 200: array(notificationView) } },
    },
    async (request): Promise<readonly NotificationView[]> => {
      demandWholeHub(request.identity);
      return getJson(rules, `/channels/${encodeURIComponent(request.params.id)}/tests`);
    },
  );

  server.get(
    "/desks",
    {
      config: { permission: "alarms.read", paged: { by: ["id"], filters: { staffed: boolean } } },
      schema: { tags: ["people"], response: { 200: array(deskView) } },
    },
    async ({ identity }): Promise<readonly DeskView[]> =>
      (await getJson<readonly DeskView[]>(rules, "/desks")).filter(
        ({ scope }) =>
          // A desk without places of its own answers for the whole hub, and everybody may know it.
          scope.length === 0 || scope.some((place) => sees(identity, place)),
      ),
  );

  server.get<{ Params: { id: string } }>(
    "/desks/:id/summary",
    {
      config: { permission: "alarms.read" },
      schema: { tags: ["people"], params: idParams, response: { 200: summary } },
    },
    async (request): Promise<DeskSummary> => getJson(rules, `${await ownDesk(request)}/summary`),
  );

  server.get<{ Params: { id: string } }>(
    "/desks/:id/hand-overs",
    {
      config: { permission: "alarms.read", paged: { by: ["id"], newestFirst: true } },
      schema: { tags: ["people"], params: idParams, response: { 200: array(handOver) } },
    },
    async (request): Promise<readonly HandOverView[]> =>
      getJson(rules, `${await ownDesk(request)}/hand-overs`),
  );

  server.post<{ Params: { id: string }; Body: HandOverBody }>(
    "/desks/:id/hand-overs",
    {
      config: { permission: "desk.hand-over" },
      schema: { tags: ["people"], params: idParams, body: handOverBody, response: { 200: handOver } },
    },
    async (request): Promise<HandOverView> => {
      const given = await postJson<HandOverView>(rules, `${await ownDesk(request)}/hand-overs`, request.body);
      const { id, desk, from, to } = given;
      audit({ user: request.identity.user, action: "desk.hand-over", handOver: id, desk, from, to });
      return given;
    },
  );

  /** A desk lies in somebody's scope when every place it answers for does. */
  async function ownDesk({ params, identity }: FastifyRequest<{ Params: { id: string } }>): Promise<string> {
    const desk = (await getJson<readonly DeskView[]>(rules, "/desks")).find(({ id }) => id === params.id);
    const places = desk === undefined || desk.scope.length === 0 ? [""] : desk.scope;
    if (desk === undefined || !places.every((place) => sees(identity, place)))
      throw new ApiProblem("not-found");
    return `/desks/${encodeURIComponent(desk.id)}`;
  }

  server.get(
    "/alarm-performance",
    {
      config: { permission: "alarms.read" },
      schema: { tags: ["people"], response: { 200: performanceView } },
    },
    async (request): Promise<AlarmPerformanceView> => {
      demandWholeHub(request.identity);
      return getJson(rules, "/performance");
    },
  );
}
