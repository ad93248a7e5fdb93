/**
 * Listens for what a device tells by itself, whenever nobody is asking it anything. A question interrupts the listening
 * and does not wait for it.
 */
import type { Reading, Sample } from "@campus-ops/device-profiles/vocabulary";

type Sink = (reading: Reading) => void;

export class Ear {
  readonly #understand: (received: Uint8Array) => {
    readonly samples: readonly Sample[];
    readonly rest: number;
  };
  #sink: Sink | undefined;
  /** The beginning of a frame that has not come whole. */
  #waiting: Uint8Array = new Uint8Array(0);
  #questions = 0;
  #interrupted = new AbortController();
  #quiet = Promise.withResolvers<void>();

  constructor(
    understand: (received: Uint8Array) => { readonly samples: readonly Sample[]; readonly rest: number },
  ) {
    this.#understand = understand;
    this.#quiet.resolve();
  }

  /** A question begins; the function returned says that it has been answered. */
  interrupt(): () => void {
    if (this.#questions === 0) this.#quiet = Promise.withResolvers();
    this.#questions += 1;
    this.#interrupted.abort();
    return () => {
      this.#questions -= 1;
      if (this.#questions === 0) this.#quiet.resolve();
    };
  }

  hear(bytes: Uint8Array): void {
    if (this.#sink === undefined || bytes.length === 0) return;
    const received = Uint8Array.from([...this.#waiting, ...bytes]);
    const { rest, samples } = this.#understand(received);
    this.#waiting = received.subarray(rest);
    if (samples.length > 0) this.#sink({ samples, events: [] });
  }

  /** Until `signal` aborts; rejects when the line is lost. `receive` gives up when its signal aborts. */
  async listen(
    sink: Sink,
    signal: AbortSignal,
    receive: (whileFree: AbortSignal) => Promise<Uint8Array | undefined>,
  ): Promise<void> {
    this.#sink = sink;
    try {
      while (!signal.aborted) {
        await this.#quiet.promise;
        this.#interrupted = new AbortController();
        const whileFree = AbortSignal.any([signal, this.#interrupted.signal]);
        try {
          this.hear((await receive(whileFree)) ?? new Uint8Array(0));
        } catch (error) {
          if (!whileFree.aborted) throw error;
        }
      }
    } finally {
      this.#sink = undefined;
    }
  }
}
