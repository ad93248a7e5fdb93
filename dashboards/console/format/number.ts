const formats = new Map<string, Intl.NumberFormat>();

/** `fractionDigits` at most; grouping as the locale does it. */
export function numberText(value: number, locale: string, fractionDigits = 0): string {
  const key = `${locale} ${fractionDigits}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.NumberFormat(locale, { maximumFractionDigits: fractionDigits });
    formats.set(key, found);
  }
  return found.format(value);
}

/** A ratio of 0 to 1. Rounded down, so that 99.97 % never reads as 100 %. */
export function percentText(ratio: number): string {
  const tenths = Math.floor(ratio * 1000 + 1e-9);
  return tenths % 10 === 0 ? `${tenths / 10}%` : `${(tenths / 10).toFixed(1)}%`;
}

const BYTE_STEPS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

export function bytesText(bytes: number, locale: string): string {
  let value = bytes;
  let step = 0;
  while (Math.abs(value) >= 1024 && step < BYTE_STEPS.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${numberText(value, locale, step === 0 || value >= 100 ? 0 : 1)} ${BYTE_STEPS[step] ?? ""}`;
}
