import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { evidenceOf, type Series } from "../device.ts";
import { durationText, text } from "../explain.ts";
import type { DriftSpec } from "../rule.ts";
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

/** Different values remembered of one period; what lies beyond is counted with its nearest neighbour. */
export const DRIFT_BINS_MAX = 256;
/** Values this fraction of the tolerance apart are told from each other. */
const BINS_PER_TOLERANCE = 10;

/** Readings of one period: how often each rounded value came. */
interface Period {
  readonly index: number;
  readonly bins: [bin: number, count: number][];
}

/**
 * The median of the newest period that has enough readings, against the median of the `baseline` periods before it.
 * A scanner that reads half a degree more than last week has drifted, whoever walks by it.
 */
export class DriftCondition implements BoundCondition {
  readonly everyReading = true;
  readonly #spec: DriftSpec;
  readonly #subject: Subject;
  readonly #series: Series | undefined;
  /** The oldest first. */
  readonly #periods: Period[];
  /** The newest events, as evidence. */
  readonly #marks: Mark[];

  constructor(spec: DriftSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    this.#series = seriesOf(spec.source, subject);
    const memory = saved as { periods: Period[]; marks: Memory } | undefined;
    this.#marks = savedMarks(memory?.marks);
    this.#periods = (memory?.periods ?? []).map(({ index, bins }) => ({
      index,
      bins: bins.map(([bin, count]) => [bin, count]),
    }));
  }

  sample(series: Series, at: Timestamp): void {
    const value = series === this.#series ? knownNumber(series) : undefined;
    if (value !== undefined) this.#add(at, value);
  }

  event(placed: PlacedEvent): void {
    const value = numberOf(this.#spec.source, placed);
    if (value === undefined) return;
    remember(this.#marks, placed, READING_MARKS_MAX);
    this.#add(placed.at, value);
  }

  backfill(placed: PlacedEvent): void {
    this.event(placed);
  }

  verdict(): Verdict {
    const moved = this.#moved();
    return moved === undefined ? "unknown" : Math.abs(moved.now - moved.before) > this.#spec.by;
  }

  due(): Timestamp {
    return NEVER;
  }

  late(): boolean {
    return false;
  }

  explain(): LocalText {
    const { source, over_ms, by } = this.#spec;
    const title = sourceTitle(source, this.#subject.instance);
    const { now, before } = this.#moved() ?? { now: Number.NaN, before: Number.NaN };
    const over = durationText(over_ms);
    return text(
      `${title.zh}近 ${over.zh}的中位数为 ${sourceValue(source, now).zh}，此前为 ${sourceValue(source, before).zh}，偏移超过 ${sourceValue(source, by).zh}`,
      `the median of ${title.en} over ${over.en} is ${sourceValue(source, now).en}, and was ${sourceValue(source, before).en}: it moved by more than ${sourceValue(source, by).en}`,
    );
  }

  evidence(): readonly EvidenceSample[] {
    const device = this.#subject.device.key;
    return this.#series === undefined
      ? this.#marks.map((each) => markEvidence(device, each))
      : [evidenceOf(device, this.#series)];
  }

  save(): Memory {
    return { periods: this.#periods as unknown as Memory, marks: this.#marks as unknown as Memory };
  }

  idle(): boolean {
    return true;
  }

  #add(at: Timestamp, value: number): void {
    const { over_ms, by, baseline } = this.#spec;
    // Periods are of local time: one of a day is a school’s day.
    const index = Math.floor((at + this.#subject.calendar.zone.offset(at)) / over_ms);
    const newest = this.#periods.at(-1)?.index ?? index;
    if (index < newest - baseline) return;
    let place = this.#periods.length;
    while (place > 0 && (this.#periods[place - 1]?.index ?? 0) > index) place -= 1;
    let period = this.#periods[place - 1];
    if (period?.index !== index) {
      period = { index, bins: [] };
      this.#periods.splice(place, 0, period);
    }
    while ((this.#periods[0]?.index ?? index) < Math.max(newest, index) - baseline) this.#periods.shift();
    count(period.bins, Math.round((value * BINS_PER_TOLERANCE) / by));
  }

  #moved(): { readonly now: number; readonly before: number } | undefined {
    const { atLeast, by } = this.#spec;
    const enough = this.#periods.findLastIndex(({ bins }) => total(bins) >= atLeast);
    const earlier = this.#periods.slice(0, Math.max(0, enough)).flatMap(({ bins }) => bins);
    if (enough < 0 || total(earlier) < atLeast) return undefined;
    const value = (bins: Period["bins"]): number => (median(bins) * by) / BINS_PER_TOLERANCE;
    return { now: value(this.#periods[enough]?.bins ?? []), before: value(earlier) };
  }
}

function count(bins: Period["bins"], bin: number): void {
  let known = bins.find(([each]) => each === bin);
  if (known === undefined && bins.length >= DRIFT_BINS_MAX) {
    known = bins.reduce((a, b) => (Math.abs(b[0] - bin) < Math.abs(a[0] - bin) ? b : a));
  }
  if (known === undefined) bins.push([bin, 1]);
  else known[1] += 1;
}

const total = (bins: Period["bins"]): number => bins.reduce((sum, [, each]) => sum + each, 0);

function median(bins: Period["bins"]): number {
  const half = total(bins) / 2;
  let seen = 0;
  for (const [bin, each] of bins.toSorted(([a], [b]) => a - b)) {
    seen += each;
    if (seen >= half) return bin;
  }
  return Number.NaN;
}
