/**
 * What has to be computed over several campuses, which different workers may hold. Whoever holds one of them is asked, asks its
 * fellows for theirs, and answers as a hub with all of them would: `/city` before a path of `rules/api.ts`.
 *
 *   GET  /city/use · /city/use/left-on[/records] · /city/health/… · /city/alarm-figures · /city/performance
 *   GET  /city/channels · /city/desks · /city/desks/:id/summary · GET, POST /city/desks/:id/hand-overs
 *   POST, GET, DELETE /city/back-tests[/:id] · /city/drills[/:id] · /city/suppressions[/:id]
 */
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { Problem } from "@campus-ops/service";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type {
  AlarmPerformanceView,
  BandwidthFigure,
  ChannelView,
  DeskSummary,
  DeskView,
  FailureList,
  HandOverView,
  HealthFigure,
  LeftOnFigure,
  LeftOnRecord,
  ModelView,
  NewHandOver,
  RoomBandwidthView,
  RoomUseView,
} from "../api.ts";
import { backTestRoutes } from "../back-test/routes.ts";
import { unansweredRed } from "../core/people/hand-over.ts";
import type { WatchedDesk } from "../core/performance.ts";
import type { FiguresAsked } from "../http/figures.ts";
import { RECORDS_MAX } from "../use/left-on.ts";
import { askAll, askOne, type City, type CityCampus, campusesIn } from "./ask.ts";
import type { CityBackTests } from "./back-tests.ts";
import { declaredRoutes } from "./declared.ts";
import { cityFigures } from "./figures.ts";
import {
  foldBandwidth,
  foldChannels,
  foldDesks,
  foldFailures,
  foldHealth,
  foldLeftOn,
  foldModels,
  foldPerformance,
  foldSummary,
} from "./fold.ts";

export interface CityParts {
  readonly city: City;
  readonly backTests: CityBackTests;
  /** As they are set up. */
  readonly desks: ReadonlyMap<string, { readonly scope: readonly AssetPath[] }>;
  /** Those that figures are made of: a campus is a desk where none is set up. */
  readonly watched: readonly WatchedDesk[];
  readonly now: () => Timestamp;
}

export function cityRoutes(server: FastifyInstance, parts: CityParts): void {
  const { city, backTests } = parts;
  /** The same question to every campus that it is about. */
  const folded = <T>(path: string, fold: (answers: readonly [T, ...T[]]) => unknown): void => {
    server.get(`/city${path}`, async (request) =>
      fold(await askAll<T>(city, asked(request), `${path}${new URL(request.url, "http://city").search}`)),
    );
  };
  const asked = ({ query }: FastifyRequest): readonly CityCampus[] => {
    const { scopes = "" } = query as { readonly scopes?: string };
    return campusesIn(city, scopes.split(","));
  };

  folded<readonly RoomUseView[]>("/use", (answers) => answers.flat());
  folded<readonly LeftOnFigure[]>("/use/left-on", foldLeftOn);
  folded<readonly LeftOnRecord[]>("/use/left-on/records", (answers) =>
    answers
      .flat()
      .sort((a, b) => b.from - a.from || (a.room < b.room ? -1 : 1))
      .slice(0, RECORDS_MAX),
  );
  folded<readonly HealthFigure[]>("/health/figures", foldHealth);
  folded<FailureList>("/health/failures", foldFailures);
  folded<readonly ModelView[]>("/health/models", foldModels);
  folded<readonly BandwidthFigure[]>("/health/bandwidth", foldBandwidth);
  folded<readonly RoomBandwidthView[]>("/health/bandwidth/rooms", (answers) =>
    answers.flat().sort((a, b) => (a.link_Mbps ?? 0) - (b.link_Mbps ?? 0) || (a.room < b.room ? -1 : 1)),
  );
  folded<AlarmPerformanceView>("/performance", foldPerformance);
  folded<readonly ChannelView[]>("/channels", foldChannels);
  folded<readonly DeskView[]>("/desks", foldDesks);
  server.get<{ Querystring: { from: string; to: string; scope?: string } }>(
    "/city/alarm-figures",
    ({ query: { from, scope = "", to } }) => {
      const range: FiguresAsked = { from: Number(from), to: Number(to), scope };
      return cityFigures(city, parts.watched, range, parts.now());
    },
  );
  deskRoutes(server, parts);
  declaredRoutes(server, city);
  backTestRoutes(server, backTests, "/city/back-tests");
}

function deskRoutes(server: FastifyInstance, { city, desks }: CityParts): void {
  interface Desk {
    readonly Params: { readonly id: string };
  }
  /** The campuses of a desk; the first of them keeps its hand-overs. */
  const campusesOf = (id: string): readonly [CityCampus, ...CityCampus[]] => {
    const desk = desks.get(id);
    const [home, ...others] =
      desk === undefined ? [] : campusesIn(city, desk.scope.length === 0 ? [""] : desk.scope);
    if (home === undefined)
      throw new Problem(404, "No such desk", `there is no desk ${id}`, `没有值班台 ${id}`);
    return [home, ...others];
  };
  const summaryOf = async (id: string): Promise<DeskSummary> =>
    foldSummary(await askAll<DeskSummary>(city, campusesOf(id), `/desks/${encodeURIComponent(id)}/summary`));

  server.get<Desk>("/city/desks/:id/summary", ({ params }) => summaryOf(params.id));
  server.get<Desk>(
    "/city/desks/:id/hand-overs",
    ({ params: { id } }): Promise<readonly HandOverView[]> =>
      askOne(city, campusesOf(id)[0].id, `/desks/${encodeURIComponent(id)}/hand-overs`),
  );
  server.post<Desk & { readonly Body: NewHandOver }>(
    "/city/desks/:id/hand-overs",
    async ({ body, params: { id } }): Promise<HandOverView> => {
      const summary = await summaryOf(id);
      const red = unansweredRed(summary);
      if (red !== undefined)
        throw new Problem(
          409,
          "A red alarm waits for an answer",
          `acknowledge ${red.id} (${red.title.en}) first`,
          `请先确认红色报警“${red.title.zh}”再交班`,
        );
      return askOne(city, campusesOf(id)[0].id, `/desks/${encodeURIComponent(id)}/hand-overs`, {
        ...body,
        summary,
      });
    },
  );
}
