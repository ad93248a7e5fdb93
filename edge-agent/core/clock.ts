import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** One instant, told by both of the machine's clocks. */
export interface Instant {
  /** Wall clock, milliseconds since the Unix epoch. May step in either direction; only ever put on data. */
  readonly wall: Timestamp;
  /** Milliseconds since the process began. Never steps back; everything that waits or measures uses it. */
  readonly uptime_ms: number;
  /** The wall clock's time is a guess: quality says `edge-clock`. */
  readonly untrusted?: true;
}

export interface Clock {
  instant(): Instant;
  /** The host's time, for a clock that has none of its own. */
  hear?(time: Timestamp): void;
}
