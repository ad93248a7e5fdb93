/**
 * What is on its way to the host, and what may be sent next.
 *
 * A record is sent the moment it is durable while there is a session (*live*); everything else is *backlog* and drains
 * beside the live stream: the most precious class first, the oldest first within a class, at a limited rate and in a
 * window that follows the hub's pace. Only the host's acknowledgement ends a record; one that is not acknowledged in time is sent again as
 * backlog, with the same numbers.
 */
import type { Run } from "@campus-ops/broker/sparkplug";
import { DrainWindow } from "./drain-window.ts";

/** Records sent and not yet acknowledged. Live ones may fill it; the backlog leaves {@link LIVE_RESERVE_RECORDS}. */
export const IN_FLIGHT_RECORDS_MAX = 2_048;
export const LIVE_RESERVE_RECORDS = 1_024;
const BACKLOG_RECORDS_MAX = IN_FLIGHT_RECORDS_MAX - LIVE_RESERVE_RECORDS;
/** Room in the window that only alarm and access records may use: a hub whose disk is full acknowledges nothing else. */
export const PRECIOUS_RESERVE_RECORDS = 512;
/** Backlog records a second, so that a hub to which 200 edges return at once can breathe. Alarms are not held to it. */
export const BACKLOG_RECORDS_PER_S = 2_000;
/** The backlog's share is topped up this finely. */
export const BACKLOG_BURST_RECORDS = 200;
export const ACKNOWLEDGE_MS_MAX = 10_000;
/** A hub that does not acknowledge (its disk is full) is asked less and less often, to this limit. */
export const ACKNOWLEDGE_PATIENCE_MS_MAX = 120_000;

interface InFlight {
  readonly last: number;
  readonly sentAt_ms: number;
  readonly isPrecious: boolean;
  readonly isBacklog: boolean;
}

type Lane = "precious" | "ordinary";

const LANES: readonly Lane[] = ["precious", "ordinary"];

function laneOf({ isPrecious }: InFlight): Lane {
  return isPrecious ? "precious" : "ordinary";
}

export class HandoffWindow {
  readonly #inFlight = new Map<number, InFlight>();
  readonly #backlogPerS: number;
  #tokens = BACKLOG_BURST_RECORDS;
  #toppedUpAt_ms = 0;
  #precious = 0;
  // Each lane apart, because what is precious may be acknowledged while the rest waits.
  readonly #patience_ms = { precious: ACKNOWLEDGE_MS_MAX, ordinary: ACKNOWLEDGE_MS_MAX };
  readonly #backlog = { precious: 0, ordinary: 0 };
  readonly #drain = {
    precious: new DrainWindow(BACKLOG_RECORDS_MAX),
    ordinary: new DrainWindow(BACKLOG_RECORDS_MAX),
  };

  constructor(backlogPerS = BACKLOG_RECORDS_PER_S) {
    this.#backlogPerS = backlogPerS;
  }

  /** Keyed by the first number of the record. */
  get inFlight(): ReadonlyMap<number, unknown> {
    return this.#inFlight;
  }

  /** A new session: what was on its way may or may not have arrived, so all of it is backlog again. */
  restart(uptime_ms: number): void {
    this.#inFlight.clear();
    this.#precious = 0;
    for (const lane of LANES) {
      this.#backlog[lane] = 0;
      this.#drain[lane].restart();
    }
    this.#tokens = BACKLOG_BURST_RECORDS;
    this.#toppedUpAt_ms = uptime_ms;
    this.#forgive(...LANES);
  }

  /** Whether a record that has just become durable may go out at once; if not, it waits its turn in the backlog. */
  admitsLive(isPrecious = false): boolean {
    const ordinary = this.#inFlight.size - this.#precious;
    return (
      this.#inFlight.size < IN_FLIGHT_RECORDS_MAX &&
      (isPrecious || ordinary < IN_FLIGHT_RECORDS_MAX - PRECIOUS_RESERVE_RECORDS)
    );
  }

  /** How many backlog records may go out now, alarms apart. */
  backlogAllowance(uptime_ms: number, isPrecious = false): number {
    const elapsed_s = Math.max(0, uptime_ms - this.#toppedUpAt_ms) / 1_000;
    this.#tokens = Math.min(BACKLOG_BURST_RECORDS, this.#tokens + elapsed_s * this.#backlogPerS);
    this.#toppedUpAt_ms = uptime_ms;
    const room = Math.min(BACKLOG_RECORDS_MAX - this.#inFlight.size, this.#room("ordinary"));
    return Math.max(0, Math.min(Math.floor(this.#tokens), isPrecious ? this.alarmAllowance() : room));
  }

  /** Alarms have no rate; what else waits in the window does not hold them up. */
  alarmAllowance(): number {
    const share = Math.min(BACKLOG_RECORDS_MAX - this.#precious, this.#room("precious"));
    return Math.max(0, Math.min(share, IN_FLIGHT_RECORDS_MAX - this.#inFlight.size));
  }

  sent(run: Run, uptime_ms: number, kind: "live" | "alarm" | "backlog", isPrecious = kind === "alarm"): void {
    this.#take(run.first);
    const isBacklog = kind !== "live";
    const record: InFlight = { last: run.last, sentAt_ms: uptime_ms, isPrecious, isBacklog };
    this.#inFlight.set(run.first, record);
    if (isPrecious) this.#precious += 1;
    if (isBacklog) this.#backlog[laneOf(record)] += 1;
    if (kind === "backlog") this.#tokens -= 1;
  }

  /** The host holds these. Runs of an earlier session count as well: durable is durable. */
  acknowledged(runs: readonly Run[], uptime_ms: number): void {
    // Looked at once for all of them: an acknowledgement of a whole window says that it was full.
    const wasFull = { precious: this.#isHalfFull("precious"), ordinary: this.#isHalfFull("ordinary") };
    for (const { first, last } of runs) {
      const record = this.#inFlight.get(first);
      if (record === undefined) this.#forgive(...LANES);
      else if (record.last === last) {
        const lane = laneOf(record);
        this.#take(first);
        this.#forgive(lane);
        if (record.isBacklog) this.#drain[lane].acknowledged(uptime_ms - record.sentAt_ms, wasFull[lane]);
      }
    }
  }

  /** Takes what was not acknowledged in time off the window, to be sent again. Returns how many. */
  overdue(uptime_ms: number): number {
    const counts = { precious: 0, ordinary: 0 };
    for (const [first, record] of this.#inFlight) {
      const lane = laneOf(record);
      if (uptime_ms - record.sentAt_ms < this.#patience_ms[lane]) continue;
      this.#take(first);
      counts[lane] += 1;
    }
    for (const lane of LANES) {
      if (counts[lane] === 0) continue;
      this.#patience_ms[lane] = Math.min(ACKNOWLEDGE_PATIENCE_MS_MAX, this.#patience_ms[lane] * 2);
      this.#drain[lane].restart();
    }
    return counts.precious + counts.ordinary;
  }

  #room(lane: Lane): number {
    return this.#drain[lane].records - this.#backlog[lane];
  }

  #isHalfFull(lane: Lane): boolean {
    return 2 * this.#backlog[lane] >= this.#drain[lane].records;
  }

  #take(first: number): void {
    const record = this.#inFlight.get(first);
    if (record === undefined) return;
    if (record.isPrecious) this.#precious -= 1;
    if (record.isBacklog) this.#backlog[laneOf(record)] -= 1;
    this.#inFlight.delete(first);
  }

  #forgive(...lanes: readonly Lane[]): void {
    for (const lane of lanes) this.#patience_ms[lane] = ACKNOWLEDGE_MS_MAX;
  }
}
