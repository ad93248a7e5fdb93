/** The pull points of a simulated camera: bounded queues that a client empties, each with its own end. */
import { setTimeout as delay } from "node:timers/promises";

export const PULL_POINTS_MAX = 10;
const QUEUE_MAX = 200;

interface PullPoint {
  readonly queue: string[];
  /** On the camera's clock. */
  terminationTime: number;
  arrived: AbortController;
}

export class PullPoints {
  readonly #points = new Map<string, PullPoint>();
  readonly #clock: () => number;
  #last = 0;

  readonly #onCreate: (id: string) => void;

  /** `onCreate` is told of each new pull point, before anybody can empty it. */
  constructor(clock: () => number, onCreate: (id: string) => void = () => undefined) {
    this.#clock = clock;
    this.#onCreate = onCreate;
  }

  /** The new pull point's id, or undefined when there are as many as the camera can hold. */
  create(lifetime_ms: number): string | undefined {
    for (const [id, { terminationTime }] of this.#points) {
      if (terminationTime <= this.#clock()) this.#points.delete(id);
    }
    if (this.#points.size >= PULL_POINTS_MAX) return undefined;
    this.#last += 1;
    const id = String(this.#last);
    const terminationTime = this.#clock() + lifetime_ms;
    this.#points.set(id, { queue: [], terminationTime, arrived: new AbortController() });
    this.#onCreate(id);
    return id;
  }

  /** When it ends; undefined for one that is not there, or no longer. */
  terminationTime(id: string): number | undefined {
    return this.#find(id)?.terminationTime;
  }

  /** False when it is not there. */
  renew(id: string, lifetime_ms: number): boolean {
    const point = this.#find(id);
    if (point !== undefined) point.terminationTime = this.#clock() + lifetime_ms;
    return point !== undefined;
  }

  remove(id: string): boolean {
    const point = this.#find(id);
    point?.arrived.abort();
    return this.#points.delete(id) && point !== undefined;
  }

  /** Puts a message into one pull point, or into all of them. Of too many the oldest are lost. */
  push(message: string, id?: string): void {
    for (const [each, point] of this.#points) {
      if (id !== undefined && id !== each) continue;
      point.queue.push(message);
      if (point.queue.length > QUEUE_MAX) point.queue.shift();
      point.arrived.abort();
    }
  }

  /**
   * Messages as soon as there are any, or none after `timeout_ms`; undefined when the pull point is not there. Rejects
   * when `signal` aborts: the client has gone.
   */
  async pull(
    id: string,
    limit: number,
    timeout_ms: number,
    signal: AbortSignal,
  ): Promise<string[] | undefined> {
    const point = this.#find(id);
    if (point === undefined) return undefined;
    if (point.queue.length === 0) {
      if (point.arrived.signal.aborted) point.arrived = new AbortController();
      const { signal: arrival } = point.arrived;
      await delay(timeout_ms, undefined, { signal: AbortSignal.any([arrival, signal]) }).catch(
        () => undefined,
      );
      signal.throwIfAborted();
    }
    return this.#find(id) === undefined ? undefined : point.queue.splice(0, limit);
  }

  #find(id: string): PullPoint | undefined {
    const point = this.#points.get(id);
    return point !== undefined && point.terminationTime > this.#clock() ? point : undefined;
  }

  /** Forgets everything, as a restart does. */
  clear(): void {
    for (const { arrived } of this.#points.values()) arrived.abort();
    this.#points.clear();
  }
}
