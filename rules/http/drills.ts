/**
 *   GET    /drills      → DrillView[], newest first
 *   POST   /drills      NewDrill → DrillView; 400 without a near end
 *   DELETE /drills/:id  {by} → 204; 404 when it does not run
 *   GET    /drills/:id  → DrillReport
 */
import { randomUUID } from "node:crypto";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { DrillReport, DrillSteps, DrillView, NewDrill } from "../api.ts";
import { DRILLS_MAX, type Drill } from "../core/drill.ts";
import type { Follower } from "../feed/follower.ts";
import type { Notify } from "../notify/start.ts";
import type { RulesStore } from "../store/rules-store.ts";

/** Drills that are listed. */
const LISTED_MAX = 200;
const MESSAGES_MAX = 1_000;

export interface DrillParts {
  readonly follower: Follower;
  readonly store: RulesStore;
  readonly notify: Pick<Notify, "notifications">;
  readonly now: () => Timestamp;
}

const by = { type: "string", minLength: 1, maxLength: 128 } as const;
/** Of one that several campuses have. */
const id = { type: "string", pattern: "^[0-9a-f-]{36}$" } as const;
const newDrill = {
  type: "object",
  required: ["path", "duration_ms", "by", "title"],
  additionalProperties: false,
  properties: {
    path: { type: "string", minLength: 1, maxLength: 400 },
    rules: { type: "array", maxItems: 100, items: { type: "string", maxLength: 64 } },
    duration_ms: { type: "number" },
    by,
    id,
    title: { type: "string", minLength: 1, maxLength: 200 },
  },
} as const;

/** Whichever of the two it was. */
const DRILL_REFUSED_ZH = `演练的结束时间须在将来、四小时以内，同时最多 ${DRILLS_MAX} 个演练`;

export function drillRoutes(server: FastifyInstance, parts: DrillParts): void {
  const { follower, store, notify, now } = parts;

  server.get("/drills", (): readonly DrillView[] => drills().slice(-LISTED_MAX).toReversed());

  server.post<{ Body: NewDrill & { id?: string } }>(
    "/drills",
    { schema: { body: newDrill } },
    ({ body }): DrillView => {
      const { duration_ms, id = randomUUID(), ...rest } = body;
      const at = now();
      const drill: Drill = { id, from: at, until: at + duration_ms, ...rest };
      const refused = follower.act({ kind: "drill", receivedAt: at, drill });
      if (refused !== undefined) throw new Problem(400, "Bad request", refused.detail, DRILL_REFUSED_ZH);
      return drill;
    },
  );

  server.delete<{ Params: { id: string }; Body: { by: string } }>(
    "/drills/:id",
    {
      schema: { body: { type: "object", required: ["by"], additionalProperties: false, properties: { by } } },
    },
    ({ params: { id }, body }, reply) => {
      const refused = follower.act({ kind: "end-drill", receivedAt: now(), id, by: body.by });
      if (refused !== undefined) throw new Problem(404, "No such drill", refused.detail, `没有演练 ${id}`);
      return reply.code(204).send();
    },
  );

  server.get<{ Params: { id: string } }>("/drills/:id", ({ params: { id } }): DrillReport => {
    const drill = drills().find((each) => each.id === id);
    if (drill === undefined)
      throw new Problem(404, "No such drill", `there is no drill ${id}`, `没有演练 ${id}`);
    return { ...drill, alarms: store.raisedIn(id).map(stepsOf) };
  });

  /** As they were declared; one that was ended before its time ends there. */
  function drills(): readonly Drill[] {
    const found = new Map<string, Drill>();
    for (const input of store.actions()) {
      if (input.kind === "drill") found.set(input.drill.id, input.drill);
      if (input.kind !== "end-drill") continue;
      const ended = found.get(input.id);
      if (ended !== undefined)
        found.set(input.id, { ...ended, until: Math.min(ended.until, input.receivedAt) });
    }
    return [...found.values()];
  }

  function stepsOf({ view, at }: ReturnType<RulesStore["raisedIn"]>[number]): DrillSteps {
    const { id, occurrence, title, device, raisedAt: happenedAt, receivedAt } = view;
    const acknowledged = store
      .transitions(id)
      .find((each) => each.occurrence === occurrence && each.event === "acknowledge");
    const told = notify
      .notifications({ alarm: id, limit: MESSAGES_MAX })
      .flatMap(({ kind, state, createdAt, settledAt }) =>
        kind === "raised" && state === "delivered" && createdAt >= at && settledAt !== undefined
          ? [settledAt]
          : [],
      );
    return {
      alarm: id,
      occurrence,
      title,
      device,
      happenedAt,
      receivedAt,
      raisedAt: at,
      ...(told.length === 0 ? {} : { toldAt: Math.min(...told) }),
      ...(acknowledged === undefined
        ? {}
        : { acknowledgedAt: acknowledged.at, acknowledgedBy: acknowledged.by }),
    };
  }
}
