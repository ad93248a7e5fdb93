/**
 *   GET  /standards                                      → StandardView[]
 *   GET  /standards/:id/report?campus=&from=&to=         → StandardReport; what changed is written into the history
 *   GET  /standards/:id/report.html?campus=&from=&to=&by= → text/html: the report to print, signed
 *   GET  /standards/:id/history?campus=                  → VerdictChange[], the newest first
 *   GET  /standards/:id/declarations?campus=             → DeclarationView[], the newest first
 *   POST /standards/:id/declarations NewDeclaration      → DeclarationView
 *   GET  /standards/:id/examinations?campus=             → ExaminationView[], the newest first
 *   POST /standards/:id/examinations {campus, from?, to?, by} → ExaminationView: from then on it is made again by itself
 *   GET  /standards/:id/examinations/:number.html?campus= → text/html: its page as it was signed then
 */
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type {
  DeclarationView,
  ExaminationView,
  NewDeclaration,
  StandardReport,
  StandardView,
  VerdictChange,
} from "./api.ts";
import type { Examinations } from "./examinations.ts";
import type { Standards } from "./standards.ts";

/** A school year with the one before it. */
const RANGE_MS_MAX = 2 * 366 * 86_400_000;

const moment = { type: "integer", minimum: 0, maximum: 8.64e15 } as const;
const name = { type: "string", minLength: 1, maxLength: 64 } as const;
const by = { type: "string", minLength: 1, maxLength: 128 } as const;
const asked = { campus: name, from: moment, to: moment } as const;
const object = <P extends object>(properties: P) => ({
  type: "object",
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
});
const ofCampus = object({ campus: name });

interface Params {
  readonly id: string;
}
interface Asked {
  readonly campus: string;
  readonly from: number;
  readonly to: number;
}

export function standardRoutes(
  server: FastifyInstance,
  standards: Standards,
  examinations: Examinations,
): void {
  server.get("/standards", (): readonly StandardView[] => standards.list());

  server.get<{ Params: Params; Querystring: Asked }>(
    "/standards/:id/report",
    { schema: { querystring: object(asked) } },
    ({ params, query }): Promise<StandardReport> => standards.report(params.id, inRange(query)),
  );

  server.get<{ Params: Params; Querystring: Asked & { by: string } }>(
    "/standards/:id/report.html",
    { schema: { querystring: object({ ...asked, by }) } },
    async ({ params, query }, reply) =>
      reply
        .type("text/html; charset=utf-8")
        .header("content-disposition", `attachment; filename="${params.id}-${query.campus}.html"`)
        .send(await standards.page(params.id, inRange(query), query.by)),
  );

  server.get<{ Params: Params; Querystring: { campus: string } }>(
    "/standards/:id/history",
    { schema: { querystring: ofCampus } },
    ({ params, query }): readonly VerdictChange[] => standards.history(params.id, query.campus),
  );

  server.get<{ Params: Params; Querystring: { campus: string } }>(
    "/standards/:id/declarations",
    { schema: { querystring: ofCampus } },
    ({ params, query }): readonly DeclarationView[] => standards.declarations(params.id, query.campus),
  );

  server.post<{ Params: Params; Body: NewDeclaration }>(
    "/standards/:id/declarations",
    {
      schema: {
        body: object({
          campus: name,
          about: name,
          // As it was said: a text that looks like a number is none.
          value: {},
          evidence: { type: "string", minLength: 1, maxLength: 2_000 },
          by,
        }),
      },
    },
    ({ params, body }): DeclarationView => standards.declare(params.id, body),
  );

  server.get<{ Params: Params; Querystring: { campus: string } }>(
    "/standards/:id/examinations",
    { schema: { querystring: ofCampus } },
    ({ params, query }): readonly ExaminationView[] => examinations.of(params.id, query.campus),
  );

  server.post<{ Params: Params; Body: { campus: string; from?: number; to?: number; by: string } }>(
    "/standards/:id/examinations",
    { schema: { body: { ...object({ ...asked, by }), required: ["campus", "by"] } } },
    ({ params, body }): Promise<ExaminationView> => {
      const { from, to } = body;
      if (from !== undefined && to !== undefined) inRange({ campus: body.campus, from, to });
      return examinations.examine(params.id, body);
    },
  );

  server.get<{ Params: Params & { number: number }; Querystring: { campus: string } }>(
    "/standards/:id/examinations/:number.html",
    {
      schema: {
        params: object({ id: name, number: { type: "integer", minimum: 1 } }),
        querystring: ofCampus,
      },
    },
    ({ params, query }, reply) =>
      reply
        .type("text/html; charset=utf-8")
        .header(
          "content-disposition",
          `attachment; filename="${params.id}-${query.campus}-${params.number}.html"`,
        )
        .send(examinations.page(params.id, params.number, query.campus)),
  );
}

function inRange(asked: Asked): Asked {
  if (asked.to <= asked.from)
    throw new Problem(400, "Bad request", "`to` must be later than `from`", "结束时间必须晚于开始时间");
  if (asked.to - asked.from > RANGE_MS_MAX)
    throw new Problem(
      400,
      "Bad request",
      "a report covers two years at most",
      "报告最多覆盖两年，请缩短时间范围",
    );
  return asked;
}
