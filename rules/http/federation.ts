/**
 * What the agent beside this hub asks for the hub above, and brings from it. Only what may leave is answered.
 *
 *   GET  /telling/:campus?after=&wait_ms= → AlarmTelling: alarms whose facts changed after that; waits for one if asked to
 *   GET  /telling/:campus/days?after=     → DayTelling: days as sums that changed after that
 *   POST /facts {facts}                   → 204: what was done to an alarm elsewhere; 404 where it is unknown here
 */
import type { Rollup, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type Log, Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { AlarmTelling, AlarmTellingCounts, DayTelling } from "../api.ts";
import { factsIn } from "../core/replica/difference.ts";
import { tellingOf } from "../core/replica/telling.ts";
import type { Clearance } from "../core/replica/upward.ts";
import { readFacts } from "../core/replica/wire.ts";
import type { Rule } from "../core/rule.ts";
import type { BookNews } from "../feed/book-news.ts";
import type { Follower } from "../feed/follower.ts";
import type { RulesStore } from "../store/rules-store.ts";
import type { DayStore } from "../told/day-store.ts";
import { campusCounts } from "./rollups.ts";

/** Alarms of one answer. */
export const TELLING_ALARMS_MAX = 100;
/** Days of one answer. */
export const TELLING_DAYS_MAX = 200;
export const WAIT_MS_MAX = 25_000;
const BUCKET_MS = 300_000;
/** Buckets whose alarms are counted in one answer. */
const BUCKETS_MAX = 512;
const FACTS_CHARACTERS_MAX = 8_192;

export interface FederationParts {
  readonly hubId: string;
  readonly clears: ReadonlySet<Clearance>;
  readonly rule: (id: string) => Rule | undefined;
  readonly store: RulesStore;
  readonly follower: Follower;
  readonly news: BookNews;
  /** What else stands at a campus and is not known to ingest. Rejects where it is not known now. */
  readonly standing: (campus: string) => Promise<Rollup>;
  readonly days: Pick<DayStore, "changed" | "last">;
  /** Counts what may have changed of a campus of this hub. */
  readonly countDays: (campus: string) => Promise<void>;
  readonly log: Log;
  readonly now: () => Timestamp;
}

export function federationRoutes(server: FastifyInstance, parts: FederationParts): void {
  const { clears, follower, hubId, log, news, now, store } = parts;
  const whole = { type: "integer", minimum: 0 } as const;

  server.get<{ Params: { campus: string }; Querystring: { after: number; wait_ms: number } }>(
    "/telling/:campus",
    {
      schema: {
        querystring: {
          type: "object",
          properties: {
            after: { ...whole, default: 0 },
            wait_ms: { ...whole, maximum: WAIT_MS_MAX, default: 0 },
          },
        },
      },
    },
    async ({ params: { campus }, query: { after, wait_ms } }): Promise<AlarmTelling> => {
      const answer = (): AlarmTelling => {
        const { rows, upTo } = store.replicas.changed(campus, after, TELLING_ALARMS_MAX);
        const alarms = rows.map(({ alarm, entry, n }) => ({
          id: `${alarm.id}.${n}`,
          at: alarm.updatedAt,
          fields: tellingOf(alarm, entry, hubId, clears, parts.rule(alarm.rule)),
        }));
        return { cursor: upTo, alarms };
      };
      const coming = news.next(wait_ms);
      const first = answer();
      if (wait_ms === 0 || first.alarms.length > 0) return first;
      await coming;
      return answer();
    },
  );

  server.get<{ Params: { campus: string }; Querystring: { buckets: string } }>(
    "/telling/:campus/counts",
    {
      schema: {
        querystring: {
          type: "object",
          properties: { buckets: { type: "string", pattern: "^[0-9,]*$", default: "" } },
        },
      },
    },
    async ({ params: { campus }, query: { buckets } }): Promise<AlarmTellingCounts> => {
      const starts = buckets
        .split(",")
        .filter((text) => text !== "")
        .map(Number)
        .slice(0, BUCKETS_MAX);
      const of = (standing: ReturnType<RulesStore["counts"]>, raised: ReturnType<RulesStore["raised"]>) =>
        campusCounts([campus], standing, raised).find((each) => each.campus === campus)?.counts ?? {};
      return {
        standing: { ...of(store.counts(), []), ...(await parts.standing(campus)) },
        buckets: starts.map((start) => ({ start, counts: of([], store.raised(start, start + BUCKET_MS)) })),
      };
    },
  );

  server.get<{ Params: { campus: string }; Querystring: { after: number } }>(
    "/telling/:campus/days",
    { schema: { querystring: { type: "object", properties: { after: { ...whole, default: 0 } } } } },
    async ({ params: { campus }, query: { after } }): Promise<DayTelling> => {
      await parts.countDays(campus);
      // Whoever knows more than there is asked before this store was put back.
      const changed = parts.days.changed(campus, after > parts.days.last ? 0 : after, TELLING_DAYS_MAX);
      const days = changed.map(({ n, day: { counted, event, fields } }) => ({
        event,
        id: `${campus}.${n}`,
        at: counted,
        fields,
      }));
      return {
        cursor: changed.at(-1)?.n ?? Math.min(after, parts.days.last),
        days,
        isMore: changed.length === TELLING_DAYS_MAX,
      };
    },
  );

  server.post<{ Body: { facts: string } }>(
    "/facts",
    {
      schema: {
        body: {
          type: "object",
          required: ["facts"],
          additionalProperties: false,
          properties: { facts: { type: "string", maxLength: FACTS_CHARACTERS_MAX } },
        },
      },
    },
    ({ body }, reply) => {
      const read = readFacts(body.facts);
      if (read === undefined)
        throw new Problem(400, "Bad request", "these are no facts of an alarm", "这不是一条报警的记录");
      const { replica } = read;
      if (!follower.hear(replica, now()))
        throw new Problem(404, "No such alarm", `there is no alarm ${replica.id}`, `没有报警 ${replica.id}`);
      for (const { by, fact, stamp } of factsIn(replica))
        log.info(
          { audit: "alarm", alarm: replica.id, what: fact.kind, by, hub: stamp.hub },
          "done at another hub",
        );
      return reply.code(204).send();
    },
  );
}
