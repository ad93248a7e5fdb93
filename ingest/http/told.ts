/**
 * PUT /counts/:campus/:family {from, to, counts: [{start, metric, value}]} → 204: all counts of that family which another
 *     part of the hub made of the campus, by five minutes. They are rolled up like all else.
 * PUT /school-time {timeZone, first, days, terms} → 204: see `core/school-time.ts`
 * Both answer when it is on the disk, and may be said again.
 */
import { ID_PATTERN, timeZone } from "@campus-ops/device-profiles/vocabulary";
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { ToldSchoolTime } from "../core/school-time.ts";
import type { CountsTold } from "../projections/told.ts";

export interface ToldParts {
  tellCounts(counts: CountsTold): Promise<void>;
  tellSchoolTime(told: ToldSchoolTime): Promise<void>;
}

const COUNTS_MAX = 10_000;
/** Eleven years of days, and more terms than they have. */
const DAYS_MAX = 4_018;
const TERMS_MAX = 100;
const BUCKET_MS = 300_000;

const moment = { type: "integer", minimum: 0, maximum: 8.64e15 } as const;
const id = { type: "string", pattern: ID_PATTERN } as const;
/** `Counts/alarmsAnswered`, or of one of several: `Rooms/<kind of room>/ClassHours`. */
const metric = {
  type: "string",
  maxLength: 128,
  pattern: "^(Counts/[A-Za-z0-9]+|(Rooms|Alarms)/[^/:]+/[A-Za-z0-9]+)$",
} as const;
const object = <P extends object>(properties: P) => ({
  type: "object",
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
});

const COUNTS = object({
  from: { ...moment, multipleOf: BUCKET_MS },
  to: { ...moment, multipleOf: BUCKET_MS },
  counts: {
    type: "array",
    maxItems: COUNTS_MAX,
    items: object({ start: { ...moment, multipleOf: BUCKET_MS }, metric, value: { type: "number" } }),
  },
});
const SCHOOL_TIME = object({
  timeZone: { type: "string", minLength: 1, maxLength: 64 },
  first: { type: "integer", minimum: 0, maximum: 100_000 },
  days: { type: "string", pattern: "^[01]*$", maxLength: DAYS_MAX },
  terms: { type: "array", maxItems: TERMS_MAX, items: object({ from: moment, to: moment }) },
});

export function toldRoutes(server: FastifyInstance, parts: ToldParts): void {
  server.put<{
    Params: Pick<CountsTold, "campus" | "family">;
    Body: Omit<CountsTold, "campus" | "family">;
  }>(
    "/counts/:campus/:family",
    { schema: { params: object({ campus: id, family: id }), body: COUNTS } },
    async ({ params: { campus, family }, body }, reply) => {
      if (body.counts.some(({ start }) => start < body.from || start >= body.to))
        throw new Problem(
          400,
          "Bad request",
          "a count lies outside of [from, to)",
          "有一项计数不在所说的时间范围内",
        );
      await taken(() => parts.tellCounts({ ...body, campus, family }));
      return reply.code(204).send();
    },
  );
  server.put<{ Body: ToldSchoolTime }>(
    "/school-time",
    { schema: { body: SCHOOL_TIME } },
    async ({ body }, reply) => {
      if (!isZone(body.timeZone))
        throw new Problem(
          400,
          "Bad request",
          `${body.timeZone} is no time zone that this machine knows`,
          `本机不认识时区 ${body.timeZone}`,
        );
      await taken(() => parts.tellSchoolTime(body));
      return reply.code(204).send();
    },
  );
}

function isZone(name: string): boolean {
  try {
    return timeZone(name) !== undefined;
  } catch {
    return false;
  }
}

async function taken(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof RangeError)
      throw new Problem(503, "Not now", error.message, "现在排队的太多，请稍后再试");
    throw error;
  }
}
