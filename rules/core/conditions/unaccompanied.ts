import type { LocalText, MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { evidenceOf, isKnown, type Series } from "../device.ts";
import {
  durationText,
  eventTitle,
  fieldTestsText,
  joinTexts,
  metricTitle,
  metricValueText,
  text,
} from "../explain.ts";
import type { Scalar } from "../input.ts";
import type { Trigger, UnaccompaniedSpec } from "../rule.ts";
import {
  type BoundCondition,
  type Memory,
  NEVER,
  type PlacedEvent,
  type Subject,
  type Verdict,
  withInstance,
} from "./condition.ts";
import { type Mark, mark, markEvidence, matches } from "./events.ts";

/** Moments at which a companion was there that are remembered; the newest win. */
export const COMPANIONS_MAX = 16;
/** An event that says until when says so for at most a month. */
export const UNTIL_MS_MAX = 31 * 86_400_000;

type Pending = { at: Timestamp; accompanied: boolean; mark: Mark | null };

/**
 * Something that happens with none of its companions around it: a door that opens with neither a granted credential nor
 * the exit button (before), or a person let in who never passes (after). It is decided when `after_ms` is over, so the
 * order in which trigger and companion arrive does not matter.
 */
export class UnaccompaniedCondition implements BoundCondition {
  readonly #spec: UnaccompaniedSpec;
  readonly #subject: Subject;
  readonly #trigger: Series | undefined;
  readonly #companions: readonly { readonly series: Series; readonly is: readonly Scalar[] }[];
  #pending: Pending | undefined;
  /** When companions were there, in no particular order. */
  #seen: Timestamp[] = [];
  /** The trigger metric's value was outside `is`: only a change into it counts. */
  #armed = false;

  constructor(spec: UnaccompaniedSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    const watch = (metric: MetricName): Series =>
      subject.device.watch(withInstance(metric, subject.instance));
    this.#trigger = "metric" in spec.trigger ? watch(spec.trigger.metric) : undefined;
    this.#companions = spec.by.flatMap((each) =>
      "metric" in each ? [{ series: watch(each.metric), is: each.is }] : [],
    );
    if (saved !== undefined && saved !== null) {
      const memory = saved as unknown as { pending: Pending | null; seen: Timestamp[]; armed: boolean };
      this.#pending = memory.pending === null ? undefined : { ...memory.pending };
      this.#seen = [...memory.seen];
      this.#armed = memory.armed;
    } else if (this.#trigger !== undefined) {
      this.#armed = this.#triggerState() === false;
    }
  }

  sample(series: Series, at: Timestamp): void {
    for (const companion of this.#companions) {
      if (companion.series === series && isKnown(series.quality) && companion.is.includes(series.value)) {
        this.#accompany(at);
      }
    }
    if (series !== this.#trigger) return;
    const state = this.#triggerState();
    if (state === false) {
      this.#armed = true;
      this.#pending = undefined;
    } else if (state === true && this.#armed) {
      this.#armed = false;
      this.#open(at, null);
    }
  }

  event(placed: PlacedEvent): void {
    const { trigger, by } = this.#spec;
    if (by.some((each) => "event" in each && matches(each.event, placed.event))) this.#accompany(placed.at);
    if ("event" in trigger && matches(trigger.event, placed.event)) this.#open(placed.at, mark(placed));
  }

  /** A companion that was there and is heard of late. */
  backfill(placed: PlacedEvent): void {
    if (this.#spec.by.some((each) => "event" in each && matches(each.event, placed.event)))
      this.#accompany(placed.at);
  }

  verdict(at: Timestamp): Verdict {
    const pending = this.#pending;
    if (this.#trigger !== undefined) {
      const state = this.#triggerState();
      if (state === "unknown") return "unknown";
      return state && pending !== undefined && !pending.accompanied && at >= this.#decided(pending);
    }
    if (pending === undefined || pending.accompanied) return false;
    const decided = this.#decided(pending);
    return at >= decided && at < decided + this.#spec.holds_ms;
  }

  due(at: Timestamp): Timestamp {
    const pending = this.#pending;
    if (pending === undefined || pending.accompanied) return this.#forgotten(at);
    const decided = this.#decided(pending);
    if (decided > at) return decided;
    const end = decided + this.#spec.holds_ms;
    return this.#trigger === undefined && end > at ? end : NEVER;
  }

  late(name: MetricName, value: Scalar): boolean {
    const { trigger } = this.#spec;
    return name === this.#trigger?.name && "metric" in trigger && trigger.is.includes(value);
  }

  explain(): LocalText {
    const { trigger, by, before_ms, after_ms } = this.#spec;
    const what = this.#say(trigger);
    const companions = joinTexts(
      by.map((each) => this.#say(each)),
      "或",
      " or ",
    );
    const before = durationText(before_ms);
    const after = durationText(
      this.#pending === undefined ? after_ms : this.#decided(this.#pending) - this.#pending.at,
    );
    const around =
      before_ms === 0
        ? text(`之后 ${after.zh}内`, `within ${after.en} after it`)
        : text(`之前 ${before.zh}内`, `within ${before.en} before it`);
    return text(
      `${what.zh}，而${around.zh}没有${companions.zh}`,
      `${what.en}, and ${around.en} there was no ${companions.en}`,
    );
  }

  evidence(): readonly EvidenceSample[] {
    const device = this.#subject.device.key;
    const own =
      this.#trigger === undefined
        ? this.#pending?.mark
          ? [markEvidence(device, this.#pending.mark)]
          : []
        : [evidenceOf(device, this.#trigger)];
    return [...own, ...this.#companions.map(({ series }) => evidenceOf(device, series))];
  }

  save(): Memory {
    return { pending: this.#pending ?? null, seen: this.#seen, armed: this.#armed } as unknown as Memory;
  }

  /** A trigger is remembered until it is decided and over; a companion may come before its trigger. */
  idle(at: Timestamp): boolean {
    const { after_ms, before_ms, holds_ms } = this.#spec;
    const pending = this.#pending;
    const newest = Math.max(Number.NEGATIVE_INFINITY, ...this.#seen);
    return (
      (pending === undefined || pending.accompanied || at >= this.#decided(pending) + holds_ms) &&
      at > newest + Math.max(before_ms, after_ms)
    );
  }

  /** When a monitor of one instance may be given up; nobody waits for it on a monitor of the device. */
  #forgotten(at: Timestamp): Timestamp {
    if (this.#subject.instance === undefined) return NEVER;
    const { after_ms, before_ms } = this.#spec;
    const due = Math.max(Number.NEGATIVE_INFINITY, ...this.#seen) + Math.max(before_ms, after_ms) + 1;
    return due > at ? due : NEVER;
  }

  #open(at: Timestamp, trigger: Mark | null): void {
    const { before_ms } = this.#spec;
    // A companion that still holds (the exit button is kept down) is there now, whenever it began.
    const holding = this.#companions.some(
      ({ series, is }) => isKnown(series.quality) && is.includes(series.value),
    );
    const pending = { at, accompanied: holding, mark: trigger };
    const decided = this.#decided(pending);
    pending.accompanied ||= this.#seen.some((seen) => seen >= at - before_ms && seen <= decided);
    this.#pending = pending;
  }

  /** When the time for a companion is over. */
  #decided({ at, mark }: Pending): Timestamp {
    const { after_ms, until } = this.#spec;
    const moment = until === undefined ? undefined : mark?.fields[until];
    return typeof moment === "number" && moment > at ? Math.min(moment, at + UNTIL_MS_MAX) : at + after_ms;
  }

  #accompany(at: Timestamp): void {
    this.#seen.push(at);
    if (this.#seen.length > COMPANIONS_MAX) this.#seen.shift();
    const pending = this.#pending;
    if (pending !== undefined && at >= pending.at - this.#spec.before_ms && at <= this.#decided(pending)) {
      pending.accompanied = true;
    }
  }

  #triggerState(): Verdict {
    const { trigger } = this.#spec;
    const series = this.#trigger;
    if (series === undefined || !("metric" in trigger)) return false;
    if (series.value === null || !isKnown(series.quality) || !this.#subject.reachable()) return "unknown";
    return trigger.is.includes(series.value);
  }

  #say(trigger: Trigger): LocalText {
    if ("event" in trigger) {
      const title = eventTitle(trigger.event);
      const tests = fieldTestsText(trigger.event);
      return text(`“${title.zh}”（${tests.zh}）`, `“${title.en}” (${tests.en})`);
    }
    const name = withInstance(trigger.metric, this.#subject.instance);
    const title = metricTitle(name);
    const values = joinTexts(
      trigger.is.map((value) => metricValueText(name, value)),
      "或",
      " or ",
    );
    return text(`${title.zh}为“${values.zh}”`, `${title.en} “${values.en}”`);
  }
}
