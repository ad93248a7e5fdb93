/** Durations as people write them in configurations: `250ms`, `5s`, `2m`, `1h`. */
export const DURATION_PATTERN = "^[1-9][0-9]{0,6}(ms|s|m|h)$";

const DURATION = new RegExp(DURATION_PATTERN);
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds; NaN for a text that does not look like {@link DURATION_PATTERN}. */
export function duration_ms(text: string): number {
  const unit = DURATION.exec(text)?.[1];
  return unit === undefined ? Number.NaN : Number.parseInt(text, 10) * (UNITS_MS[unit] ?? Number.NaN);
}
