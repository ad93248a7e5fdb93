/** The hand-off with a timer of its own; what it decides is the core's. */
import type { Clock } from "../core/clock.ts";
import {
  DRAIN_INTERVAL_MS,
  Handoff,
  type HandoffMode,
  type HandoffQueue,
  type RecordSession,
} from "../core/handoff.ts";

export {
  DRAIN_INTERVAL_MS,
  type HandoffMode,
  type HandoffStats as SenderStats,
  type RecordSession,
} from "../core/handoff.ts";

/** An outbox that notes durably what may have been sent, before it is. */
export interface NotingQueue extends HandoffQueue {
  beginSending(): void;
  endSending(): void;
}

export class HandoffSender extends Handoff {
  readonly #noting: NotingQueue;
  #timer: NodeJS.Timeout | undefined;

  constructor(outbox: NotingQueue, clock: Clock, mode: HandoffMode) {
    super(outbox, clock, mode);
    this.#noting = outbox;
  }

  override begin(session: RecordSession): void {
    this.end();
    this.#noting.beginSending();
    super.begin(session);
    this.#timer = setInterval(() => this.drain(), DRAIN_INTERVAL_MS);
  }

  override end(): void {
    super.end();
    this.#noting.endSending();
    clearInterval(this.#timer);
  }
}
