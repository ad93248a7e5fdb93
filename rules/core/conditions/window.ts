import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { evidenceOf, type Series } from "../device.ts";
import { durationText, text } from "../explain.ts";
import type { WindowSpec, WindowStatistic } from "../rule.ts";
import {
  type BoundCondition,
  type Memory,
  NEVER,
  type PlacedEvent,
  type Subject,
  type Verdict,
} from "./condition.ts";
import { type Mark, markEvidence, remember, savedMarks } from "./events.ts";
import { knownNumber, numberOf, READING_MARKS_MAX, seriesOf, sourceTitle, sourceValue } from "./readings.ts";
import { Slots, type WindowFigures } from "./slots.ts";

/** Less of the window than this was seen: what has not been seen yet may be anything. */
export const WINDOW_COVERAGE_MIN = 0.9;

const TITLES: Readonly<Record<WindowStatistic, LocalText>> = {
  mean: text("平均值", "mean"),
  minimum: text("最小值", "minimum"),
  maximum: text("最大值", "maximum"),
  range: text("变化幅度", "range"),
  rise: text("升幅", "rise"),
  fall: text("降幅", "fall"),
  increase: text("增量", "increase"),
};

/**
 * A statistic over the last while: rate of change (rise, fall), a value that never varies (range), means and extremes,
 * and how far a counter went on. A metric's value holds until the next one, so the mean weighs by time.
 *
 * What can only grow while the window fills (a rise above a limit) is true as soon as it is seen; everything else is
 * unknown until nine tenths of the window were.
 */
export class WindowCondition implements BoundCondition {
  readonly everyReading = true;
  readonly #spec: WindowSpec;
  readonly #subject: Subject;
  readonly #series: Series | undefined;
  readonly #slots: Slots;
  /** The newest events, as evidence. */
  readonly #marks: Mark[];
  /** The value that holds now, since `from`. */
  #value: number | undefined;
  #from: Timestamp = 0;
  #beyond = false;

