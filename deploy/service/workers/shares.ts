/** Which campuses a worker takes and which it hands over, so that each has its fair share. Pure. */

export interface Shares {
  readonly campuses: readonly string[];
  /** Workers that live, this one among them. */
  readonly workers: readonly string[];
  /** Holders by campus; free ones are left out. */
  readonly held: ReadonlyMap<string, string>;
  /** This worker. */
  readonly own: string;
}

export interface Plan {
  /** To be tried, in this order: another worker may be quicker. */
  readonly take: readonly string[];
  readonly handOver: readonly string[];
}

/**
 * A worker holds at most its share, rounded up, as long as all others live, and hands one campus over at a time, to somebody who
 * has at least two fewer. Free campuses are tried from a place of its own on, so that workers that start together do not race.
 */
export function planShares({ campuses, workers, held, own }: Shares): Plan {
  const counts = new Map(workers.map((worker) => [worker, 0]));
  for (const campus of campuses) {
    const holder = held.get(campus);
    if (holder !== undefined) counts.set(holder, (counts.get(holder) ?? 0) + 1);
  }
  const most = Math.ceil(campuses.length / Math.max(1, workers.length));
  const mine = campuses.filter((campus) => held.get(campus) === own);
  const free = campuses.filter((campus) => !held.has(campus));
  const room = Math.max(0, most - mine.length);
  if (free.length > 0) {
    const begin = Math.floor((workers.indexOf(own) * free.length) / Math.max(1, workers.length));
    const turned = [...free.slice(begin), ...free.slice(0, begin)];
    return { take: turned.slice(0, room), handOver: [] };
  }
  const least = Math.min(...workers.map((worker) => counts.get(worker) ?? 0));
  const last = mine.at(-1);
  return { take: [], handOver: last !== undefined && mine.length - least >= 2 ? [last] : [] };
}
