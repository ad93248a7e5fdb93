/** `rules/api.ts` over HTTP. */
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { answerWithProblems, type Log, Problem, type Registry } from "@campus-ops/service";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import type { AlarmAction, AlarmDetail, AlarmView, CampusAlarmCounts } from "../api.ts";
import type { BackTests } from "../back-test/back-tests.ts";
import { backTestRoutes } from "../back-test/routes.ts";
import { confirmationRoutes } from "../confirmations/confirmations.ts";
import type { ConfirmationStore } from "../confirmations/store.ts";
import { ASSIGNEE_CHARACTERS_MAX } from "../core/assign.ts";
import type { Calendar } from "../core/calendar.ts";
import type { RefusalReason } from "../core/effect.ts";
import type { Engine } from "../core/engine.ts";
import { PERSON_ACTIONS, type PersonAction } from "../core/input.ts";
import type { AlarmPerformance } from "../core/performance.ts";
import { evidenceRoutes } from "../evidence/routes.ts";
import type { Follower, PeopleAct } from "../feed/follower.ts";
import type { HealthFigures } from "../health/figures.ts";
import { healthRoutes } from "../health/routes.ts";
import { notifyRoutes } from "../notify/routes.ts";
import type { Notify } from "../notify/start.ts";
import type { LivePacks } from "../packs/live-packs.ts";
import type { OwnPacks } from "../packs/own-packs.ts";
import { packRoutes } from "../packs/routes.ts";
import type { PictureContents } from "../pictures/contents.ts";
import type { Examinations } from "../standards/examinations.ts";
import { standardRoutes } from "../standards/routes.ts";
import type { Standards } from "../standards/standards.ts";
import type { RulesStore } from "../store/rules-store.ts";
import type { UseBelow } from "../told/use-below.ts";
import type { UseFigures } from "../use/figures.ts";
import type { LeftOnFigures } from "../use/left-on.ts";
import { useRoutes } from "../use/routes.ts";
import { calendarRoute } from "./calendar.ts";
import { drillRoutes } from "./drills.ts";
import { type FederationParts, federationRoutes } from "./federation.ts";
import { figureRoutes } from "./figures.ts";
import { healthRoute } from "./health.ts";
import { CLIENTS_MAX, type LiveStream } from "./live-stream.ts";
import { pictureRoute } from "./pictures.ts";
import { campusCounts } from "./rollups.ts";
import { watchRoutes } from "./watch.ts";

export const ALARMS_MAX = 5_000;
const BODY_BYTES_MAX = 16_384;

export interface ServerParts {
  readonly federation: Pick<
    FederationParts,
    "hubId" | "clears" | "rule" | "news" | "standing" | "days" | "countDays"
  >;
  readonly notify: Notify;
  readonly use: UseFigures;
  readonly leftOn: LeftOnFigures;
  readonly useBelow: UseBelow;
  readonly health: HealthFigures;
  readonly standards: Standards;
  readonly examinations: Examinations;
  readonly calendar: Calendar;
  readonly confirmations: ConfirmationStore;
  readonly engine: () => Engine;
  readonly performance: AlarmPerformance;
  readonly packs: LivePacks;
  readonly ownPacks: OwnPacks;
  readonly keyFile: string;
  readonly hub: LocalText;
  readonly timeZone: string | undefined;
  readonly pictures: PictureContents;
  readonly backTests: BackTests;
  readonly campuses: readonly string[];
  readonly store: RulesStore;
  readonly follower: Follower;
  readonly stream: LiveStream;
  readonly metrics: Registry;
  readonly log: Log;
  /** Wall clock, for what people do. */
  readonly now: () => Timestamp;
}

interface Refusal {
  readonly status: number;
  readonly title: string;
  readonly zh: string;
}
const REFUSALS: Readonly<Record<RefusalReason, Refusal>> = {
  "unknown-alarm": { status: 404, title: "No such alarm", zh: "没有这条报警" },
  "no-such-transition": {
    status: 409,
    title: "The alarm's life cycle has no such transition",
    zh: "报警在当前状态下不能这样操作；可能别人刚处理过，请看最新状态",
  },
  "invalid-request": { status: 400, title: "Bad request", zh: "填写的内容不对，报警没有变化" },
};

/** What a reading decides has a route of its own. */
const ASKED_ACTIONS = PERSON_ACTIONS.filter((action) => action !== "confirm" && action !== "refute");

const moment = { type: "integer", minimum: 0 } as const;

