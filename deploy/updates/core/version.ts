/** Versions of the product: numbers with dots. Pure. */

const PATTERN = /^\d{1,9}(\.\d{1,9}){0,3}$/;

export const isVersion = (text: string): boolean => PATTERN.test(text);

/** Negative where `a` is older than `b`; undefined where one of them is no version. */
export function compareVersions(a: string, b: string): number | undefined {
  if (!isVersion(a) || !isVersion(b)) return undefined;
  const [left, right] = [a.split("."), b.split(".")];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = Number(left[index] ?? 0) - Number(right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
