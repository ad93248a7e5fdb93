/** Alarm figures over several campuses, made of their transitions as they would be of one hub's. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmFiguresView } from "../api.ts";
import type { FigureTransition } from "../core/figures/alarm-figures.ts";
import type { WatchedDesk } from "../core/performance.ts";
import {
  alarmFigures,
  type FiguresAsked,
  foldStanding,
  type StandingFigures,
  type TransitionPage,
} from "../http/figures.ts";
import { askAll, askOne, type City, type CityCampus, campusesIn } from "./ask.ts";

export function cityFigures(
  city: City,
  desks: readonly WatchedDesk[],
  query: FiguresAsked,
  at: Timestamp,
): Promise<AlarmFiguresView> {
  const campuses = campusesIn(city, [query.scope]);
  return alarmFigures(query, at, {
    desks,
    transitions: (from, to) => inOrder(campuses.map(({ id }) => transitionsOf(city, id, from, to))),
    standing: async (scope) => {
      const search = new URLSearchParams({ scope });
      return foldStanding(await askAll<StandingFigures>(city, campuses, `/alarm-figures/standing?${search}`));
    },
  });
}

/** Page by page: of each campus one page is held at a time. */
async function* transitionsOf(
  city: City,
  campus: CityCampus["id"],
  from: Timestamp,
  to: Timestamp,
): AsyncGenerator<FigureTransition> {
  let after: string | undefined;
  do {
    const search = new URLSearchParams({ from: String(Math.max(0, from)), to: String(to) });
    if (after !== undefined) search.set("after", after);
    const page = await askOne<TransitionPage>(city, campus, `/alarm-figures/transitions?${search}`);
    yield* page.rows;
    after = page.next;
  } while (after !== undefined);
}

/** Several that are in order as one that is. */
export async function* inOrder<T extends { readonly at: number }>(
  sources: readonly AsyncIterable<T>[],
): AsyncGenerator<T> {
  const heads = await Promise.all(
    sources.map(async (source) => {
      const rows = source[Symbol.asyncIterator]();
      return { rows, next: await rows.next() };
    }),
  );
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads)
      if (head.next.done !== true && (first === undefined || head.next.value.at < first.next.value.at))
        first = head;
    if (first === undefined) return;
    yield first.next.value;
    first.next = await first.rows.next();
  }
}
