import type { Rollup } from "@campus-ops/device-profiles/vocabulary";
import { numberText } from "../format/number.ts";
import type { Catalogue } from "../text/zh.ts";
import { countOf } from "./tree.ts";

/** What a figure is missing, in sentences. */
export function missingInWords(counts: Rollup, t: Catalogue, locale: string): readonly string[] {
  const expected = countOf(counts, "samples.expected");
  const missing = expected - countOf(counts, "samples.received");
  const lost = Math.min(countOf(counts, "samples.lost"), Math.max(0, missing));
  if (expected === 0) return [t.completeness.nothingExpected];
  if (missing <= 0) return [t.completeness.complete];
  const number = (n: number): string => numberText(n, locale);
  return [
    t.completeness.missing(number(missing), number(expected)),
    ...(lost > 0 ? [t.completeness.lost(number(lost))] : []),
    ...(missing > lost ? [t.completeness.waiting(number(missing - lost))] : []),
  ];
}
