/** The HTTP side of ingest; see `api.ts` for what it answers. */
import { ID_PATTERN, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { answerWithProblems, Problem, type Registry } from "@campus-ops/service";
import fastify, { type FastifyInstance } from "fastify";
import type {
  CommandRequest,
  CommandView,
  DeviceView,
  EventView,
  NodeView,
  QueryRequest,
  QueryResult,
  RetentionView,
  SnapshotView,
} from "../api.ts";
import { type Locatable, planQuery, QUERY_POINTS_MAX } from "../core/query.ts";
import { deviceRow, deviceView, nodeView } from "../core/views.ts";
import type { FlowAlarmState, ServiceState } from "../host/own-node.ts";
import type { EventsAsked } from "../projections/events.ts";
import type { RegistryProjection } from "../projections/registry.ts";
import { type QueryPoints, QueryTooLargeError, StoreAwayError } from "../store/store.ts";
import type { LiveStream } from "./live-stream.ts";
import { type PictureRouteParts, pictureRoutes } from "./pictures.ts";
import { CURSOR, demandRange, TIME } from "./ranges.ts";
import { rollupRoutes } from "./rollups.ts";

export interface ServerParts {
  readonly projection: RegistryProjection;
  readonly store: QueryPoints;
  readonly stream: LiveStream;
  readonly metrics: Registry;
  readonly events: (asked: EventsAsked) => readonly EventView[];
  readonly retention: () => RetentionView;
  readonly command: (request: CommandRequest) => CommandView;
  readonly now: () => Timestamp;
  /** Milliseconds that never step back. */
  readonly uptime_ms: () => number;
  readonly pictures: PictureRouteParts;
  /** What lies where on campuses that others hold, of those that a question is about. */
  readonly elsewhere?: ((asked: QueryRequest) => Promise<readonly Locatable[]>) | undefined;
  /** Rules wait for this moment of the journal's time. */
  readonly clock: (at: Timestamp) => void;
  /** The rules have taken the journal up to this entry. */
  readonly rulesTook: (seq: number) => void;
  /** Another process of the hub tells how something it needs is doing. Throws a RangeError when there are too many. */
  readonly service: (id: string, state: ServiceState) => void;
  /** As {@link service}, of a flow's alarm. */
  readonly flow: (id: string, state: FlowAlarmState) => void;
  /** Copies the store into a new folder; absent where its engine is elsewhere. */
  readonly snapshot?: (folder: string) => Promise<void>;
  /** Empty when all is well; otherwise what is not. */
  readonly ailments: () => readonly string[];
}

const AGGREGATIONS = ["mean", "min", "max", "sum", "count", "last", "first"] as const;

const QUERY = {
  type: "object",
  required: ["metric", "from", "to"],
  additionalProperties: false,
  properties: {
    metric: { type: "string", minLength: 1, maxLength: 256 },
    scope: { type: "string", maxLength: 512 },
    device: { type: "string", maxLength: 256 },
    from: TIME,
    to: TIME,
    step_ms: { type: "integer", minimum: 1, maximum: 8.64e15 },
    aggregation: { enum: AGGREGATIONS },
    groupBy: { enum: ["device", "campus", "county", "city", "none"] },
    limit: { type: "integer", minimum: 1, maximum: QUERY_POINTS_MAX },
  },
} as const;

const COMMAND = {
  type: "object",
  required: ["device", "metric", "value", "by"],
  additionalProperties: false,
  properties: {
    device: { type: "string", maxLength: 256 },
    metric: { type: "string", maxLength: 256 },
    value: { type: ["boolean", "number", "string", "null"], maxLength: 4096 },
    by: { type: "string", minLength: 1, maxLength: 256 },
    reason: { type: "string", maxLength: 4096 },
  },
} as const;

const TAKEN = {
  type: "object",
  required: ["seq"],
  additionalProperties: false,
  properties: { seq: { type: "integer", minimum: 0 } },
} as const;
const CLOCK = {
  type: "object",
  required: ["at"],
  additionalProperties: false,
  properties: { at: TIME },
} as const;

const FOLDER = {
  type: "object",
  required: ["folder"],
  additionalProperties: false,
  properties: { folder: { type: "string", pattern: "^/", maxLength: 4_096 } },
} as const;

const SERVICE_ID = { type: "object", properties: { id: { type: "string", pattern: ID_PATTERN } } } as const;
const WORDS = { type: "string", minLength: 1, maxLength: 1_000 } as const;
const LOCAL_TEXT = {
  type: "object",
  required: ["zh", "en"],
  additionalProperties: false,
  properties: { zh: WORDS, en: WORDS },
} as const;
const SERVICE = {
  type: "object",
  required: ["title", "working"],
  additionalProperties: false,
  properties: {
    title: LOCAL_TEXT,
    working: { type: "boolean" },
    reason: LOCAL_TEXT,
  },
} as const;

const FLOW = {
  type: "object",
  required: ["title", "raised", "priority", "text"],
  additionalProperties: false,
  properties: {
    title: LOCAL_TEXT,
    raised: { type: "boolean" },
    priority: { enum: [1, 2, 3, 4] },
    text: LOCAL_TEXT,
  },
} as const;

const EVENTS = {
  type: "object",
  required: ["from", "to"],
  properties: {
    from: TIME,
    to: TIME,
    campus: { type: "string", maxLength: 64 },
    event: { type: "string", maxLength: 256 },
    limit: { type: "integer", minimum: 1, maximum: 10_000, default: 1_000 },
  },
} as const;

export function createServer(parts: ServerParts): FastifyInstance {
  const { projection, store, stream, metrics } = parts;
  const { registry } = projection;
  const server = fastify({
    bodyLimit: 1024 * 1024,
    forceCloseConnections: true,
    ajv: { customOptions: { allowUnionTypes: true } },
  });
  answerWithProblems(server, "ingest");

  server.get("/healthz", (_, reply) => {
    const ailments = parts.ailments();
    return reply.code(ailments.length === 0 ? 200 : 503).send({ ok: ailments.length === 0, ailments });
  });
  server.get("/metrics", async (_, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
  server.post<{ Body: { readonly at: Timestamp } }>(
    "/clock",
    { schema: { body: CLOCK } },
    ({ body }, reply) => {
      parts.clock(body.at);
      return reply.code(204).send();
    },
  );

  server.put<{ Body: { readonly seq: number } }>(
    "/readers/rules",
    { schema: { body: TAKEN } },
    ({ body }, reply) => {
      parts.rulesTook(body.seq);
      return reply.code(204).send();
    },
  );

  server.get<{ Querystring: { campus?: string; having?: string; metrics?: "none" } }>(
    "/devices",
    ({ query }) =>
      [...registry.devices.values()]
        .filter(({ address }) => query.campus === undefined || address.campus === query.campus)
        .filter(({ metrics: its }) => query.having === undefined || its.has(query.having))
        .flatMap(
          (device): DeviceView[] | DeviceView =>
            (query.metrics === "none" ? deviceRow(device) : deviceView(device)) ?? [],
        ),
  );
  server.get<{ Params: { campus: string; node: string; device: string } }>(
    "/devices/:campus/:node/:device",
    ({ params: { campus, node, device } }): DeviceView => {
      const key = `${campus}/${node}/${device}`;
      const found = registry.devices.get(key);
      const view = found === undefined ? undefined : deviceView(found);
      if (view === undefined)
        throw new Problem(
          404,
          "Unknown device",
          `no device ${key} has ever been born here`,
          `这里从来没有过设备 ${key}`,
        );
      return view;
    },
  );
  server.get<{ Querystring: { campus?: string } }>("/nodes", ({ query }): NodeView[] =>
    [...registry.nodes.values()]
      .filter(({ address }) => query.campus === undefined || address.campus === query.campus)
      .map(nodeView),
  );

  server.get<{ Querystring: { after?: number } }>(
    "/stream",
    { schema: { querystring: CURSOR } },
    (request, reply) => {
      const resumed = Number(request.headers["last-event-id"]);
      const after = request.query.after ?? (Number.isSafeInteger(resumed) ? resumed : undefined);
      reply.hijack();
      reply.raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      if (!stream.add(reply.raw, after)) reply.raw.end("event: refused\ndata: too many streams are open\n\n");
    },
  );

  server.get("/locations", (): readonly Locatable[] => [...registry.locations()]);

  server.post<{ Body: QueryRequest }>(
    "/query",
    { schema: { body: QUERY } },
    async ({ body }): Promise<QueryResult> => {
      demandRange(body);
      const located = [...registry.locations(), ...((await parts.elsewhere?.(body)) ?? [])];
      return store.query(planQuery(body, located)).catch((error: unknown) => {
        if (error instanceof StoreAwayError)
          throw new Problem(
            503,
            "The store is away",
            error.message,
            "历史数据库暂时不可用，数据没有丢失，请稍后再试",
          );
        if (error instanceof QueryTooLargeError)
          throw new Problem(
            422,
            "Too much was asked for",
            error.message,
            "查询的数据太多，请缩短时间范围或加大步长",
          );
        throw error;
      });
    },
  );

  rollupRoutes(server, { ...parts, rollups: projection.rollups });
  server.get<{ Querystring: EventsAsked }>("/events", { schema: { querystring: EVENTS } }, ({ query }) => {
    demandRange(query);
    return parts.events(query);
  });
  server.get("/retention", () => parts.retention());
  pictureRoutes(server, parts.pictures);
  server.post<{ Body: { readonly folder: string } }>(
    "/store/snapshot",
    { schema: { body: FOLDER } },
    async ({ body }): Promise<SnapshotView> => {
      await parts.snapshot?.(body.folder);
      return { kept: parts.snapshot === undefined ? "elsewhere" : "here" };
    },
  );

  server.post<{ Body: CommandRequest }>("/commands", { schema: { body: COMMAND } }, ({ body }, reply) =>
    reply.code(202).send(parts.command(body)),
  );
  server.put<{ Params: { id: string }; Body: ServiceState }>(
    "/services/:id",
    { schema: { params: SERVICE_ID, body: SERVICE } },
    ({ params, body }, reply) => {
      bounded(() => parts.service(params.id, body));
      return reply.code(204).send();
    },
  );
  server.put<{ Params: { id: string }; Body: FlowAlarmState }>(
    "/flows/:id",
    { schema: { params: SERVICE_ID, body: FLOW } },
    ({ params, body }, reply) => {
      bounded(() => parts.flow(params.id, body));
      return reply.code(204).send();
    },
  );
  server.get<{ Params: { id: string } }>("/commands/:id", ({ params: { id } }): CommandView => {
    const command = projection.command(id);
    if (command === undefined)
      throw new Problem(
        404,
        "Unknown command",
        `no command ${id} was ever asked for here`,
        `这里没有下发过命令 ${id}`,
      );
    return command;
  });
  return server;
}

function bounded(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof RangeError)
      throw new Problem(409, "Too many of them", error.message, "数量已达上限，没有添加");
    throw error;
  }
}
