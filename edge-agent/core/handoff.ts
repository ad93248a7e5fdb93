/**
 * Moves records from the outbox to the host. Holds no record itself: what is in the outbox and not in the window is
 * what remains to be sent, whatever happened before.
 */
import type { Acknowledgement, Run } from "@campus-ops/broker/sparkplug";
import { type DataClass, isPrecious } from "@campus-ops/device-profiles/vocabulary";
import type { Clock } from "./clock.ts";
import { HandoffWindow } from "./handoff-window.ts";
import type { OutboxRecord } from "./record.ts";

/** The way to the host while an edge node is born; see mqtt/. */
export interface RecordSession {
  /** False while the socket takes nothing more. */
  readonly writable: boolean;
  /** Resolves when the record has been handed to the socket; rejects when the connection is gone. */
  send(record: OutboxRecord, historical: boolean): Promise<void>;
}

/** acknowledged: the host's word ends a record · plain: the socket's does, for a host that knows no acknowledgements. */
export type HandoffMode = "acknowledged" | "plain";

/** The outbox, as far as the hand-off is concerned with it. */
export interface HandoffQueue {
  readonly epoch: number;
  /** Records neither acknowledged nor given up. */
  readonly recordCount: number;
  /** Of the classes in the order given, the oldest first; leaves out records whose first number is excluded. */
  next(
    limit: number,
    excluded: ReadonlyMap<number, unknown>,
    classes: readonly DataClass[],
  ): readonly OutboxRecord[];
  acknowledge(runs: readonly Run[]): void;
}

/** How often {@link Handoff.drain} is to be called while there is a session. */
export const DRAIN_INTERVAL_MS = 50;

export interface HandoffStats {
  readonly sent: number;
  readonly sentHistorical: number;
  readonly acknowledged: number;
  readonly overdue: number;
  /** Acknowledgements of another epoch: an outbox that is no more. */
  readonly foreign: number;
  readonly inFlight: number;
}

export class Handoff {
  readonly #outbox: HandoffQueue;
  readonly #clock: Clock;
  readonly #mode: HandoffMode;
  readonly #window: HandoffWindow;
  #session: RecordSession | undefined;
  #sent = 0;
  #sentHistorical = 0;
  #acknowledged = 0;
  #overdue = 0;
  #foreign = 0;

  constructor(outbox: HandoffQueue, clock: Clock, mode: HandoffMode, window = new HandoffWindow()) {
    this.#outbox = outbox;
    this.#clock = clock;
    this.#mode = mode;
    this.#window = window;
  }

  /** The births are out: live records may follow at once, and the backlog beside them. */
  begin(session: RecordSession): void {
    this.#session = session;
    this.#window.restart(this.#clock.instant().uptime_ms);
    this.drain();
  }

  end(): void {
    this.#session = undefined;
  }

  /** Records that have just become durable. What was kept before the outbox was numbered anew goes with the backlog. */
  offer(records: readonly OutboxRecord[]): void {
    for (const record of records) {
      if (record.range.epoch !== this.#outbox.epoch) continue;
      if (this.#session?.writable === true && this.#window.admitsLive(isPrecious(record.dataClass)))
        this.#send(record, "live");
    }
  }

  acknowledge({ epoch, runs }: Acknowledgement): void {
    if (epoch !== this.#outbox.epoch) {
      this.#foreign += 1;
      return;
    }
    this.#finish(runs);
  }

  /** Sends what may go out of the backlog by now, alarms before everything else. */
  drain(): void {
    const { uptime_ms } = this.#clock.instant();
    this.#overdue += this.#window.overdue(uptime_ms);
    if (this.#outbox.recordCount <= this.#window.inFlight.size) return;
    // Nothing goes while something more precious waits for room.
    if (!this.#drainClasses(["alarm"], this.#window.alarmAllowance(), "alarm")) return;
    if (!this.#drainClasses(["access"], this.#window.backlogAllowance(uptime_ms, true), "backlog")) return;
    this.#drainClasses(["state", "telemetry", "bulk"], this.#window.backlogAllowance(uptime_ms), "backlog");
  }

  stats(): HandoffStats {
    return {
      sent: this.#sent,
      sentHistorical: this.#sentHistorical,
      acknowledged: this.#acknowledged,
      overdue: this.#overdue,
      foreign: this.#foreign,
      inFlight: this.#window.inFlight.size,
    };
  }

  /** True when nothing of these classes waits any more but what is on its way. */
  #drainClasses(classes: readonly DataClass[], limit: number, kind: "alarm" | "backlog"): boolean {
    const waiting = this.#outbox.next(limit + 1, this.#window.inFlight, classes);
    for (const record of waiting.slice(0, limit)) {
      if (this.#session?.writable !== true) return false;
      this.#send(record, kind);
    }
    return waiting.length <= limit;
  }

  #send(record: OutboxRecord, kind: "live" | "alarm" | "backlog"): void {
    const session = this.#session;
    if (session === undefined) return;
    const { first, last } = record.range;
    this.#window.sent({ first, last }, this.#clock.instant().uptime_ms, kind, isPrecious(record.dataClass));
    this.#sent += 1;
    if (kind !== "live") this.#sentHistorical += 1;
    session.send(record, kind !== "live").then(
      () => {
        if (this.#mode === "plain") this.#finish([{ first, last }]);
      },
      // The session's end makes it backlog again.
      () => undefined,
    );
  }

  #finish(runs: readonly Run[]): void {
    this.#acknowledged += runs.length;
    this.#window.acknowledged(runs, this.#clock.instant().uptime_ms);
    this.#outbox.acknowledge(runs);
  }
}
