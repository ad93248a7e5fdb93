import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { startOfDay } from "../format/time.ts";

export const BUCKET_MS = 10 * 60_000;
/** As many as a screen has room for. */
const BARS_MAX = 180;

export interface Bar {
  readonly from: Timestamp;
  /** Alarms in these ten minutes, or in the fullest ten of this day. */
  readonly raised: number;
  /** The ten minutes to open: the bar itself, or the fullest of its day. */
  readonly bucket: Timestamp;
}

/** Each ten minutes that can be shown beside the others; of a long range, the fullest of each day. */
export function barsOf(
  buckets: readonly (readonly [Timestamp, number])[],
  from: Timestamp,
  to: Timestamp,
): readonly Bar[] {
  const raised = new Map(buckets);
  const count = Math.ceil((to - from) / BUCKET_MS);
  const all = Array.from({ length: count }, (_, index) => {
    const at = from + index * BUCKET_MS;
    return { from: at, raised: raised.get(at) ?? 0, bucket: at };
  });
  if (count <= BARS_MAX) return all;
  const days = new Map<Timestamp, Bar>();
  for (const bar of all) {
    const day = startOfDay(bar.from);
    const known = days.get(day);
    if (known === undefined || bar.raised > known.raised) days.set(day, { ...bar, from: day });
  }
  return [...days.values()];
}
