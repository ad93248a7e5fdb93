/**
 * `scopes` are asset paths with commas; everything at or below them, and all unless said.
 *
 *   GET /health/figures?from=&to=[&scopes=&class=&model=&device=&groupBy=&hours=] → HealthFigure[]
 *   GET /health/failures?from=&to=[&scopes=&class=&model=&device=]               → FailureList
 *   GET /health/timeline?device=&from=&to=                                      → HealthIntervalView[]
 *   GET /health/models?from=&to=[&scopes=&class=]                                → ModelView[]
 */
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { Calendar } from "../core/calendar.ts";
import type { Span } from "../core/health/history.ts";
import { lessonsBetween } from "../core/use/lessons.ts";
import type {
  FailureList,
  HealthAsked,
  HealthFigure,
  HealthGroup,
  HealthIntervalView,
  ModelView,
} from "./api.ts";
import type { HealthFigures } from "./figures.ts";

/** A school year with the one before it. */
export const RANGE_MS_MAX = 2 * 366 * 86_400_000;

const moment = { type: "integer", minimum: 0, maximum: 8.64e15 } as const;
const words = (maxLength: number) => ({ type: "string", maxLength }) as const;
const asked = {
  from: moment,
  to: moment,
  scopes: { ...words(8_000), default: "" },
  class: words(64),
  model: words(256),
  device: words(256),
} as const;
const GROUPS = ["device", "class", "model", "space", "floor", "building", "campus", "county", "city", "none"];

type Asked = Omit<HealthAsked, "scopes"> & { readonly scopes: string };
const told = ({ scopes, ...rest }: Asked): HealthAsked => ({ ...inRange(rest), scopes: scopes.split(",") });

export interface HealthParts {
  readonly figures: HealthFigures;
  readonly calendar: Calendar;
}

export function healthRoutes(server: FastifyInstance, { figures, calendar }: HealthParts): void {
  server.get<{ Querystring: Asked & { groupBy: HealthGroup; hours: "all" | "school" } }>(
    "/health/figures",
    {
      schema: {
        querystring: query({
          ...asked,
          groupBy: { enum: GROUPS, default: "none" },
          hours: { enum: ["all", "school"], default: "all" },
        }),
      },
    },
    ({ query: { groupBy, hours, ...rest } }): Promise<readonly HealthFigure[]> => {
      const range = told(rest);
      return figures.figures(range, groupBy, hours === "all" ? undefined : schoolHours(calendar, range));
    },
  );
  server.get<{ Querystring: Asked }>(
    "/health/failures",
    { schema: { querystring: query(asked) } },
    ({ query: rest }): Promise<FailureList> => figures.failures(told(rest)),
  );
  server.get<{ Querystring: { device: string; from: number; to: number } }>(
    "/health/timeline",
    { schema: { querystring: query({ device: words(256), from: moment, to: moment }, ["device"]) } },
    ({ query: { device, ...range } }): Promise<readonly HealthIntervalView[]> => {
      const { from, to } = inRange(range);
      return figures.timeline(device, from, to);
    },
  );
  server.get<{ Querystring: Asked }>(
    "/health/models",
    { schema: { querystring: query(asked) } },
    ({ query: rest }): Promise<readonly ModelView[]> => figures.models(told(rest)),
  );
}

/** From the first lesson of each day to the end of its last. */
export function schoolHours(calendar: Calendar, { from, to }: Span): readonly Span[] {
  let lessons: ReturnType<typeof lessonsBetween>;
  try {
    lessons = lessonsBetween(calendar, calendar.dayOf(from)[0], to);
  } catch (error) {
    if (error instanceof RangeError)
      throw new Problem(400, "Bad request", error.message, "所选时间太长，请缩短时间范围");
    throw error;
  }
  const days = Map.groupBy(lessons, ({ day }) => day).values();
  return [...days].flatMap((own) => {
    const begin = Math.max(from, Math.min(...own.map((lesson) => lesson.from)));
    const end = Math.min(to, Math.max(...own.map((lesson) => lesson.to)));
    return begin < end ? [{ from: begin, to: end }] : [];
  });
}

export function inRange<T extends { readonly from: number; readonly to: number }>(range: T): T {
  if (range.to <= range.from)
    throw new Problem(400, "Bad request", "`to` must be later than `from`", "结束时间必须晚于开始时间");
  if (range.to - range.from > RANGE_MS_MAX)
    throw new Problem(
      400,
      "Bad request",
      "figures cover two years at most",
      "统计最多覆盖两年，请缩短时间范围",
    );
  return range;
}

const query = <P extends object>(properties: P, also: readonly string[] = []) => ({
  type: "object",
  required: ["from", "to", ...also],
  properties,
});
