/** The hand-off with a timer of its own; what it decides is the core's. */
import { DRAIN_INTERVAL_MS, Handoff, type RecordSession } from "../core/handoff.ts";

export {
  DRAIN_INTERVAL_MS,
  type HandoffMode,
  type HandoffStats as SenderStats,
  type RecordSession,
} from "../core/handoff.ts";

export class HandoffSender extends Handoff {
  #timer: NodeJS.Timeout | undefined;

  override begin(session: RecordSession): void {
    this.end();
    super.begin(session);
    this.#timer = setInterval(() => this.drain(), DRAIN_INTERVAL_MS);
  }

  override end(): void {
    super.end();
    clearInterval(this.#timer);
  }
}
