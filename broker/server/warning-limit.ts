/** Warnings that a stranger can cause at will: a few a second are logged, the others counted and told of once. */
import type { Log } from "@campus-ops/service";

const WARNINGS_PER_WINDOW_MAX = 20;
const WINDOW_MS = 10_000;

export class WarningLimit {
  readonly #log: Log;
  #logged = 0;
  #suppressed = 0;
  #window: NodeJS.Timeout | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  warn(fields: object, message: string): void {
    this.#window ??= setTimeout(() => this.close(), WINDOW_MS).unref();
    if (this.#logged >= WARNINGS_PER_WINDOW_MAX) {
      this.#suppressed += 1;
      return;
    }
    this.#logged += 1;
    this.#log.warn(fields, message);
  }

  /** Ends the window, and says what was not said in it. */
  close(): void {
    clearTimeout(this.#window);
    this.#window = undefined;
    if (this.#suppressed > 0) this.#log.warn({ suppressed: this.#suppressed }, "more warnings of this kind");
    this.#logged = 0;
    this.#suppressed = 0;
  }
}
