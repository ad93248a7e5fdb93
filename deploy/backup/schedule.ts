/** When the next backup is due. Pure. */

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
/** After a failure it is tried again so much later, unless the next one is due sooner. */
export const RETRY_MS = 30 * MINUTE_MS;

export interface LastBackup {
  /** When the last one that was proven was begun; undefined when there is none. */
  readonly provenAt: number | undefined;
  /** When one was last tried without success since then. */
  readonly failedAt: number | undefined;
}

/**
 * The time of the next backup, in milliseconds since the Unix epoch. Once a day at `minute`, local; one that was missed
 * because the hub was off is made up for at once. `offset_ms` is what local time is ahead of UTC.
 */
export function nextBackup(
  { failedAt, provenAt }: LastBackup,
  minute: number,
  offset_ms: number,
  now: number,
): number {
  const due = lastDue(minute, offset_ms, now);
  const next = due + DAY_MS;
  if (provenAt !== undefined && provenAt >= due) return next;
  return failedAt === undefined ? now : Math.min(next, Math.max(now, failedAt + RETRY_MS));
}

/** The newest time of day `minute` that is not after `now`. */
function lastDue(minute: number, offset_ms: number, now: number): number {
  const local = now + offset_ms;
  const today = Math.floor(local / DAY_MS) * DAY_MS + minute * MINUTE_MS;
  return (today <= local ? today : today - DAY_MS) - offset_ms;
}
