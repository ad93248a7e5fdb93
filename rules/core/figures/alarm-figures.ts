/**
 * How many alarms people had to deal with, and how they did (IEC 62682 clause 16, ISA-18.2 clause 16): made of
 * transitions alone, in the time that the rules run in. Symptoms ring for nobody and count nowhere, and neither do drills.
 */
import { isWithin, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmView, Priority } from "../../api.ts";
import {
  CHATTER_RAISES_MIN,
  CHATTER_WINDOW_MS,
  FLOOD_ALARMS_MAX,
  FLOOD_OVER_ALARMS,
  FLOOD_WINDOW_MS,
  type WatchedDesk,
} from "../performance.ts";

export const BUCKET_MS = 10 * 60_000;
/** Transitions are read from this long before the range, so that a flood under way at its beginning is known. */
export const LEAD_MS = 6 * FLOOD_WINDOW_MS;
/** An alarm of the range that was acknowledged up to this long after it was answered; later, it was not. */
export const ANSWER_MS_MAX = 24 * 3_600_000;
/** Raisings looked at; more are not, and the figures say that they are cut. */
export const RAISINGS_MAX = 200_000;
/** Alarms and floods listed behind a figure; all of them are counted. */
export const LISTED_MAX = 50;

/** Transitions that make an alarm ring. */
export const RINGS: ReadonlySet<string> = new Set([
  "raise",
  "release",
  "unshelve-active",
  "return-to-service-active",
]);
/** Transitions by which somebody took it on. */
const ANSWERS: ReadonlySet<string> = new Set(["acknowledge", "confirm", "refute"]);
/** Transitions after which nobody has to acknowledge it, though nobody did. */
const PUT_ASIDE: ReadonlySet<string> = new Set(["suppress", "shelve", "remove-from-service", "rule-removed"]);

export interface FigureTransition {
  readonly at: Timestamp;
  readonly event: string;
  readonly alarm: Pick<AlarmView, "id" | "priority" | "title" | "device" | "receivedAt" | "drill">;
}

/** An alarm that a figure is made of. */
export interface FigureAlarm {
  readonly id: string;
  readonly title: AlarmView["title"];
  readonly device: AlarmView["device"]["title"];
  readonly path: string;
  readonly priority: Priority;
}

export interface Delays {
  readonly acknowledged: number;
  /** Nobody has acknowledged them yet, or not within a day. */
  readonly unanswered: number;
  /** Nearest-rank percentiles; absent when nothing was acknowledged. */
  readonly p50_ms?: number;
  readonly p95_ms?: number;
}

export interface LoadFigures {
  readonly raised: number;
  /** Alarms in ten minutes, over the whole range. */
  readonly mean: number;
  /** The fullest ten minutes; absent when nothing rang. */
  readonly worst?: { readonly from: Timestamp; readonly raised: number };
  /** 0 to 1: share of the range in a flood. */
  readonly floodShare: number;
  readonly floods: readonly { readonly from: Timestamp; readonly to: Timestamp }[];
  readonly byPriority: Readonly<Record<Priority, number>>;
  readonly delays: Delays;
}

export interface RangeFigures extends LoadFigures {
  /** Alarms in each ten minutes in which there was one, by when they began. */
  readonly buckets: readonly (readonly [from: Timestamp, raised: number])[];
  readonly delaysByPriority: Readonly<Record<Priority, Delays>>;
  /** Raised at least three times within a minute; `times` is how often in the range. The worst first. */
  readonly chattering: readonly (FigureAlarm & { readonly times: number })[];
  /** Those that rang most, worst first. */
  readonly frequent: readonly (FigureAlarm & { readonly times: number })[];
  /** Those that waited longest for an acknowledgement, and those that still wait. */
  readonly slowest: readonly (FigureAlarm & { readonly raisedAt: Timestamp; readonly waited_ms: number })[];
  /** More raisings than are looked at: the figures are of the first of them. */
  readonly cut: boolean;
}

interface Waiting {
  readonly alarm: FigureAlarm;
  readonly raisedAt: Timestamp;
}

/** Takes transitions in order of time and answers with the figures of [from, to). */
export class AlarmFigures {
  readonly #from: Timestamp;
  readonly #to: Timestamp;
  readonly #places: readonly string[];
  readonly #times: Timestamp[] = [];
  readonly #buckets = new Map<number, number>();
  readonly #byPriority: Record<Priority, number> = { 1: 0, 2: 0, 3: 0, 4: 0 };
  readonly #waiting = new Map<string, Waiting>();
  readonly #waits: (Waiting & { readonly waited_ms: number })[] = [];
  readonly #alarms = new Map<
    string,
    { alarm: FigureAlarm; times: number; last: Timestamp[]; chatters: boolean }
  >();
  /** By alarm, when what was answered had begun to ring, where clocks say that this was later than the answer. */
  readonly #answeredEarly = new Map<string, Timestamp>();
  #raised = 0;
  #cut = false;

  /** `places`: alarms elsewhere are not looked at; with none named, all are. */
  constructor(range: { readonly from: Timestamp; readonly to: Timestamp }, places: WatchedDesk["scope"]) {
    this.#from = range.from;
    this.#to = range.to;
    this.#places = places;
  }

