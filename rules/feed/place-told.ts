/**
 * Tells ingest how far the journal was read: while the rules are behind, telemetry waits, so that what raises alarms does not
 * wait behind it. Nothing is decided by it, and a word that is lost is followed by the next.
 */
import type { SocketClient } from "@campus-ops/service/socket-client";

/** Between two words of it. */
export const TELL_MS = 100;

export class PlaceTold {
  readonly #ingest: Pick<SocketClient, "fetch">;
  #seq = 0;
  #told = 0;
  #asking = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(ingest: Pick<SocketClient, "fetch">) {
    this.#ingest = ingest;
  }

  /** Everything up to this entry was taken. */
  tell(seq: number): void {
    this.#seq = seq;
    if (this.#timer === undefined && !this.#asking) this.#say();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #say(): void {
    if (this.#seq === this.#told) return;
    this.#told = this.#seq;
    this.#asking = true;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#asking) this.#say();
    }, TELL_MS);
    const body = JSON.stringify({ seq: this.#seq });
    this.#ingest
      .fetch("/readers/rules", { method: "PUT", headers: { "content-type": "application/json" }, body })
      .then((answer) => answer.arrayBuffer())
      // Ingest is away: nothing is received.
      .catch(() => undefined)
      .finally(() => {
        this.#asking = false;
        if (this.#timer === undefined) this.#say();
      });
  }
}
