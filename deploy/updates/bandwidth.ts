/** One line for all downloads: so many bytes a second together, whoever asks. */

/** What may go out at once after a silence, in seconds of the rate. */
const BURST_S = 0.25;

export class Bandwidth {
  readonly #bytesPerSecond: number;
  readonly #now_ms: () => number;
  #free_ms = 0;

  /** `now_ms`: a clock that never goes back. */
  constructor(bytesPerSecond: number, now_ms: () => number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#now_ms = now_ms;
  }

  /** Books `bytes`; how long to wait before they are sent. */
  wait_ms(bytes: number): number {
    const now = this.#now_ms();
    this.#free_ms = Math.max(this.#free_ms, now - BURST_S * 1_000) + (bytes / this.#bytesPerSecond) * 1_000;
    return Math.max(0, this.#free_ms - now);
  }
}
