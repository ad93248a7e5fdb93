import { numberText, percentText } from "../format/number.ts";
import type { StandardWords } from "./words.ts";

/** Kinds of evidence that are shares of a whole. */
const SHARES: ReadonlySet<string> = new Set(["intact", "utilisation", "tested", "classLinks"]);
const FRACTION_DIGITS = 2;

/** One number of a check as it is read: a share in percent, everything else as it is. */
export function checkNumber(value: number, evidence: string, locale: string): string {
  return SHARES.has(evidence) ? percentText(value) : numberText(value, locale, FRACTION_DIGITS);
}

/** One number of a record: where a share is of links, each record is one link. */
export function recordNumber(value: number, evidence: string, locale: string): string {
  return evidence === "classLinks"
    ? `${numberText(value, locale, FRACTION_DIGITS)} Mbit/s`
    : checkNumber(value, evidence, locale);
}

/** What was found: one number, or from the least to the most that it can be. */
export function foundText(
  { low, high, evidence }: { readonly low: number; readonly high?: number; readonly evidence: string },
  words: StandardWords,
  locale: string,
): string {
  if (high === undefined) return words.unknown;
  const text = (value: number): string => checkNumber(value, evidence, locale);
  return low === high ? text(low) : words.range(text(low), text(high));
}
