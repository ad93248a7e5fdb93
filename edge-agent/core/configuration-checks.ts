/** What is wrong with a configuration beyond its shape, and what may have been meant. */

export interface Dependent {
  readonly id: string;
  readonly dependsOn?: string;
}

/** Every cycle of `dependsOn`, once, as the ids along it. A device has one upstream, so cycles never share a device. */
export function cyclesOf(devices: readonly Dependent[]): readonly (readonly string[])[] {
  const upstream = new Map(devices.map(({ id, dependsOn }) => [id, dependsOn]));
  const visited = new Set<string>();
  const cycles: string[][] = [];
  for (const { id } of devices) {
    const trail: string[] = [];
    let at: string | undefined = id;
    while (at !== undefined && upstream.has(at) && !visited.has(at)) {
      visited.add(at);
      trail.push(at);
      at = upstream.get(at);
    }
    const start = at === undefined ? -1 : trail.indexOf(at);
    if (start >= 0) cycles.push(trail.slice(start));
  }
  return cycles;
}

const SUGGESTIONS_MAX = 3;

/** The known words that `text` may have been meant to be, the nearest first. */
export function nearest(text: string, known: Iterable<string>): readonly string[] {
  const limit = Math.max(2, Math.ceil(text.length / 2));
  return [...known]
    .map((word) => ({ word, distance: editDistance(text, word) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, SUGGESTIONS_MAX)
    .map(({ word }) => word);
}

/** Levenshtein's distance. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, right] of [...b].entries()) {
      const substitute = (row[j] ?? 0) + (left === right ? 0 : 1);
      next.push(Math.min(substitute, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[row.length - 1] ?? 0;
}
