/** What a mistyped word may have been meant to be. */
const SUGGESTIONS_MAX = 3;

/** The known words that `text` may have been meant to be, the nearest first. */
export function nearest(text: string, known: Iterable<string>): readonly string[] {
  const limit = Math.max(2, Math.ceil(text.length / 2));
  const near = [...known]
    .map((word) => ({ word, distance: editDistance(text, word) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  // Beside a slip of one letter, words that are far away help nobody.
  const clear = Math.max(2, 2 * (near[0]?.distance ?? 0));
  return near
    .filter(({ distance }) => distance <= clear)
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
