/** Campuses held against standards: reports with their evidence, and what only a person can state. */
import { campusPath } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type {
  DeclarationBody,
  DeclarationView,
  ExaminationBody,
  ExaminationView,
  StandardReport,
  StandardView,
  VerdictChange,
} from "../api.ts";
import { fileOf } from "../contents.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, boolean, idParams, number, object, string, text, timestamp } from "../schemas.ts";
import { getJson, getText, postJson } from "../upstream.ts";

const id = { type: "string", minLength: 1, maxLength: 64 } as const;
const asked = object({ campus: id, from: timestamp, to: timestamp });
const ofCampus = object({ campus: id });
const verdict = { enum: ["met", "not-met", "not-verified"] } as const;
const value = { type: ["number", "boolean"] } as const;

const standardView = object({
  id: string,
  title: text,
  source: text,
  total: number,
  examinedEvery: { type: "number", description: "months" },
  declarable: array(object({ about: string, title: text, kind: { enum: ["number", "yes"] } })),
});
const record = object(
  { subject: string, title: text, value: number, at: timestamp, by: string, note: string },
  ["title", "value", "at", "by", "note"],
);
const check = object(
  {
    id: string,
    title: text,
    evidence: string,
    atLeast: number,
    low: number,
    high: number,
    verdict,
    completeness: number,
    records: array(record),
    recordsLeftOut: number,
  },
  ["atLeast", "high"],
);
const item = object({
  id: string,
  title: text,
  clause: string,
  level: { enum: ["must", "should"] },
  points: number,
  veto: boolean,
  verdict,
  completeness: number,
  checks: array(check),
});
const standardReport = object(
  {
    standard: string,
    title: text,
    source: text,
    campus: string,
    path: string,
    from: timestamp,
    to: timestamp,
    at: timestamp,
    examineAgainBy: timestamp,
    completeness: number,
    points: object({ total: number, met: number, notMet: number, notVerified: number, notMeasured: number }),
    score: number,
    veto: verdict,
    items: array(item),
  },
  ["score"],
);
const verdictChange = object({
  item: string,
  verdict,
  completeness: number,
  from: timestamp,
  to: timestamp,
  at: timestamp,
});
const declaration = { campus: string, about: string, value, evidence: string } as const;
const declarationView = object({ ...declaration, by: string, at: timestamp });
const declarationBody = object({
  campus: id,
  about: id,
  value,
  evidence: { type: "string", minLength: 1, maxLength: 2_000 },
});

const examination = object(
  {
    number,
    standard: string,
    campus: string,
    due: timestamp,
    from: timestamp,
    to: timestamp,
    at: timestamp,
    examineAgainBy: timestamp,
    by: string,
    completeness: number,
    points: object({ total: number, met: number, notMet: number, notVerified: number, notMeasured: number }),
    score: number,
    veto: verdict,
    items: array(object({ id: string, title: text, verdict })),
  },
  ["due", "score"],
);

interface Params {
  readonly id: string;
}
interface Asked {
  readonly campus: string;
  readonly from: number;
  readonly to: number;
}

