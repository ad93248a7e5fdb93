/**
 * How the alarms themselves are doing, and what people have declared about places.
 *
 *   GET    /performance       → AlarmPerformanceView: floods by desk, chattering and stale alarms
 *   GET    /suppressions      → SuppressionView[]
 *   POST   /suppressions      NewSuppression → SuppressionView; 400 without a reason or a near end
 *   DELETE /suppressions/:id  {by} → 204; 404 when there is none
 */
import { randomUUID } from "node:crypto";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { AlarmPerformanceView, NewSuppression, SuppressionView } from "../api.ts";
import type { Engine } from "../core/engine.ts";
import { type AlarmPerformance, isStale } from "../core/performance.ts";
import { SUPPRESSIONS_MAX } from "../core/suppression.ts";
import type { Follower } from "../feed/follower.ts";
import type { RulesStore } from "../store/rules-store.ts";

/** Standing alarms looked through for stale ones. */
const STANDING_MAX = 5_000;

export interface WatchParts {
  readonly engine: () => Engine;
  readonly follower: Follower;
  readonly store: RulesStore;
  readonly performance: AlarmPerformance;
  readonly now: () => Timestamp;
}

const by = { type: "string", minLength: 1, maxLength: 128 } as const;
/** Of one that several campuses have. */
const id = { type: "string", pattern: "^[0-9a-f-]{36}$" } as const;
const newSuppression = {
  type: "object",
  required: ["path", "duration_ms", "by", "reason"],
  additionalProperties: false,
  properties: {
    path: { type: "string", minLength: 1, maxLength: 400 },
    rules: { type: "array", maxItems: 100, items: { type: "string", maxLength: 64 } },
    duration_ms: { type: "number" },
    by,
    id,
    reason: { type: "string", maxLength: 2_000 },
  },
} as const;

/** Whichever of the two it was. */
const SUPPRESSION_REFUSED_ZH = `停用的结束时间须在将来、七天以内，同时最多 ${SUPPRESSIONS_MAX} 项停用`;

export function watchRoutes(server: FastifyInstance, parts: WatchParts): void {
  const { follower, store, performance, now } = parts;

  server.get("/performance", (): AlarmPerformanceView => {
    const at = now();
    const standing = store.alarms({ active: true, limit: STANDING_MAX });
    const chattering = performance.chattering(at);
    return {
      desks: performance.desks(at),
      chattering: [...chattering.keys()].flatMap((id) => store.alarm(id) ?? []).map(({ id }) => id),
      stale: standing.filter((alarm) => isStale(alarm, at)).map(({ id }) => id),
    };
  });

  server.get("/suppressions", (): readonly SuppressionView[] => parts.engine().suppressions());

  server.post<{ Body: NewSuppression & { id?: string } }>(
    "/suppressions",
    { schema: { body: newSuppression } },
    ({ body }) => {
      const { duration_ms, id = randomUUID(), ...rest } = body;
      const at = now();
      const suppression: SuppressionView = { id, from: at, until: at + duration_ms, ...rest };
      const refused = follower.act({ kind: "suppress", receivedAt: at, suppression });
      if (refused !== undefined)
        throw new Problem(400, "Bad request", refused.detail, SUPPRESSION_REFUSED_ZH);
      return suppression;
    },
  );

  server.delete<{ Params: { id: string }; Body: { by: string } }>(
    "/suppressions/:id",
    {
      schema: {
        body: { type: "object", required: ["by"], additionalProperties: false, properties: { by } },
      },
    },
    ({ params, body }, reply) => {
      const refused = follower.act({
        kind: "end-suppression",
        receivedAt: now(),
        id: params.id,
        by: body.by,
      });
      if (refused !== undefined)
        throw new Problem(404, "No such suppression", refused.detail, `没有停用 ${params.id}，或已结束`);
      return reply.code(204).send();
    },
  );
}
