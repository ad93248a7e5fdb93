/**
 * Tells ingest when the next delay ends, so that the journal tells that time when it comes and not up to a second later.
 * Nothing depends on it: the journal's clock ticks by itself, and what is decided is decided by the journal's entries.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { SocketClient } from "@campus-ops/service/socket-client";

/** What is further away than this is told when it is nearer: time passes in the journal at least so often. */
export const WISH_MS_MAX = 1_000;
/** What is nearer than this comes too soon to be wished for. */
export const WISH_MS_MIN = 20;

export class ClockWish {
  readonly #ingest: Pick<SocketClient, "fetch">;
  #told: Timestamp = Number.NEGATIVE_INFINITY;
  #asking = false;

  constructor(ingest: Pick<SocketClient, "fetch">) {
    this.#ingest = ingest;
  }

  /** `due`: Infinity when nothing is. `now`: by the journal. */
  tell(due: Timestamp, now: Timestamp): void {
    const ahead_ms = due - now;
    if (due === this.#told || this.#asking || ahead_ms > WISH_MS_MAX || ahead_ms < WISH_MS_MIN) return;
    this.#told = due;
    this.#asking = true;
    const body = JSON.stringify({ at: Math.ceil(due) });
    this.#ingest
      .fetch("/clock", { method: "POST", headers: { "content-type": "application/json" }, body })
      .then((answer) => answer.arrayBuffer())
      // Ingest is away: so is its journal's clock.
      .catch(() => undefined)
      .finally(() => {
        this.#asking = false;
      });
  }
}
