/** Tables to take away, for spreadsheet programs: standards, use of rooms, devices and their health. */
import { campusPath, isWithin, siteZone } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { bandwidthSheets } from "../../tables/bandwidth.ts";
import { deviceSheets, healthSheets, standardSheets, useSheets } from "../../tables/contents.ts";
import { type Sheet, workbook, XLSX_TYPE } from "../../tables/workbook.ts";
import type {
  BandwidthFigure,
  DeviceView,
  HealthFigure,
  ModelView,
  RoomBandwidthView,
  RoomUseView,
  StandardReport,
  VerdictChange,
} from "../api.ts";
import { fileOf } from "../contents.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem, languageOf } from "../problem.ts";
import { idParams, object, timestamp } from "../schemas.ts";
import { getJson } from "../upstream.ts";
import { narrowedSearch } from "./health.ts";

const id = { type: "string", minLength: 1, maxLength: 64 } as const;
const scope = { type: "string", default: "", maxLength: 400 } as const;
const range = { from: timestamp, to: timestamp } as const;

interface Range {
  readonly from: number;
  readonly to: number;
  readonly scope: string;
}

export function tableRoutes(server: FastifyInstance, { upstreams, site, audit }: ApiParts): void {
  const { ingest, rules } = upstreams;
  const config = { permission: "figures.export" } as const;

  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    sheets: readonly Sheet[],
  ): Promise<FastifyReply> {
    const table = await workbook(sheets, languageOf(request), siteZone(site));
    const rows = sheets.reduce((sum, sheet) => sum + sheet.rows, 0);
    audit({ user: request.identity.user, action: "table.export", table: name, rows });
    return reply
      .type(XLSX_TYPE)
      .header("content-disposition", `attachment; filename="${name}.xlsx"`)
      .send(table);
  }

  server.get<{ Params: { id: string }; Querystring: { campus: string; from: number; to: number } }>(
    "/standards/:id/report.xlsx",
    {
      config,
      schema: {
        tags: ["standards"],
        params: idParams,
        querystring: object({ campus: id, ...range }),
        response: fileOf(XLSX_TYPE),
      },
    },
    async (request, reply) => {
      const { campus, from, to } = request.query;
      const path = campusPath(site, campus);
      if (path === undefined || !sees(request.identity, path)) throw new ApiProblem("not-found");
      const standard = encodeURIComponent(request.params.id);
      const asked = new URLSearchParams({ campus, from: String(from), to: String(to) });
      const report = await getJson<StandardReport>(rules, `/standards/${standard}/report?${asked}`);
      const history = await getJson<readonly VerdictChange[]>(
        rules,
        `/standards/${standard}/history?${new URLSearchParams({ campus })}`,
      );
      return send(request, reply, `${report.standard}-${campus}`, standardSheets(report, history));
    },
  );

  server.get<{ Querystring: Range }>(
    "/use.xlsx",
    {
      config,
      schema: {
        tags: ["use"],
        querystring: object({ ...range, scope }, ["scope"]),
        response: fileOf(XLSX_TYPE),
      },
    },
    async (request, reply) => {
      const { from, to, scope: asked } = request.query;
      const all = await getJson<readonly RoomUseView[]>(rules, `/use?from=${from}&to=${to}`);
      const seen = all.filter(({ path }) => sees(request.identity, path) && isWithin(path, asked));
      return send(request, reply, "use", useSheets(seen));
    },
  );

  server.get<{ Querystring: { scope: string } }>(
    "/devices.xlsx",
    {
      config,
      schema: { tags: ["devices"], querystring: object({ scope }, ["scope"]), response: fileOf(XLSX_TYPE) },
    },
    async (request, reply) => {
      const all = await getJson<readonly DeviceView[]>(ingest, "/devices?metrics=none");
      const seen = all.filter(
        ({ path }) => sees(request.identity, path) && isWithin(path, request.query.scope),
      );
      return send(request, reply, "devices", deviceSheets(seen));
    },
  );

  server.get<{ Querystring: Range }>(
    "/health.xlsx",
    {
      config,
      schema: {
        tags: ["health"],
        querystring: object({ ...range, scope }, ["scope"]),
        response: fileOf(XLSX_TYPE),
      },
    },
    async (request, reply) => {
      const asked = narrowedSearch(request);
      const by = (group: string) =>
        getJson<readonly HealthFigure[]>(rules, `/health/figures?${asked}&groupBy=${group}`);
      // All are looked at together: one that fails while others are awaited would end the process.
      const [devices, classes, models, links, rooms] = await Promise.all([
        by("device"),
        by("class"),
        getJson<readonly ModelView[]>(rules, `/health/models?${asked}`),
        getJson<readonly BandwidthFigure[]>(rules, `/health/bandwidth?${asked}`),
        getJson<readonly RoomBandwidthView[]>(rules, `/health/bandwidth/rooms?${asked}`),
      ]);
      const sheets = [...healthSheets(devices, classes, models), ...bandwidthSheets(links, rooms)];
      return send(request, reply, "health", sheets);
    },
  );
}
