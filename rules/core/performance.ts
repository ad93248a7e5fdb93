/**
 * How the alarms themselves behave (IEC 62682 clause 16, ISA-18.2 clause 16): floods, by desk; alarms that chatter; and
 * alarms that stand for so long that nobody sees them any more. Made of transitions alone, so a process that starts
 * reads those of the last while again and knows the same.
 */
import { type AssetPath, isWithin, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmView } from "../api.ts";

/** More than this many new alarms within {@link FLOOD_WINDOW_MS} at one desk are a flood … */
export const FLOOD_ALARMS_MAX = 10;
/** … until fewer than this many are. */
export const FLOOD_OVER_ALARMS = 5;
export const FLOOD_WINDOW_MS = 600_000;
/** Raised so often within {@link CHATTER_WINDOW_MS}, it chatters; until it has been quiet for {@link FLOOD_WINDOW_MS}. */
export const CHATTER_RAISES_MIN = 3;
export const CHATTER_WINDOW_MS = 60_000;
/** Standing for longer than this, it is stale. */
export const STALE_MS = 24 * 3_600_000;
/** Times remembered of one desk; a flood beyond is a flood all the same. */
export const DESK_TIMES_MAX = 1_000;
/** Alarms whose raisings are remembered; the one quiet for longest gives way. */
export const ALARMS_WATCHED_MAX = 20_000;

/** What a desk is responsible for; everything, when it names nothing. */
export interface WatchedDesk {
  readonly id: string;
  readonly scope: readonly AssetPath[];
}

export interface DeskLoad {
  readonly desk: string;
  /** New alarms in the last ten minutes, symptoms left out. */
  readonly newAlarms: number;
  /** Present while there is a flood. */
  readonly floodSince?: Timestamp;
}

interface Load {
  times: Timestamp[];
  floodSince: Timestamp | undefined;
}

export class AlarmPerformance {
  readonly #desks: readonly WatchedDesk[];
  readonly #loads = new Map<string, Load>();
  readonly #raised = new Map<string, Timestamp[]>();
  readonly #chattering = new Map<string, Timestamp>();

  constructor(desks: readonly WatchedDesk[]) {
    this.#desks = desks;
    for (const { id } of desks) this.#loads.set(id, { times: [], floodSince: undefined });
  }

  get watched(): readonly WatchedDesk[] {
    return this.#desks;
  }

  /** A transition that rings: `raise`, `release` or the end of a shelving. Times never go back. */
  rang(alarm: Pick<AlarmView, "id" | "device">, at: Timestamp): void {
    const raised = this.#raised.get(alarm.id) ?? [];
    raised.push(at);
    if (raised.length > CHATTER_RAISES_MIN) raised.shift();
    // Put back at the end: the first of the map is the one quiet for longest.
    this.#raised.delete(alarm.id);
    this.#raised.set(alarm.id, raised);
    if (this.#raised.size > ALARMS_WATCHED_MAX) {
      for (const oldest of this.#raised.keys()) {
        this.#raised.delete(oldest);
        this.#chattering.delete(oldest);
        break;
      }
    }
    const [first] = raised;
    if (raised.length === CHATTER_RAISES_MIN && first !== undefined && at - first <= CHATTER_WINDOW_MS)
      this.#chattering.set(alarm.id, at);
    for (const { id, scope } of this.#desks) {
      const load = this.#loads.get(id);
      if (load === undefined) continue;
      if (scope.length > 0 && !scope.some((place) => isWithin(alarm.device.path, place))) continue;
      load.times.push(at);
      if (load.times.length > DESK_TIMES_MAX) load.times.shift();
      this.#settle(load, at);
    }
  }

  desks(now: Timestamp): readonly DeskLoad[] {
    return this.#desks.map(({ id }) => {
      const load = this.#loads.get(id);
      if (load === undefined) return { desk: id, newAlarms: 0 };
      this.#settle(load, now);
      return {
        desk: id,
        newAlarms: load.times.length,
        ...(load.floodSince === undefined ? {} : { floodSince: load.floodSince }),
      };
    });
  }

  /** Ids of alarms that chatter, and when each rang last. */
  chattering(now: Timestamp): ReadonlyMap<string, Timestamp> {
    for (const [id, at] of this.#chattering) if (now - at >= FLOOD_WINDOW_MS) this.#chattering.delete(id);
    return this.#chattering;
  }

  #settle(load: Load, now: Timestamp): void {
    while ((load.times[0] ?? now) <= now - FLOOD_WINDOW_MS) load.times.shift();
    if (load.times.length > FLOOD_ALARMS_MAX) load.floodSince ??= now;
    else if (load.times.length < FLOOD_OVER_ALARMS) load.floodSince = undefined;
  }
}

export function isStale({ state, raisedAt }: AlarmView, now: Timestamp): boolean {
  return (state === "unacknowledged" || state === "acknowledged") && now - raisedAt > STALE_MS;
}
