/** Follows what a session hands over by itself, and hands it out again as it is asked for. */
import type { DeviceEvent, Sample } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceSession } from "../driver.ts";

export class Follower {
  /** Every sample so far. */
  readonly seen: Sample[] = [];
  /** Every event so far. */
  readonly told: DeviceEvent[] = [];
  /** The last one handed over. */
  cursor: string | undefined;
  /** Settles with the subscription. */
  readonly ended: Promise<void>;
  readonly #stop = new AbortController();
  readonly #samples: Sample[] = [];
  readonly #events: DeviceEvent[] = [];
  #wake: () => void = () => undefined;

  constructor(session: DeviceSession) {
    const subscribed = session.subscribe?.((reading) => {
      this.seen.push(...reading.samples);
      this.told.push(...reading.events);
      this.#samples.push(...reading.samples);
      this.#events.push(...reading.events);
      this.cursor = reading.cursor ?? this.cursor;
      this.#wake();
    }, this.#stop.signal);
    this.ended = subscribed ?? Promise.reject(new Error("nothing to subscribe to"));
    this.ended.catch(() => undefined);
  }

  /** The first sample of a metric that holds a value, behind those that were asked for before. */
  sample(metric: string, value: unknown): Promise<Sample> {
    return this.#next(this.#samples, (each) => each.metric === metric && each.value === value);
  }

  /** The next event of this name. */
  event(name: string): Promise<DeviceEvent> {
    return this.#next(this.#events, ({ event }) => event === name);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended.catch(() => undefined);
  }

  async #next<T>(queue: T[], isWanted: (each: T) => boolean): Promise<T> {
    for (;;) {
      const found = queue.findIndex(isWanted);
      const [wanted] = found < 0 ? [] : queue.splice(found, 1);
      if (wanted !== undefined) return wanted;
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#wake = resolve;
        }),
        this.ended.then(() => Promise.reject(new Error("the subscription ended before"))),
      ]);
    }
  }
}
