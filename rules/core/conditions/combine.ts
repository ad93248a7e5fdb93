import type { LocalText, MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import type { Device, Series } from "../device.ts";
import { joinTexts, text } from "../explain.ts";
import type { Scalar } from "../input.ts";
import type { BoundCondition, Memory, PlacedEvent, Verdict } from "./condition.ts";

/** Kleene's three-valued all, any and not: one false settles “all”, one true settles “any”, else unknown stays unknown. */
export class CombinedCondition implements BoundCondition {
  readonly everyReading?: true;
  readonly #kind: "all" | "any" | "not";
  readonly #of: readonly BoundCondition[];

  constructor(kind: "all" | "any" | "not", of: readonly BoundCondition[]) {
    this.#kind = kind;
    this.#of = of;
    if (of.some((each) => each.everyReading)) this.everyReading = true;
  }

  sample(series: Series, at: Timestamp): void {
    for (const each of this.#of) each.sample(series, at);
  }

  event(placed: PlacedEvent): void {
    for (const each of this.#of) each.event(placed);
  }

  peerSample(device: Device, series: Series, at: Timestamp): void {
    for (const each of this.#of) each.peerSample?.(device, series, at);
  }

  peerEvent(device: Device, placed: PlacedEvent): void {
    for (const each of this.#of) each.peerEvent?.(device, placed);
  }

  lost(at: Timestamp, seq: number): void {
    for (const each of this.#of) each.lost?.(at, seq);
  }

  backfill(placed: PlacedEvent): void {
    for (const each of this.#of) each.backfill?.(placed);
  }

  lateEvent(placed: PlacedEvent): boolean {
    const told = this.#of.flatMap((each) => each.lateEvent?.(placed) ?? []);
    return told.length === 0 || told.includes(true);
  }

  verdict(at: Timestamp): Verdict {
    const verdicts = this.#heard().map((each) => each.verdict(at));
    if (this.#kind === "not") return verdicts[0] === "unknown" ? "unknown" : !verdicts[0];
    const settles = this.#kind === "any";
    if (verdicts.includes(settles)) return settles;
    return verdicts.includes("unknown") ? "unknown" : !settles;
  }

  applies(): boolean {
    return this.#kind === "any" ? this.#of.some(isApplicable) : this.#of.every(isApplicable);
  }

  due(at: Timestamp): Timestamp {
    return Math.min(...this.#of.map((each) => each.due(at)));
  }

  late(name: MetricName, value: Scalar): boolean {
    return this.#kind === "any" && this.#of.some((each) => each.late(name, value));
  }

  explain(at: Timestamp): LocalText {
    // Of “any”, only what is true explains anything.
    const telling = this.#kind === "any" ? this.#of.filter((each) => each.verdict(at) === true) : this.#of;
    const parts = (telling.length === 0 ? this.#of : telling).map((each) => each.explain(at));
    if (this.#kind === "not") return joinTexts([text("不是：", "not: "), ...parts], "", "");
    return this.#kind === "all" ? joinTexts(parts, "，并且", ", and ") : joinTexts(parts, "；", "; ");
  }

  evidence(): readonly EvidenceSample[] {
    return this.#of.flatMap((each) => each.evidence());
  }

  /** Of “any”, what the device can tell at all: what it can never tell would keep an alarm standing for ever. */
  #heard(): readonly BoundCondition[] {
    if (this.#kind !== "any") return this.#of;
    const heard = this.#of.filter(isApplicable);
    return heard.length === 0 ? this.#of : heard;
  }

  save(): Memory {
    return this.#of.map((each) => each.save());
  }

  idle(at: Timestamp): boolean {
    return this.#of.every((each) => each.idle(at));
  }
}

const isApplicable = (condition: BoundCondition): boolean => condition.applies?.() ?? true;
