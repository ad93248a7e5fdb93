/**
 * What time it is, on a box that may have no battery for its clock and whose clock may be set while it runs.
 *
 * The time is uptime plus a base, so that nothing but a decision made here can make it step. At the start it is the
 * latest of the wall clock, the time the program was installed and the time that was saved last. It is *trusted* when
 * the wall clock is credible and the system does not say that it still waits for a time server; before that it runs on,
 * what is recorded is marked, and as soon as the time is known what waits is corrected by the difference.
 *
 * Time becomes known by the system's word (synchronised), by somebody setting the wall clock to a credible time, or,
 * last, by the host's: every message of it bears its time. A box that trusts its clock does not listen to the host.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Clock, Instant } from "./clock.ts";

/** A wall clock that moved against uptime by less is being steered; by more, it was set. */
export const STEP_MS_MIN = 1_000;
/** A wall clock this far behind the saved time was set back for a reason; further, it has forgotten the time. */
export const BEHIND_MS_MAX = 86_400_000 + 3_600_000;

export interface ClockReading {
  readonly wall: Timestamp;
  readonly uptime_ms: number;
  /** Whether the system's clock follows a time server; undefined when the system does not say. */
  readonly synchronised: boolean | undefined;
}

/** Times from `from` to `to` were recorded before the time was known; `by_ms` corrects them. */
export interface UntrustedEra {
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly by_ms: number;
}

export type ClockChange =
  | { readonly kind: "untrusted"; readonly wall: Timestamp; readonly time: Timestamp }
  | { readonly kind: "trusted"; readonly by: "system" | "setting" | "host"; readonly era: UntrustedEra }
  | { readonly kind: "stepped"; readonly by_ms: number }
  | { readonly kind: "ignored"; readonly wall: Timestamp };

export class BoxClock implements Clock {
  readonly #read: () => ClockReading;
  readonly #onChange: (change: ClockChange) => void;
  #earliest: Timestamp;
  #trusted = true;
  /** The time less uptime, and the wall clock less uptime as last read. */
  #base: number;
  #wallBase: number;
  #began: Timestamp;

  /** `earliest`: no time before it can be right. */
  constructor(read: () => ClockReading, earliest: Timestamp, onChange: (change: ClockChange) => void) {
    this.#read = read;
    this.#onChange = onChange;
    const { uptime_ms, wall } = read();
    this.#wallBase = wall - uptime_ms;
    this.#base = this.#wallBase;
    this.#earliest = earliest;
    this.#began = wall;
    this.notBefore(earliest);
  }

  /** A further bound, such as the time that was saved last; to be given before the time is used. */
  notBefore(earliest: Timestamp): void {
    const { synchronised, uptime_ms, wall } = this.#read();
    this.#earliest = Math.max(this.#earliest, earliest);
    const forgotten = !this.#isCredible(wall);
    if (forgotten) this.#base = Math.max(this.#base, this.#earliest - uptime_ms);
    if (!this.#trusted || (!forgotten && synchronised !== false)) return;
    this.#trusted = false;
    this.#began = Math.round(this.#base + uptime_ms);
    this.#onChange({ kind: "untrusted", wall, time: this.#began });
  }

  instant(): Instant {
    const { synchronised, uptime_ms, wall } = this.#read();
    const wallBase = wall - uptime_ms;
    const step_ms = wallBase - this.#wallBase;
    this.#wallBase = wallBase;
    if (Math.abs(step_ms) < STEP_MS_MIN) this.#base += step_ms;
    else if (!this.#isCredible(wall)) this.#onChange({ kind: "ignored", wall });
    else if (this.#trusted) {
      const by_ms = Math.round(wallBase - this.#base);
      this.#base = wallBase;
      this.#onChange({ kind: "stepped", by_ms });
    } else this.#trust("setting", wallBase, uptime_ms);
    if (!this.#trusted && synchronised === true && this.#isCredible(wall)) {
      this.#trust("system", wallBase, uptime_ms);
    }
    const time = Math.round(this.#base + uptime_ms);
    return this.#trusted ? { wall: time, uptime_ms } : { wall: time, uptime_ms, untrusted: true };
  }

  /** The host's time, as of now less the time on the way. */
  hear(time: Timestamp): void {
    const { uptime_ms } = this.instant();
    if (!this.#trusted && this.#isCredible(time)) this.#trust("host", time - uptime_ms, uptime_ms);
  }

  #isCredible(time: Timestamp): boolean {
    return time >= this.#earliest - BEHIND_MS_MAX;
  }

  #trust(by: "system" | "setting" | "host", base: number, uptime_ms: number): void {
    const era = {
      from: this.#began,
      to: Math.round(this.#base + uptime_ms),
      by_ms: Math.round(base - this.#base),
    };
    this.#base = base;
    this.#trusted = true;
    this.#onChange({ kind: "trusted", by, era });
  }
}
