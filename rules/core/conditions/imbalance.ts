import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { type Device, evidenceOf, isKnown, type Series } from "../device.ts";
import { durationText, eventTitle, fieldTestsText, metricTitle, text } from "../explain.ts";
import type { CountSource, ImbalanceSpec } from "../rule.ts";
import {
  type BoundCondition,
  type Memory,
  NEVER,
  type PlacedEvent,
  type Subject,
  type Verdict,
  withInstance,
} from "./condition.ts";
import { matches } from "./events.ts";
import { knownNumber } from "./readings.ts";

/** Moments remembered of each side; the oldest give way. */
export const IMBALANCE_MARKS_MAX = 256;

type Tally = [at: Timestamp, count: number];

/**
 * More of one thing here than of another at the devices near by: people through the door than cards at its reader.
 * Both sides may report late and in any order; the count is taken when `settle_ms` is over.
 */
export class ImbalanceCondition implements BoundCondition {
  readonly everyReading = true;
  readonly #spec: ImbalanceSpec;
  readonly #subject: Subject;
  readonly #own: Series | undefined;
  readonly #more: Tally[];
  readonly #than: Tally[];
  /** Counters as they stood: `<device> <metric>` → value. */
  readonly #stood: Map<string, number>;

  constructor(spec: ImbalanceSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    this.#own =
      "metric" in spec.more
        ? subject.device.watch(withInstance(spec.more.metric, subject.instance))
        : undefined;
    const memory = saved as { more: Tally[]; than: Tally[]; stood: readonly [string, number][] } | undefined;
    this.#more = (memory?.more ?? []).map(([at, count]) => [at, count]);
    this.#than = (memory?.than ?? []).map(([at, count]) => [at, count]);
    this.#stood = new Map(memory?.stood);
    if (memory === undefined && this.#own !== undefined) this.sample(this.#own, this.#own.eventTime);
  }

  sample(series: Series, at: Timestamp): void {
    if (series === this.#own) tally(this.#more, at, this.#step(this.#subject.device, series));
  }

  event(placed: PlacedEvent): void {
    const { more } = this.#spec;
    if ("event" in more && matches(more.event, placed.event)) tally(this.#more, placed.at, 1);
  }

  peerSample(device: Device, series: Series, at: Timestamp): void {
    const { than } = this.#spec;
    if ("metric" in than && than.metric === series.name) {
      tally(this.#than, at, this.#step(device, series));
    }
  }

  peerEvent(_device: Device, placed: PlacedEvent): void {
    const { than } = this.#spec;
    if ("event" in than && matches(than.event, placed.event)) tally(this.#than, placed.at, 1);
  }

  backfill(placed: PlacedEvent): void {
    this.event(placed);
  }

  verdict(at: Timestamp): Verdict {
    const peers = this.#subject.peers(this.#spec.near);
    const known = peers.length > 0 && peers.every(({ online }) => online) && this.#subject.reachable();
    if (!known || (this.#own !== undefined && !isKnown(this.#own.quality))) return "unknown";
    return this.#excess(at) >= this.#spec.by;
  }

  due(at: Timestamp): Timestamp {
    const { settle_ms, within_ms } = this.#spec;
    let due = NEVER;
    for (const [when] of this.#more) {
      if (when + settle_ms > at) due = Math.min(due, when + settle_ms);
      else if (when + settle_ms + within_ms > at) due = Math.min(due, when + settle_ms + within_ms);
    }
    return due;
  }

  late(): boolean {
    return false;
  }

  explain(at: Timestamp): LocalText {
    const { more, than, within_ms, by } = this.#spec;
    const within = durationText(within_ms);
    const [a, b] = [title(more), title(than)];
    const excess = this.#excess(at);
    return text(
      `${within.zh}内“${a.zh}”比附近的“${b.zh}”多 ${excess} 次（限值 ${by}）`,
      `within ${within.en} “${a.en}” came ${excess} times more than “${b.en}” near by (limit ${by})`,
    );
  }

  evidence(): readonly EvidenceSample[] {
    return this.#own === undefined ? [] : [evidenceOf(this.#subject.device.key, this.#own)];
  }

  save(): Memory {
    return {
      more: this.#more as unknown as Memory,
      than: this.#than as unknown as Memory,
      stood: [...this.#stood] as unknown as Memory,
    };
  }

  idle(): boolean {
    return true;
  }

  /** One card opens for one person: a card counts if it was shown from one window before to `settle_ms` after. */
  #excess(at: Timestamp): number {
    const { within_ms, settle_ms } = this.#spec;
    const end = at - settle_ms;
    const sum = (tallies: readonly Tally[], from: Timestamp, to: Timestamp): number =>
      tallies.reduce((total, [when, count]) => (when > from && when <= to ? total + count : total), 0);
    return sum(this.#more, end - within_ms, end) - sum(this.#than, end - within_ms - settle_ms, at);
  }

  /** How far a counter went on; nothing at its first reading. One that starts again has counted from 0 since. */
  #step(device: Device, series: Series): number {
    const value = knownNumber(series);
    if (value === undefined) return 0;
    const key = `${device.key} ${series.name}`;
    const before = this.#stood.get(key);
    this.#stood.set(key, value);
    return before === undefined ? 0 : value < before ? value : value - before;
  }
}

function tally(tallies: Tally[], at: Timestamp, count: number): void {
  if (count <= 0) return;
  tallies.push([at, count]);
  if (tallies.length > IMBALANCE_MARKS_MAX) tallies.shift();
}

function title(source: CountSource): LocalText {
  if ("metric" in source) return metricTitle(source.metric);
  const { zh, en } = eventTitle(source.event);
  const tests = fieldTestsText(source.event);
  return tests.zh === "" ? text(zh, en) : text(`${zh}（${tests.zh}）`, `${en} (${tests.en})`);
}
