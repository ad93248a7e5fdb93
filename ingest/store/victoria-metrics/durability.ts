/**
 * What VictoriaMetrics confirms lies in its memory for some seconds before it is on its disk. A checkpoint is therefore
 * committed only when its points have had time to get there and the process that confirmed them still runs.
 */
import type { Checkpoint } from "@campus-ops/broker/journal";
import { StoreAwayError } from "../store.ts";

/** In-memory parts are written within 5 s, raw rows within 1 s; with room for a slow disk. */
export const SETTLE_MS = 20_000;
/** Beyond it the older ones of what waits are forgotten: the newest says more. */
const WAITING_MAX = 4_096;

export class Durability {
  readonly #settle_ms: number;
  readonly #uptime_ms: () => number;
  #waiting: { readonly checkpoint: Checkpoint; readonly at_ms: number }[] = [];
  #process: string | undefined;
  #hasBegun = false;

  constructor(settle_ms: number, uptime_ms: () => number) {
    this.#settle_ms = settle_ms;
    this.#uptime_ms = uptime_ms;
  }

  /** Writing begins again from what is durable. */
  begin(process: string | undefined): void {
    this.#waiting = [];
    this.#process = process;
    this.#hasBegun = true;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  confirmed(checkpoint: Checkpoint): void {
    this.#waiting.push({ checkpoint, at_ms: this.#uptime_ms() });
    if (this.#waiting.length > WAITING_MAX) this.#waiting.splice(1, 1);
  }

  /** True when there is a checkpoint to commit: only then is it worth asking which process runs. */
  get isDue(): boolean {
    const [oldest] = this.#waiting;
    return oldest !== undefined && this.#uptime_ms() - oldest.at_ms >= this.#settle_ms;
  }

  /** Until the newest checkpoint may be committed; undefined when none waits. */
  get waits_ms(): number | undefined {
    const newest = this.#waiting.at(-1);
    return newest === undefined ? undefined : Math.max(0, newest.at_ms + this.#settle_ms - this.#uptime_ms());
  }

  /** The newest checkpoint whose points are on the disk. Throws when the process is not the one that confirmed them. */
  settled(process: string | undefined): Checkpoint | undefined {
    if (process !== this.#process) {
      throw new StoreAwayError(
        "VictoriaMetrics was started again and may have lost the last seconds it had confirmed; they are written again",
      );
    }
    const since = this.#uptime_ms() - this.#settle_ms;
    const settled = this.#waiting.findLast(({ at_ms }) => at_ms <= since);
    this.#waiting = this.#waiting.filter(({ at_ms }) => at_ms > since);
    return settled?.checkpoint;
  }
}
