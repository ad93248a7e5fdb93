/**
 * What the workers of several campuses answered, as one hub with all of these campuses would have: totals are added, and ratios,
 * ranks and orders made of the sums. Pure.
 */
import type {
  AlarmPerformanceView,
  BandwidthFigure,
  ChannelView,
  DeskSummary,
  DeskView,
  DrillReport,
  FailureList,
  HealthFigure,
  LeftOnFigure,
  ModelView,
} from "../api.ts";
import {
  addBandwidth,
  type BandwidthTotals,
  bandwidthShares,
  NO_BANDWIDTH,
} from "../core/bandwidth/figures.ts";
import {
  addHealth,
  type HealthTotals,
  NO_HEALTH,
  ranked,
  ratiosOf,
  standingOf,
} from "../core/health/figures.ts";
import { LISTED_MAX } from "../core/people/hand-over.ts";
import { FAILURES_MAX } from "../health/figures.ts";

type Answers<T> = readonly (readonly T[])[];

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number => (a.key < b.key ? -1 : 1);

/** What is left of a figure when its key, its title and its ratios are taken off. */
function totalsIn<T extends object>(figure: T, none: T): T {
  const names = Object.keys(none) as (keyof T)[];
  return Object.fromEntries(names.map((name) => [name, figure[name]])) as T;
}

function grouped<T extends { readonly key: string }>(
  answers: Answers<T>,
): ReadonlyMap<string, readonly [T, ...T[]]> {
  const groups = new Map<string, [T, ...T[]]>();
  for (const each of answers.flat()) {
    const group = groups.get(each.key);
    if (group === undefined) groups.set(each.key, [each]);
    else group.push(each);
  }
  return groups;
}

export function foldHealth(answers: Answers<HealthFigure>): readonly HealthFigure[] {
  return [...grouped(answers).values()]
    .map((own) => {
      const totals = own
        .map((each) => totalsIn<HealthTotals>(each, NO_HEALTH))
        .reduce((sum, each) => addHealth(sum, each), NO_HEALTH);
      const lost = own.flatMap(({ lastKnown }) => lastKnown ?? []);
      const lastKnown = lost.length === 0 ? {} : { lastKnown: Math.min(...lost) };
      return { key: own[0].key, title: own[0].title, ...lastKnown, ...totals, ...ratiosOf(totals) };
    })
    .sort(byKey);
}

export function foldModels(answers: Answers<ModelView>): readonly ModelView[] {
  const groups = grouped(answers);
  return ranked(
    foldHealth(answers).map((figure) => ({
      ...figure,
      ...standingOf(figure),
      classes: [...new Set((groups.get(figure.key) ?? []).flatMap(({ classes }) => classes))].sort(),
    })),
  );
}

export function foldFailures(answers: readonly FailureList[]): FailureList {
  const all = answers
    .flatMap(({ failures }) => failures)
    .sort((a, b) => b.from - a.from || (a.device < b.device ? -1 : 1));
  return {
    failures: all.slice(0, FAILURES_MAX),
    truncated: all.length > FAILURES_MAX || answers.some(({ truncated }) => truncated),
  };
}

export function foldBandwidth(answers: Answers<BandwidthFigure>): readonly BandwidthFigure[] {
  return [...grouped(answers).values()]
    .map((own) => {
      const totals = own
        .map((each) => totalsIn<BandwidthTotals>(each, NO_BANDWIDTH))
        .reduce((sum, each) => addBandwidth(sum, each), NO_BANDWIDTH);
      return { key: own[0].key, title: own[0].title, ...totals, ...bandwidthShares(totals) };
    })
    .sort((a, b) => (a.share ?? 0) - (b.share ?? 0) || byKey(a, b));
}

