import type { LocalText, MetricName } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { evidenceOf, isKnown, type Series } from "../device.ts";
import { metricTitle, metricValueText, text } from "../explain.ts";
import type { Scalar } from "../input.ts";
import type { StateSpec } from "../rule.ts";
import {
  type BoundCondition,
  type Memory,
  NEVER,
  type Subject,
  type Verdict,
  withInstance,
} from "./condition.ts";

/** A metric holds one of these values. */
export class StateCondition implements BoundCondition {
  readonly #spec: StateSpec;
  readonly #subject: Subject;
  readonly #series: Series;
  /** It has been in one of `from`: a port that never had a link is not a port that lost it. */
  #armed: boolean;

  constructor(spec: StateSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    this.#series = subject.device.watch(withInstance(spec.metric, subject.instance));
    this.#armed = spec.from === undefined || saved === true;
    this.#arm();
  }

  sample(series: Series): void {
    if (series === this.#series) this.#arm();
  }

  event(): void {}

  verdict(): Verdict {
    const { value, quality } = this.#series;
    if (value === null || !isKnown(quality) || !this.#subject.reachable()) return "unknown";
    return this.#armed && this.#spec.is.includes(value);
  }

  applies(): boolean {
    return this.#subject.device.has(this.#series);
  }

  rests(): boolean {
    const { value } = this.#series;
    return value === null || !this.#spec.is.includes(value);
  }

  due(): number {
    return NEVER;
  }

  late(name: MetricName, value: Scalar): boolean {
    return name === this.#series.name && this.#spec.is.includes(value);
  }

  explain(): LocalText {
    const title = metricTitle(this.#series.name);
    const value = metricValueText(this.#series.name, this.#series.value);
    return text(`${title.zh}为“${value.zh}”`, `${title.en} is “${value.en}”`);
  }

  evidence(): readonly EvidenceSample[] {
    return [evidenceOf(this.#subject.device.key, this.#series)];
  }

  save(): Memory {
    return this.#armed;
  }

  idle(): boolean {
    return true;
  }

  #arm(): void {
    if (!this.#armed && isKnown(this.#series.quality)) {
      this.#armed = this.#spec.from?.includes(this.#series.value) ?? true;
    }
  }
}
