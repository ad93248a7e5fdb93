/** Journal → store. */
import type { DecodedEntry } from "@campus-ops/broker/journal";
import { addressKey } from "@campus-ops/device-profiles/vocabulary";
import { isDiskFull } from "../core/disk-room.ts";
import { collectPoints } from "../core/points.ts";
import { type Point, StoreAwayError, type WritePoints } from "../store/store.ts";
import type { Projection } from "./projection.ts";

/** Points gathered before they are written, unless they have waited for {@link WRITE_ENTRIES_MAX}. */
export const WRITE_POINTS_MAX = 20_000;
/** Entries gathered at most; with a clock entry a second, a quiet hub writes at least this often in seconds. */
export const WRITE_ENTRIES_MAX = 4_096;
/** By the journal's clock. */
const WRITE_MS = 1_000;

export function pointsProjection(store: WritePoints): Projection {
  let points: Point[] = [];
  let entriesHeld = 0;
  let since: number | undefined;
  return {
    name: "store",
    place: "the store",
    checkpoint: async () => {
      points = [];
      entriesHeld = 0;
      since = undefined;
      return store.checkpoint();
    },
    isAway: (error) => error instanceof StoreAwayError || isDiskFull(error),
    project: async (entries: readonly DecodedEntry[]) => {
      for (const entry of entries) {
        if (entry.address !== undefined) collectPoints(entry, addressKey(entry.address), points);
        entriesHeld += 1;
        since ??= entry.receivedAt;
        const full = points.length >= WRITE_POINTS_MAX || entriesHeld >= WRITE_ENTRIES_MAX;
        if (!full && entry.receivedAt - since < WRITE_MS) continue;
        await store.write(points, { seq: entry.seq, receivedAt: entry.receivedAt });
        points = [];
        entriesHeld = 0;
        since = undefined;
      }
    },
  };
}
