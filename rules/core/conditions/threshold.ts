import type { LocalText, MetricName } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { evidenceOf, isKnown, type Series } from "../device.ts";
import { metricTitle, metricValueText, text } from "../explain.ts";
import type { Scalar } from "../input.ts";
import type { ThresholdSpec } from "../rule.ts";
import {
  type BoundCondition,
  type Memory,
  NEVER,
  type Subject,
  type Verdict,
  withInstance,
} from "./condition.ts";

/** A metric beyond a limit; it has come back only when it is inside by the deadband. */
export class ThresholdCondition implements BoundCondition {
  readonly #spec: ThresholdSpec;
  readonly #subject: Subject;
  readonly #series: Series;
  #beyond: boolean;

  constructor(spec: ThresholdSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    this.#series = subject.device.watch(withInstance(spec.metric, subject.instance));
    this.#beyond = saved === true;
    if (saved === undefined) this.sample(this.#series);
  }

  sample(series: Series): void {
    const { value, quality } = series;
    if (series !== this.#series || typeof value !== "number" || !isKnown(quality)) return;
    const excess = this.#excess(value);
    if (excess > 0) this.#beyond = true;
    else if (excess <= -this.#spec.deadband) this.#beyond = false;
  }

  event(): void {}

  verdict(): Verdict {
    const { value, quality } = this.#series;
    return typeof value === "number" && isKnown(quality) && this.#subject.reachable()
      ? this.#beyond
      : "unknown";
  }

  applies(): boolean {
    return this.#subject.device.has(this.#series);
  }

  rests(): boolean {
    return !this.#beyond;
  }

  due(): number {
    return NEVER;
  }

  late(name: MetricName, value: Scalar): boolean {
    return name === this.#series.name && typeof value === "number" && this.#excess(value) > 0;
  }

  explain(): LocalText {
    const title = metricTitle(this.#series.name);
    const value = metricValueText(this.#series.name, this.#series.value);
    const limit = metricValueText(this.#series.name, this.#spec.limit);
    return this.#spec.side === "above"
      ? text(
          `${title.zh}为 ${value.zh}，高于限值 ${limit.zh}`,
          `${title.en} is ${value.en}, above ${limit.en}`,
        )
      : text(
          `${title.zh}为 ${value.zh}，低于限值 ${limit.zh}`,
          `${title.en} is ${value.en}, below ${limit.en}`,
        );
  }

  evidence(): readonly EvidenceSample[] {
    return [evidenceOf(this.#subject.device.key, this.#series)];
  }

  save(): Memory {
    return this.#beyond;
  }

  idle(): boolean {
    return true;
  }

  #excess(value: number): number {
    return this.#spec.side === "above" ? value - this.#spec.limit : this.#spec.limit - value;
  }
}
