/** Any number of rings before somebody goes to the door are one ring, and nobody goes more often than the interval. */
export class Doorbell {
  readonly #interval_ms: number;
  #ringing = Promise.withResolvers<void>();
  #first = true;

  constructor(interval_ms: number) {
    this.#interval_ms = interval_ms;
  }

  ring(): void {
    this.#ringing.resolve();
  }

  /** True when it rang; false when `signal` aborted. */
  async rung(signal: AbortSignal): Promise<boolean> {
    const aborted = Promise.withResolvers<void>();
    const stop = (): void => aborted.resolve();
    signal.addEventListener("abort", stop, { once: true });
    try {
      if (!signal.aborted && !this.#first) {
        await Promise.race([pause(this.#interval_ms), aborted.promise]);
      }
      this.#first = false;
      if (!signal.aborted) await Promise.race([this.#ringing.promise, aborted.promise]);
      this.#ringing = Promise.withResolvers();
      return !signal.aborted;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
