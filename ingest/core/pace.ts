/**
 * How much telemetry may be written to the journal. Alarms are found by reading it in its order (decision 5), so whatever is
 * written before one makes it late: no more is written than those who are waited for have read a moment later.
 *
 * The pace of the slowest of them is measured, and followed: all of it while it is half as far behind as it may be, twice of it
 * while it has nothing left to read, none of it at the limit. Whoever says nothing for a while is not waited for. Nor is one that comes back far behind: telemetry
 * does not stand still for what has happened long ago, it has half of the pace meanwhile.
 */

/** Beyond it a reader is gone, until it says something again. */
export const SILENT_MS_MAX = 5_000;
/** Behind by more than this a reader catches up with what was there before, and telemetry goes on beside it. */
export const CATCHING_UP_MS_MIN = 10_000;
const CATCHING_UP_SHARE = 0.5;
/** Of a reader that has nothing left to read. */
const IDLE_SHARE = 2;
/** However slow a reader has been: the pace that is tried. */
export const PACE_PER_MS_MIN = 0.1;
const PACE_MS = 250;
/** What may be written at once after a pause. */
const BURST_MS_MAX = 50;
/** The journal's newest number is noted so often, and remembered for so long. */
const MARK_MS = 20;
const MARKS_MAX = 1_024;

/** Milliseconds here are those of a clock that never steps back. */
interface Mark {
  readonly seq: number;
  readonly at: number;
}

interface Reader {
  readonly behind_ms_max: number;
  seq: number;
  heardAt: number;
  /** Entries. */
  perMs: number;
}

export class Pace {
  readonly #readers = new Map<string, Reader>();
  readonly #marks: Mark[] = [];
  #toppedUpAt = Number.NEGATIVE_INFINITY;
  #allowance = 0;
  #isBehind = false;

  /** As of the last {@link look}: a reader is half as far behind as it may be, or more. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** A reader of the journal has taken everything up to `seq`. `behind_ms_max`: how late it may be. */
  took(name: string, seq: number, behind_ms_max: number, at: number): void {
    const known = this.#readers.get(name);
    const elapsed_ms = at - (known?.heardAt ?? at);
    // A journal that was begun anew, or a reader that begins again, has no pace yet.
    if (known === undefined || seq < known.seq || elapsed_ms > SILENT_MS_MAX) {
      this.#readers.set(name, { behind_ms_max, seq, heardAt: at, perMs: 0 });
      return;
    }
    if (elapsed_ms > 0) {
      const perMs = (seq - known.seq) / elapsed_ms;
      known.perMs += (perMs - known.perMs) * Math.min(1, elapsed_ms / PACE_MS);
    }
    known.seq = seq;
    known.heardAt = at;
  }

  /** `last`: the journal's newest number. */
  look(last: number, at: number): void {
    this.#mark(last, at);
    const [share, pace] = this.#slowest(last, at);
    this.#isBehind = share < 1;
    const elapsed_ms = Math.min(BURST_MS_MAX, at - this.#toppedUpAt);
    this.#toppedUpAt = at;
    const perMs = pace * share;
    this.#allowance = share === 0 ? 0 : Math.min(this.#allowance + perMs * elapsed_ms, perMs * BURST_MS_MAX);
  }

  /** Takes one of what may be written; false when that is used up until the next {@link look}. */
  admit(): boolean {
    if (this.#allowance < 1) return false;
    this.#allowance -= 1;
    return true;
  }

  /** How long the oldest entry has been there that a reader has not taken, 0 when there is none. */
  behind_ms(name: string, at: number): number {
    const reader = this.#readers.get(name);
    const unread = this.#marks.find(({ seq }) => seq > (reader?.seq ?? Number.POSITIVE_INFINITY));
    return unread === undefined ? 0 : at - unread.at;
  }

  #mark(last: number, at: number): void {
    const newest = this.#marks.at(-1);
    if (newest !== undefined && (last === newest.seq || at - newest.at < MARK_MS)) return;
    this.#marks.push({ seq: last, at });
    const slowest = Math.min(...[...this.#readers.values()].map(({ seq }) => seq));
    const unread = this.#marks.findIndex(({ seq }) => seq > slowest);
    const needless = unread < 0 ? this.#marks.length - 1 : unread;
    this.#marks.splice(0, Math.max(needless, this.#marks.length - MARKS_MAX));
  }

  /** What part of which pace: of the reader that leaves the least. */
  #slowest(last: number, at: number): readonly [share: number, perMs: number] {
    let least: readonly [share: number, perMs: number] = [IDLE_SHARE, Number.POSITIVE_INFINITY];
    for (const [name, { behind_ms_max, heardAt, perMs, seq }] of this.#readers) {
      if (at - heardAt > SILENT_MS_MAX) continue;
      const behind_ms = seq >= last ? 0 : this.behind_ms(name, at);
      const share =
        behind_ms >= CATCHING_UP_MS_MIN
          ? CATCHING_UP_SHARE
          : IDLE_SHARE * Math.max(0, 1 - behind_ms / behind_ms_max);
      const pace = Math.max(PACE_PER_MS_MIN, perMs);
      if (share * pace < least[0] * least[1]) least = [share, pace];
    }
    return least;
  }
}