  add({ at, event, alarm }: FigureTransition): void {
    if (alarm.drill !== undefined || !this.#watches(alarm.device.path)) return;
    if (RINGS.has(event)) this.#rang(alarm, at);
    else if (ANSWERS.has(event)) this.#answered(alarm, at);
    else if (PUT_ASIDE.has(event)) this.#waiting.delete(alarm.id);
  }

  /** `at`: the moment of asking, for how long those that nobody answered have waited. */
  figures(at: Timestamp): RangeFigures {
    const floods = this.#floods();
    const length_ms = this.#to - this.#from;
    const flooded_ms = floods.reduce((sum, { from, to }) => sum + to - from, 0);
    const buckets = [...this.#buckets].map(([from, raised]) => [from, raised] as const);
    const worst = buckets.reduce<(typeof buckets)[number] | undefined>(
      (most, each) => (most === undefined || each[1] > most[1] ? each : most),
      undefined,
    );
    const open = [...this.#waiting.values()].map((each) => ({ ...each, waited_ms: at - each.raisedAt }));
    const byTimes = [...this.#alarms.values()]
      .map(({ alarm, times, chatters }) => ({ ...alarm, times, chatters }))
      .sort((a, b) => b.times - a.times || (a.id < b.id ? -1 : 1));
    const listed = ({ chatters: _, ...each }: (typeof byTimes)[number]) => each;
    const delays = (priority?: Priority): Delays => {
      const own = ({ alarm }: Waiting): boolean => priority === undefined || alarm.priority === priority;
      return delaysOf(
        this.#waits.filter(own).map(({ waited_ms }) => waited_ms),
        open.filter(own).length,
      );
    };
    return {
      raised: this.#raised,
      mean: length_ms > 0 ? this.#raised / (length_ms / BUCKET_MS) : 0,
      ...(worst === undefined ? {} : { worst: { from: worst[0], raised: worst[1] } }),
      floodShare: length_ms > 0 ? flooded_ms / length_ms : 0,
      floods: floods.slice(-LISTED_MAX),
      byPriority: this.#byPriority,
      delays: delays(),
      buckets,
      delaysByPriority: { 1: delays(1), 2: delays(2), 3: delays(3), 4: delays(4) },
      chattering: byTimes
        .filter(({ chatters }) => chatters)
        .slice(0, LISTED_MAX)
        .map(listed),
      frequent: byTimes.slice(0, LISTED_MAX).map(listed),
      slowest: [...open, ...this.#waits]
        .sort((a, b) => b.waited_ms - a.waited_ms)
        .slice(0, LISTED_MAX)
        .map(({ alarm, raisedAt, waited_ms }) => ({ ...alarm, raisedAt, waited_ms })),
      cut: this.#cut,
    };
  }

  #watches(path: string): boolean {
    return this.#places.length === 0 || this.#places.some((place) => isWithin(path, place));
  }

  #rang(alarm: FigureTransition["alarm"], at: Timestamp): void {
    if (at >= this.#to) return;
    if (this.#times.length >= RAISINGS_MAX) {
      this.#cut = true;
      return;
    }
    this.#times.push(at);
    if (at < this.#from) return;
    const { id, title, device, priority } = alarm;
    const bucket = at - ((at - this.#from) % BUCKET_MS);
    this.#raised += 1;
    this.#byPriority[priority] += 1;
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    const named = { id, title, device: device.title, path: device.path, priority };
    const known = this.#alarms.get(id) ?? { alarm: named, times: 0, last: [], chatters: false };
    known.times += 1;
    known.last.push(at);
    if (known.last.length > CHATTER_RAISES_MIN) known.last.shift();
    const [first] = known.last;
    if (known.last.length === CHATTER_RAISES_MIN && first !== undefined && at - first <= CHATTER_WINDOW_MS)
      known.chatters = true;
    this.#alarms.set(id, known);
    // One that rings again before anybody answered has waited since the first time.
    if (!this.#waiting.has(id)) this.#waiting.set(id, { alarm: named, raisedAt: at });
    if (this.#answeredEarly.get(id) === at) this.#answered(alarm, at);
  }

  /** What people do is written down by the wall clock, the rest by the journal's, which may be ahead of it. */
  #answered({ id, receivedAt }: FigureTransition["alarm"], at: Timestamp): void {
    this.#answeredEarly.delete(id);
    if (at < receivedAt && this.#answeredEarly.size < RAISINGS_MAX) this.#answeredEarly.set(id, receivedAt);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined || at - waiting.raisedAt > ANSWER_MS_MAX) return;
    this.#waiting.delete(id);
    this.#waits.push({ ...waiting, waited_ms: at - waiting.raisedAt });
  }

  /** More than ten within ten minutes, until fewer than five; as the desk is told while it happens. */
  #floods(): { from: Timestamp; to: Timestamp }[] {
    const floods: { from: Timestamp; to: Timestamp }[] = [];
    let first = 0;
    let since: Timestamp | undefined;
    const leave = (until: Timestamp): void => {
      // Each raising leaves the window ten minutes later; at the one that leaves too few, the flood is over.
      for (; (this.#times[first] ?? until) <= until - FLOOD_WINDOW_MS; first += 1) {
        const gone = (this.#times[first] ?? 0) + FLOOD_WINDOW_MS;
        if (since === undefined || index - first - 1 >= FLOOD_OVER_ALARMS) continue;
        floods.push({ from: since, to: gone });
        since = undefined;
      }
    };
    let index = 0;
    for (const at of this.#times) {
      leave(at);
      index += 1;
      if (index - first > FLOOD_ALARMS_MAX) since ??= at;
    }
    leave(this.#to);
    if (since !== undefined) floods.push({ from: since, to: this.#to });
    return floods
      .map(({ from, to }) => ({ from: Math.max(from, this.#from), to: Math.min(to, this.#to) }))
      .filter(({ from, to }) => to > from);
  }
}

function delaysOf(waits: readonly number[], unanswered: number): Delays {
  const sorted = waits.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return {
    acknowledged: sorted.length,
    unanswered,
    ...(sorted.length === 0 ? {} : { p50_ms: rank(0.5), p95_ms: rank(0.95) }),
  };
}
