/** Whether the hubs below can be reached, as ingest knows it. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AskIngest } from "../feed/ask-ingest.ts";

/** How campuses stand is the same in any range. */
const NOW_MS = 1;

/**
 * Since when each campus has been cut off whose hub is; those that are not in it can be reached. Undefined while ingest does
 * not answer: then nobody knows.
 */
export async function cutOff(
  ask: AskIngest,
  now: Timestamp,
): Promise<ReadonlyMap<string, Timestamp> | undefined> {
  const told = (await ask(`/rollups?from=${now}&to=${now + NOW_MS}`)) as
    | readonly { readonly campus: string; readonly lastKnown?: Timestamp }[]
    | undefined;
  return told === undefined
    ? undefined
    : new Map(
        told.flatMap(({ campus, lastKnown }) => (lastKnown === undefined ? [] : [[campus, lastKnown]])),
      );
}
