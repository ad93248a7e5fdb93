/** Tells ingest which days are school days and when terms are: at the start, and from time to time, because days go by. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Log } from "@campus-ops/service";
import type { SocketClient } from "@campus-ops/service/socket-client";
import type { Calendar } from "../core/calendar.ts";

const AGAIN_MS = 6 * 3_600_000;
const RETRY_MS = 10_000;
const ANSWER_MS_MAX = 30_000;

export interface SchoolTimeOptions {
  readonly calendar: Calendar;
  readonly ingest: Pick<SocketClient, "fetch">;
  readonly log: Log;
  readonly now: () => Timestamp;
}

export class SchoolTimeReporter {
  readonly #options: SchoolTimeOptions;
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: SchoolTimeOptions) {
    this.#options = options;
    this.#next(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#telling;
  }

  #next(delay_ms: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#telling = this.#tell().then((told) => this.#next(told ? AGAIN_MS : RETRY_MS));
    }, delay_ms);
  }

  async #tell(): Promise<boolean> {
    const { calendar, ingest, log, now } = this.#options;
    const told = calendar.schoolTime?.(now());
    if (told === undefined) return true;
    try {
      const answer = await ingest.fetch("/school-time", {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(told),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      const text = await answer.text();
      if (answer.ok) return true;
      if (answer.status < 500)
        log.error({ answer: text.slice(0, 500) }, "the store refuses the school's calendar");
    } catch {
      // Ingest is away; it is told when it is back.
    }
    return false;
  }
}