export function foldLeftOn(answers: Answers<LeftOnFigure>): readonly LeftOnFigure[] {
  return [...grouped(answers).values()]
    .map((own) => {
      const sum = (pick: (each: LeftOnFigure) => number): number =>
        own.reduce((all, each) => all + pick(each), 0);
      const expected_ms = sum((each) => each.expected_ms);
      return {
        key: own[0].key,
        title: own[0].title,
        rooms: sum(({ rooms }) => rooms),
        leftOn_ms: sum(({ leftOn_ms }) => leftOn_ms),
        measured_ms: sum(({ measured_ms }) => measured_ms),
        ...(own.some(({ energy }) => energy !== undefined)
          ? { energy: sum(({ energy = 0 }) => energy) }
          : {}),
        records: sum(({ records }) => records),
        expected_ms,
        completeness:
          expected_ms === 0 ? 1 : sum((each) => each.completeness * each.expected_ms) / expected_ms,
      };
    })
    .sort((a, b) => b.leftOn_ms - a.leftOn_ms || byKey(a, b));
}

/** A flood of a desk is one that some campus of it has: what a desk is told, it is told by campus. */
export function foldPerformance(answers: readonly AlarmPerformanceView[]): AlarmPerformanceView {
  const desks = new Map<string, AlarmPerformanceView["desks"][number]>();
  for (const { desk, newAlarms, floodSince } of answers.flatMap((each) => each.desks)) {
    const known = desks.get(desk);
    const since = [known?.floodSince, floodSince].filter((each) => each !== undefined);
    desks.set(desk, {
      desk,
      newAlarms: newAlarms + (known?.newAlarms ?? 0),
      ...(since.length === 0 ? {} : { floodSince: Math.min(...since) }),
    });
  }
  return {
    desks: [...desks.values()],
    chattering: answers.flatMap(({ chattering }) => chattering),
    stale: answers.flatMap(({ stale }) => stale),
  };
}

/** A channel takes messages when it does for every campus; what it said last is what it said where it does not. */
export function foldChannels(answers: Answers<ChannelView>): readonly ChannelView[] {
  const channels = new Map<string, ChannelView>();
  for (const each of answers.flat()) {
    const known = channels.get(each.id);
    if (known === undefined) channels.set(each.id, each);
    else
      channels.set(each.id, {
        ...known,
        alive: known.alive && each.alive,
        detail: known.alive && (!each.alive || known.detail === "") ? each.detail : known.detail,
        waiting: known.waiting + each.waiting,
      });
  }
  return [...channels.values()];
}

/** All campuses have the same desks; who holds one is told by the campus that keeps its hand-overs: the newest of all. */
export function foldDesks(answers: Answers<DeskView>): readonly DeskView[] {
  const desks = new Map<string, DeskView>();
  for (const each of answers.flat()) {
    const known = desks.get(each.id);
    const isNewer = (each.held?.since ?? 0) > (known?.held?.since ?? 0);
    if (known === undefined || isNewer) desks.set(each.id, each);
  }
  return [...desks.values()];
}

export function foldSummary(answers: readonly DeskSummary[]): DeskSummary {
  const sum = (pick: (each: DeskSummary) => number): number =>
    answers.reduce((all, each) => all + pick(each), 0);
  return {
    at: Math.min(...answers.map(({ at }) => at)),
    unacknowledged: sum(({ unacknowledged }) => unacknowledged),
    standing: sum(({ standing }) => standing),
    alarms: answers
      .flatMap(({ alarms }) => alarms)
      .sort((a, b) => a.priority - b.priority || a.raisedAt - b.raisedAt || (a.id < b.id ? -1 : 1))
      .slice(0, LISTED_MAX),
  };
}

/** What was declared for several campuses has one id, and is shown once. */
export function foldDeclared<
  T extends { readonly id: string; readonly from: number; readonly until: number },
>(answers: Answers<T>): readonly T[] {
  const known = new Map<string, T>();
  for (const each of answers.flat()) {
    const other = known.get(each.id);
    if (other === undefined || other.until < each.until) known.set(each.id, each);
  }
  return [...known.values()].sort((a, b) => b.from - a.from || (a.id < b.id ? -1 : 1));
}

/** At least one of them has to know the drill. */
export function foldDrill([first, ...others]: readonly [DrillReport, ...DrillReport[]]): DrillReport {
  return {
    ...first,
    until: Math.max(first.until, ...others.map(({ until }) => until)),
    alarms: [first, ...others].flatMap(({ alarms }) => alarms).sort((a, b) => a.raisedAt - b.raisedAt),
  };
}