export function standardRoutes(server: FastifyInstance, { upstreams, site, audit }: ApiParts): void {
  const { rules } = upstreams;
  const tags = ["standards"];

  server.get(
    "/standards",
    {
      config: { permission: "figures.read", paged: { by: ["id"] } },
      schema: { tags, response: { 200: array(standardView) } },
    },
    () => getJson<readonly StandardView[]>(rules, "/standards"),
  );

  server.get<{ Params: Params; Querystring: Asked }>(
    "/standards/:id/report",
    {
      config: { permission: "figures.read" },
      schema: { tags, params: idParams, querystring: asked, response: { 200: standardReport } },
    },
    async (request): Promise<StandardReport> => {
      inScope(request, request.query.campus);
      return getJson(rules, pathOf(request.params.id, "report", request.query));
    },
  );

  server.get<{ Params: Params; Querystring: Asked }>(
    "/standards/:id/report.html",
    {
      config: { permission: "figures.export" },
      schema: { tags, params: idParams, querystring: asked, response: fileOf("text/html") },
    },
    async (request, reply) => {
      const { params, query, identity } = request;
      inScope(request, query.campus);
      const page = await getText(rules, pathOf(params.id, "report.html", { ...query, by: identity.user }));
      audit({ user: identity.user, action: "standard.export", standard: params.id, campus: query.campus });
      return reply
        .type("text/html; charset=utf-8")
        .header("content-disposition", `attachment; filename="${params.id}-${query.campus}.html"`)
        .send(page);
    },
  );

  server.get<{ Params: Params; Querystring: { campus: string } }>(
    "/standards/:id/history",
    {
      config: { permission: "figures.read", paged: { by: ["at", "item"], newestFirst: true } },
      schema: { tags, params: idParams, querystring: ofCampus, response: { 200: array(verdictChange) } },
    },
    async (request): Promise<readonly VerdictChange[]> => {
      inScope(request, request.query.campus);
      return getJson(rules, pathOf(request.params.id, "history", request.query));
    },
  );

  server.get<{ Params: Params; Querystring: { campus: string } }>(
    "/standards/:id/declarations",
    {
      config: { permission: "figures.read", paged: { by: ["about", "at"], filters: { about: string } } },
      schema: { tags, params: idParams, querystring: ofCampus, response: { 200: array(declarationView) } },
    },
    async (request): Promise<readonly DeclarationView[]> => {
      inScope(request, request.query.campus);
      return getJson(rules, pathOf(request.params.id, "declarations", request.query));
    },
  );

  server.post<{ Params: Params; Body: DeclarationBody }>(
    "/standards/:id/declarations",
    {
      config: { permission: "standards.declare" },
      schema: { tags, params: idParams, body: declarationBody, response: { 200: declarationView } },
    },
    async (request): Promise<DeclarationView> => {
      const { params, body, identity } = request;
      inScope(request, body.campus);
      const path = `/standards/${encodeURIComponent(params.id)}/declarations`;
      const declared = await postJson<DeclarationView>(rules, path, { ...body, by: identity.user });
      const { campus, about } = declared;
      audit({ user: identity.user, action: "standard.declare", standard: params.id, campus, about });
      return declared;
    },
  );

  server.get<{ Params: Params; Querystring: { campus: string } }>(
    "/standards/:id/examinations",
    {
      config: { permission: "figures.read", paged: { by: ["number"], newestFirst: true } },
      schema: { tags, params: idParams, querystring: ofCampus, response: { 200: array(examination) } },
    },
    async (request): Promise<readonly ExaminationView[]> => {
      inScope(request, request.query.campus);
      return getJson(rules, pathOf(request.params.id, "examinations", request.query));
    },
  );

  server.post<{ Params: Params; Body: ExaminationBody }>(
    "/standards/:id/examinations",
    {
      config: { permission: "standards.declare" },
      schema: {
        tags,
        params: idParams,
        body: object({ campus: id, from: timestamp, to: timestamp }, ["from", "to"]),
        response: { 200: examination },
      },
    },
    async (request): Promise<ExaminationView> => {
      const { params, body, identity } = request;
      inScope(request, body.campus);
      const path = `/standards/${encodeURIComponent(params.id)}/examinations`;
      const made = await postJson<ExaminationView>(rules, path, { ...body, by: identity.user });
      const { campus, number: examined } = made;
      audit({
        user: identity.user,
        action: "standard.examine",
        standard: params.id,
        campus,
        number: examined,
      });
      return made;
    },
  );

  server.get<{ Params: Params & { number: number }; Querystring: { campus: string } }>(
    "/standards/:id/examinations/:number.html",
    {
      config: { permission: "figures.export" },
      schema: {
        tags,
        params: object({ ...idParams.properties, number: { type: "integer", minimum: 1 } }),
        querystring: ofCampus,
        response: fileOf("text/html"),
      },
    },
    async (request, reply) => {
      const { params, query, identity } = request;
      inScope(request, query.campus);
      const page = await getText(rules, pathOf(params.id, `examinations/${params.number}.html`, query));
      audit({ user: identity.user, action: "standard.export", standard: params.id, campus: query.campus });
      return reply
        .type("text/html; charset=utf-8")
        .header(
          "content-disposition",
          `attachment; filename="${params.id}-${query.campus}-${params.number}.html"`,
        )
        .send(page);
    },
  );

  /** Outside of the caller's scope a campus does not exist. */
  function inScope({ identity }: FastifyRequest, campus: string): void {
    const path = campusPath(site, campus);
    if (path === undefined || !sees(identity, path)) throw new ApiProblem("not-found");
  }
}

function pathOf(standard: string, what: string, query: object): string {
  const search = new URLSearchParams(
    Object.entries(query).map(([key, value]) => [key, String(value)] as [string, string]),
  );
  return `/standards/${encodeURIComponent(standard)}/${what}?${search}`;
}
