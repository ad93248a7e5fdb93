/**
 * How much of the backlog may be on its way at once. The hub's queue is everybody's: when 200 edges return, 200 full
 * windows would wait in it for ten seconds, and every new alarm behind them. So the window follows how long
 * acknowledgements take.
 *
 * The delay that an edge puts up with falls with the size of its window: {@link toleratedDelay_ms}. Edges that share one
 * hub see one delay, and to one delay belongs one size: they come to the same size whoever was first, and a hub with
 * more edges has smaller windows and not a longer queue for each. (Congestion control by delay, with a target that is
 * scaled by the window, as in Swift, SIGCOMM 2020.)
 */

/** Before anything is known of the hub. */
export const DRAIN_RECORDS_START = 64;
/** However slow the hub: so many records are always tried. */
export const DRAIN_RECORDS_MIN = 32;
/** Acknowledgements of a hub that has nothing to do take less. */
const CALM_MS = 100;
/** What one record more in the window costs in patience: 300 ms above calm at 64 records. */
const PATIENCE_RECORD_MS = 300 * 64;
/** Gained in the time of one acknowledgement when there is no delay at all. */
const GAIN_RECORDS = 16;
/** Share of the window that is given up in the time of one acknowledgement when the delay is twice what is tolerated. */
const DECREASE = 0.5;

/** How long an acknowledgement may take before a window of this size shrinks. */
export function toleratedDelay_ms(records: number): number {
  return CALM_MS + PATIENCE_RECORD_MS / records;
}

export class DrainWindow {
  readonly #recordsMax: number;
  #records = DRAIN_RECORDS_START;
  /** Until the hub's pace has been met for the first time, the window doubles. */
  #isSearching = true;

  constructor(recordsMax: number) {
    this.#recordsMax = recordsMax;
  }

  get records(): number {
    return Math.floor(this.#records);
  }

  /** A new session, or a hub that has been silent: nothing is known of its pace. */
  restart(): void {
    this.#records = DRAIN_RECORDS_START;
    this.#isSearching = true;
  }

  /** A record of the backlog was acknowledged. `wasFull`: the window was what held the backlog back. */
  acknowledged(delay_ms: number, wasFull: boolean): void {
    const slack = 1 - delay_ms / toleratedDelay_ms(this.#records);
    if (slack < 0) {
      this.#isSearching = false;
      this.#records = Math.max(DRAIN_RECORDS_MIN, this.#records + DECREASE * Math.max(-1, slack));
    } else if (wasFull) {
      const more = this.#isSearching ? 1 : (GAIN_RECORDS * slack) / this.#records;
      this.#records = Math.min(this.#recordsMax, this.#records + more);
    }
  }
}