  constructor(spec: WindowSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    this.#series = seriesOf(spec.source, subject);
    const memory = saved as
      | { slots: Memory; marks?: Memory; value: number | null; from: Timestamp; beyond: boolean }
      | undefined;
    this.#marks = savedMarks(memory?.marks);
    this.#slots = new Slots(spec.over_ms, memory?.slots);
    if (memory === undefined) {
      if (this.#series !== undefined) this.#take(this.#series, this.#series.eventTime);
    } else {
      this.#value = memory.value ?? undefined;
      this.#from = memory.from;
      this.#beyond = memory.beyond;
    }
  }

  sample(series: Series, at: Timestamp): void {
    if (series !== this.#series) return;
    const { changedAt } = this.#subject.device;
    // Nobody saw it from the device's going to its coming back: that time stays uncovered.
    const seen = changedAt <= this.#from;
    const before = this.#value;
    if (before !== undefined && seen && this.#spec.statistic !== "increase") {
      this.#slots.hold(this.#from, at, before);
    }
    this.#take(series, at);
    if (this.#spec.statistic === "increase" && this.#value !== undefined) {
      // A counter that starts again has counted from 0 since.
      const step = before === undefined ? 0 : this.#value - before;
      this.#slots.add(at, step < 0 ? this.#value : step);
    }
  }

  event(placed: PlacedEvent): void {
    const value = numberOf(this.#spec.source, placed);
    if (value === undefined) return;
    remember(this.#marks, placed, READING_MARKS_MAX);
    this.#slots.add(placed.at, value);
    if (placed.at >= this.#from) this.#value = value;
    this.#from = Math.max(this.#from, placed.at);
  }

  backfill(placed: PlacedEvent): void {
    this.event(placed);
  }

  verdict(at: Timestamp): Verdict {
    if (this.#series !== undefined && (this.#value === undefined || !this.#subject.reachable()))
      return "unknown";
    const figures = this.#figures(at);
    const value = this.#statistic(figures);
    if (value === undefined) return "unknown";
    const { side, limit, deadband, inclusive } = this.#spec;
    const excess = side === "above" ? value - limit : limit - value;
    const beyond = excess > 0 || (inclusive && excess === 0);
    const settled = this.#grows ? beyond || this.#covered(at, figures) : this.#covered(at, figures);
    if (!settled) return "unknown";
    if (beyond) this.#beyond = true;
    else if (excess <= -deadband) this.#beyond = false;
    return this.#beyond;
  }

  rests(at: Timestamp): boolean {
    return !this.#beyond && !this.#mayComeTrue(at);
  }

  due(at: Timestamp): Timestamp {
    if (!this.#beyond && !this.#mayComeTrue(at)) return NEVER;
    const { weight, min, max, count } = this.#figures(at);
    if (this.#series === undefined && count === 0) return NEVER;
    const still = this.#series !== undefined && min === max && min === this.#value;
    const steady = this.#spec.statistic === "increase" ? count === 0 && this.#full(at) : still;
    return steady && (this.#spec.statistic === "increase" || this.#share(at, weight) >= WINDOW_COVERAGE_MIN)
      ? NEVER
      : this.#slots.nextEdge(at);
  }

  late(): boolean {
    return false;
  }

  explain(at: Timestamp): LocalText {
    const { source, statistic, over_ms, side, limit } = this.#spec;
    const title = sourceTitle(source, this.#subject.instance);
    const value = sourceValue(source, this.#statistic(this.#figures(at)) ?? Number.NaN);
    const bound = sourceValue(source, limit);
    const over = durationText(over_ms);
    const word = TITLES[statistic];
    return side === "above"
      ? text(
          `${title.zh}在 ${over.zh}内的${word.zh}为 ${value.zh}，高于限值 ${bound.zh}`,
          `the ${word.en} of ${title.en} within ${over.en} is ${value.en}, above ${bound.en}`,
        )
      : text(
          `${title.zh}在 ${over.zh}内的${word.zh}为 ${value.zh}，低于限值 ${bound.zh}`,
          `the ${word.en} of ${title.en} within ${over.en} is ${value.en}, below ${bound.en}`,
        );
  }

  evidence(): readonly EvidenceSample[] {
    const device = this.#subject.device.key;
    return this.#series === undefined
      ? this.#marks.map((each) => markEvidence(device, each))
      : [evidenceOf(device, this.#series)];
  }

  save(): Memory {
    const marks = this.#marks.length === 0 ? {} : { marks: this.#marks as unknown as Memory };
    const [value, from, beyond] = [this.#value ?? null, this.#from, this.#beyond];
    return { slots: this.#slots.save(), ...marks, value, from, beyond };
  }

  idle(at: Timestamp): boolean {
    return this.#series !== undefined || this.#slots.figures(at).count === 0;
  }

  /** Without any further reading, as the window slides. Means and extremes stay between the extremes there are. */
  #mayComeTrue(at: Timestamp): boolean {
    const { statistic, side, limit, inclusive } = this.#spec;
    if (statistic === "mean" || statistic === "minimum" || statistic === "maximum") {
      const held = this.#series === undefined ? undefined : this.#value;
      if (side === "above") {
        const max = Math.max(this.#slots.max(at), held ?? Number.NEGATIVE_INFINITY);
        return inclusive ? max >= limit : max > limit;
      }
      const min = Math.min(this.#slots.min(at), held ?? Number.POSITIVE_INFINITY);
      return inclusive ? min <= limit : min < limit;
    }
    if (side === "below") return true;
    const value = this.#statistic(this.#figures(at));
    return value === undefined || value > limit || (inclusive && value === limit);
  }

  /** A longer look can only take it further beyond its limit. */
  get #grows(): boolean {
    const { statistic, side } = this.#spec;
    if (statistic === "mean") return false;
    return statistic === "minimum" ? side === "below" : side === "above";
  }

  #take(series: Series, at: Timestamp): void {
    this.#value = knownNumber(series);
    this.#from = Math.max(at, this.#subject.device.changedAt);
  }

  /** What the slots hold, and the value that holds now until `at`. */
  #figures(at: Timestamp): WindowFigures {
    const stored = this.#slots.figures(at);
    const value = this.#value;
    if (value === undefined || this.#series === undefined || this.#spec.statistic === "increase")
      return stored;
    const lasted = Math.max(0, at - Math.max(this.#from, this.#slots.begin(at)));
    return {
      min: Math.min(stored.min, value),
      max: Math.max(stored.max, value),
      sum: stored.sum + value * lasted,
      weight: stored.weight + lasted,
      count: stored.count + 1,
    };
  }

  #statistic({ min, max, sum, weight }: WindowFigures): number | undefined {
    const now = this.#value;
    switch (this.#spec.statistic) {
      case "increase":
        return sum;
      case "mean":
        return weight > 0 ? sum / weight : now;
      case "minimum":
        return min;
      case "maximum":
        return max;
      case "range":
        return max >= min ? max - min : undefined;
      case "rise":
        return now === undefined ? undefined : now - min;
      case "fall":
        return now === undefined ? undefined : max - now;
    }
  }

  #covered(at: Timestamp, { weight, count }: WindowFigures): boolean {
    if (this.#series === undefined) return count >= this.#spec.atLeast;
    if (this.#spec.statistic === "increase") return this.#full(at);
    return this.#share(at, weight) >= WINDOW_COVERAGE_MIN;
  }

  #share(at: Timestamp, weight: number): number {
    return weight / (at - this.#slots.begin(at));
  }

  /** The device has been there for the whole window. */
  #full(at: Timestamp): boolean {
    return at - this.#subject.device.changedAt >= this.#spec.over_ms;
  }
}