export function rulesServer(parts: ServerParts): FastifyInstance {
  const { store, follower, stream, metrics } = parts;
  const logger: FastifyBaseLogger = parts.log;
  const server = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES_MAX,
  });
  answerWithProblems(server, "rules");

  healthRoute(server, parts);
  server.get("/metrics", async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );

  server.get<{ Querystring: { state: "active" | "all"; campus?: string; limit: number; before?: number } }>(
    "/alarms",
    {
      schema: {
        querystring: {
          type: "object",
          properties: {
            state: { enum: ["active", "all"], default: "active" },
            campus: { type: "string" },
            limit: { type: "integer", minimum: 1, maximum: ALARMS_MAX, default: 500 },
            before: moment,
          },
        },
      },
    },
    ({ query: { state, ...more } }): readonly AlarmView[] =>
      store.alarms({ active: state === "active", ...more }),
  );

  server.get<{ Params: { id: string } }>("/alarms/:id", ({ params }): AlarmDetail => detail(params.id));

  server.post<{ Params: { id: string; action: PersonAction }; Body: AlarmAction }>(
    "/alarms/:id/:action",
    {
      schema: {
        params: {
          type: "object",
          properties: { id: { type: "string" }, action: { enum: ASKED_ACTIONS } },
        },
        body: {
          type: "object",
          required: ["by"],
          additionalProperties: false,
          properties: {
            by: { type: "string", minLength: 1, maxLength: 128 },
            comment: { type: "string", maxLength: 2_000 },
            duration_ms: { type: "number" },
            assignee: { type: ["string", "null"], maxLength: ASSIGNEE_CHARACTERS_MAX },
          },
        },
      },
    },
    ({ params, body }): AlarmDetail => {
      act({
        kind: "action",
        alarm: params.id,
        action: params.action,
        receivedAt: parts.now(),
        ...body,
      });
      return detail(params.id);
    },
  );

  server.post<{ Params: { id: string }; Body: { by: string; comment?: string } }>(
    "/alarms/:id/escalate",
    {
      schema: {
        body: {
          type: "object",
          required: ["by"],
          additionalProperties: false,
          properties: {
            by: { type: "string", minLength: 1, maxLength: 128 },
            comment: { type: "string", maxLength: 1_000 },
          },
        },
      },
    },
    ({ params: { id }, body: { by, comment = "" } }): AlarmDetail => {
      detail(id);
      const told = parts.notify.escalate(id);
      if (told.length === 0)
        throw new Problem(
          409,
          "Nobody is left to be told",
          "it is acknowledged, or every desk of its escalation that somebody sits at knows of it",
          "报警已确认，或升级名单上有人值守的值班台都已知道",
        );
      const desks = told.map(({ zh, en }) => `${zh} (${en})`).join("、");
      const said = `↑ ${desks}${comment.trim() === "" ? "" : `: ${comment.trim()}`}`;
      follower.act({
        kind: "action",
        alarm: id,
        action: "comment",
        receivedAt: parts.now(),
        by,
        comment: said,
      });
      return detail(id);
    },
  );

  server.get<{ Querystring: { after?: number } }>(
    "/stream",
    { schema: { querystring: { type: "object", properties: { after: moment } } } },
    (request, reply) => {
      const resumed = Number(request.headers["last-event-id"] ?? Number.NaN);
      const after = request.query.after ?? (Number.isSafeInteger(resumed) ? resumed : undefined);
      if (stream.clients >= CLIENTS_MAX) {
        throw new Problem(
          503,
          "Too many readers",
          `the live stream has ${CLIENTS_MAX} readers already; try later`,
          `实时数据已有 ${CLIENTS_MAX} 个读者，请稍后再试`,
        );
      }
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      stream.add(raw, after);
    },
  );

  server.get<{ Querystring: { from?: number; to?: number } }>(
    "/rollups",
    { schema: { querystring: { type: "object", properties: { from: moment, to: moment } } } },
    ({ query: { from = 0, to = Number.MAX_SAFE_INTEGER } }): readonly CampusAlarmCounts[] =>
      campusCounts(parts.campuses, store.counts(), store.raised(from, to)),
  );

  federationRoutes(server, { ...parts.federation, store, follower, log: parts.log, now: parts.now });
  confirmationRoutes(server, {
    confirmations: parts.confirmations,
    alarm: (id) => parts.engine().alarm(id),
    rule: (id) => parts.packs.rules.find((rule) => rule.id === id),
    act,
    now: parts.now,
  });
  notifyRoutes(server, parts.notify);
  useRoutes(server, parts.use, parts.leftOn, parts.useBelow);
  healthRoutes(server, { figures: parts.health, calendar: parts.calendar });
  standardRoutes(server, parts.standards, parts.examinations);
  calendarRoute(server, parts.calendar, parts.now);
  watchRoutes(server, parts);
  drillRoutes(server, parts);
  figureRoutes(server, parts);
  evidenceRoutes(server, parts);
  pictureRoute(server, parts);
  backTestRoutes(server, parts.backTests);
  packRoutes(server, parts.packs, parts.ownPacks);

  function act(action: PeopleAct): void {
    const refused = follower.act(action);
    if (refused === undefined) return;
    const { status, title, zh } = REFUSALS[refused.reason];
    throw new Problem(status, title, refused.detail, zh);
  }

  function detail(id: string): AlarmDetail {
    const alarm = store.alarm(id);
    if (alarm === undefined)
      throw new Problem(404, "No such alarm", `there is no alarm ${id}`, `没有报警 ${id}`);
    return {
      ...alarm,
      pictures: store.pictures.ofAlarm(id),
      transitions: store.transitions(id),
      symptomIds: store.symptomsOf(id),
    };
  }

  return server;
}
