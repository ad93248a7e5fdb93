/**
 *   GET /alarm-figures?from=&to=&scope= → AlarmFiguresView
 *   GET /raisings?from=&to=&scope=      → RaisingView[], in order of time, at most RAISINGS_LISTED_MAX
 *   GET /alarm-figures/transitions?from=&to=&after= · /standing?scope= → TransitionPage · StandingFigures: what figures
 *       over several campuses are made of
 *
 * A long range is read in pages, and between two of them everything else has its turn: alarms do not wait for figures.
 */
import { setImmediate } from "node:timers/promises";
import { isWithin, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { AlarmFiguresView, AlarmView, RaisingView } from "../api.ts";
import {
  AlarmFigures,
  ANSWER_MS_MAX,
  type FigureTransition,
  LEAD_MS,
  LISTED_MAX,
  RINGS,
} from "../core/figures/alarm-figures.ts";
import { type AlarmPerformance, isStale, STALE_MS, type WatchedDesk } from "../core/performance.ts";
import type { RulesStore, TransitionPlace } from "../store/rules-store.ts";

/** A term is asked for in months. */
export const RANGE_MS_MAX = 31 * 24 * 3_600_000;
export const RAISINGS_LISTED_MAX = 500;
const PAGE_ROWS = 1_000;
/** Standing alarms looked through for those that have stood for a day. */
const STANDING_MAX = 5_000;

export type StandingFigures = AlarmFiguresView["standing"];

/** Some of them, in order of time; those after them are asked for `after` what `next` says, where there are more. */
export interface TransitionPage {
  readonly rows: readonly FigureTransition[];
  readonly next?: string;
}

/** Of a {@link TransitionPlace}: its moment and its row. */
const PLACE = /^(\d{1,16})-(\d{1,16})$/;

export interface FigureParts {
  readonly store: RulesStore;
  readonly performance: AlarmPerformance;
  readonly now: () => Timestamp;
}

export interface FiguresAsked {
  readonly from: number;
  readonly to: number;
  readonly scope: string;
}

const querystring = {
  type: "object",
  required: ["from", "to"],
  properties: {
    from: { type: "integer", minimum: 0 },
    to: { type: "integer", minimum: 0 },
    scope: { type: "string", maxLength: 400, default: "" },
  },
} as const;

/** What figures are made of, wherever it is kept. */
export interface FigureSources {
  readonly desks: readonly WatchedDesk[];
  /** Transitions in [from, to), in order of time. */
  readonly transitions: (from: Timestamp, to: Timestamp) => AsyncIterable<FigureTransition>;
  readonly standing: (scope: string, at: Timestamp) => Promise<StandingFigures>;
}

/** Throws a {@link Problem} for a range that there are no figures of. */
export async function alarmFigures(
  query: FiguresAsked,
  at: Timestamp,
  { desks: watched, standing, transitions }: FigureSources,
): Promise<AlarmFiguresView> {
  const { from, to, scope } = rangeOf(query, at);
  const places = scope === "" ? [] : [scope];
  const all = new AlarmFigures({ from, to }, places);
  const desks = watched
    .map((desk) => ({ desk: desk.id, places: narrowedTo(desk.scope, scope) }))
    .filter((desk) => desk.places !== undefined)
    .map((desk) => ({ desk: desk.desk, figures: new AlarmFigures({ from, to }, desk.places ?? []) }));
  for await (const row of transitions(from - LEAD_MS, Math.min(at, to + ANSWER_MS_MAX))) {
    all.add(row);
    for (const { figures } of desks) figures.add(row);
  }
  return {
    from,
    to,
    scope,
    all: all.figures(at),
    desks: desks.map(({ desk, figures }) => {
      const { raised, mean, worst, floodShare, floods, byPriority, delays } = figures.figures(at);
      const load = { raised, mean, floodShare, floods, byPriority, delays };
      return { desk, ...load, ...(worst === undefined ? {} : { worst }) };
    }),
    standing: await standing(scope, at),
  };
}

export function figureRoutes(server: FastifyInstance, { store, performance, now }: FigureParts): void {
  server.get<{ Querystring: FiguresAsked }>(
    "/alarm-figures",
    { schema: { querystring } },
    ({ query }): Promise<AlarmFiguresView> =>
      alarmFigures(query, now(), {
        desks: performance.watched,
        transitions,
        standing: async (scope, at) => standing(scope, at),
      }),
  );

  server.get<{ Querystring: FiguresAsked & { after?: string } }>(
    "/alarm-figures/transitions",
    {
      schema: {
        querystring: {
          ...querystring,
          properties: { ...querystring.properties, after: { type: "string", pattern: PLACE.source } },
        },
      },
    },
    ({ query: { after, from, to } }): TransitionPage => {
      const page = store.transitionsBetween(from, to, placeOf(after), PAGE_ROWS);
      const last = page.at(-1);
      return {
        rows: page.map(({ at, event, alarm: { device, drill, id, priority, receivedAt, title } }) => ({
          at,
          event,
          alarm: { id, priority, title, device, receivedAt, ...(drill === undefined ? {} : { drill }) },
        })),
        ...(page.length < PAGE_ROWS || last === undefined ? {} : { next: `${last.at}-${last.id}` }),
      };
    },
  );
  server.get<{ Querystring: { scope: string } }>(
    "/alarm-figures/standing",
    {
      schema: {
        querystring: { type: "object", properties: { scope: querystring.properties.scope } },
      },
    },
    ({ query: { scope } }): StandingFigures => standing(scope, now()),
  );

  server.get<{ Querystring: FiguresAsked }>(
    "/raisings",
    { schema: { querystring } },
    async ({ query }): Promise<readonly RaisingView[]> => {
      const { from, to, scope } = rangeOf(query, now());
      const found: RaisingView[] = [];
      for await (const { at, event, alarm } of transitions(from, to)) {
        if (!RINGS.has(event) || alarm.drill !== undefined || !isWithin(alarm.device.path, scope)) continue;
        found.push({ ...figureAlarm(alarm), at });
        if (found.length >= RAISINGS_LISTED_MAX) break;
      }
      return found;
    },
  );

  /** Transitions in [from, to), page by page. */
  async function* transitions(from: Timestamp, to: Timestamp) {
    for (let after: TransitionPlace | undefined; ; ) {
      const page = store.transitionsBetween(from, to, after, PAGE_ROWS);
      yield* page;
      after = page.at(-1);
      if (page.length < PAGE_ROWS) return;
      await setImmediate();
    }
  }

  function standing(scope: string, at: Timestamp): StandingFigures {
    const old = store
      .alarms({ active: true, limit: STANDING_MAX })
      .filter(
        (alarm) => alarm.drill === undefined && isWithin(alarm.device.path, scope) && isStale(alarm, at),
      )
      .sort((a, b) => a.raisedAt - b.raisedAt);
    return {
      count: old.length,
      stale: old.filter(({ updatedAt }) => at - updatedAt > STALE_MS).length,
      first: old.slice(0, LISTED_MAX).map((alarm) => ({
        ...figureAlarm(alarm),
        raisedAt: alarm.raisedAt,
        updatedAt: alarm.updatedAt,
      })),
    };
  }
}

function placeOf(after: string | undefined): TransitionPlace | undefined {
  const [, at, id] = PLACE.exec(after ?? "") ?? [];
  return after === undefined ? undefined : { at: Number(at), id: Number(id) };
}

/** The oldest of all come first. */
export function foldStanding(answers: readonly StandingFigures[]): StandingFigures {
  return {
    count: answers.reduce((sum, { count }) => sum + count, 0),
    stale: answers.reduce((sum, { stale }) => sum + stale, 0),
    first: answers
      .flatMap(({ first }) => first)
      .sort((a, b) => a.raisedAt - b.raisedAt)
      .slice(0, LISTED_MAX),
  };
}

function figureAlarm({ id, title, device, priority }: AlarmView) {
  return { id, title, device: device.title, path: device.path, priority };
}

/** What of a desk's places lies in the scope; undefined when nothing does. */
function narrowedTo(places: readonly string[], scope: string): readonly string[] | undefined {
  if (places.length === 0) return scope === "" ? [] : [scope];
  const own = places.flatMap((place) => {
    if (isWithin(place, scope)) return [place];
    return isWithin(scope, place) ? [scope] : [];
  });
  return own.length === 0 ? undefined : own;
}

/** Throws a {@link Problem} for a range that is empty or longer than {@link RANGE_MS_MAX}. */
function rangeOf({ from, to, scope }: FiguresAsked, now: Timestamp): FiguresAsked {
  const end = Math.min(to, now);
  if (end <= from)
    throw new Problem(
      400,
      "Bad request",
      "the range is empty: from must be before to, and past",
      "时间范围是空的：开始须早于结束，且已经过去",
    );
  if (end - from > RANGE_MS_MAX)
    throw new Problem(
      400,
      "Bad request",
      "the range is longer than 31 days: ask for it in parts",
      "时间范围超过 31 天，请分段查询",
    );
  return { from, to: end, scope };
}
