import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { evidenceOf, type Series } from "../device.ts";
import { metricTitle, metricValueText, text } from "../explain.ts";
import type { DifferenceSpec } from "../rule.ts";
import {
  type BoundCondition,
  type Memory,
  NEVER,
  type Subject,
  type Verdict,
  withInstance,
} from "./condition.ts";
import { knownNumber } from "./readings.ts";

/** One metric less others: children expected, less those present and those on leave. Unknown while any of them is. */
export class DifferenceCondition implements BoundCondition {
  readonly #spec: DifferenceSpec;
  readonly #subject: Subject;
  readonly #of: Series;
  readonly #less: readonly Series[];
  #beyond: boolean;

  constructor(spec: DifferenceSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    const watch = (metric: string): Series => subject.device.watch(withInstance(metric, subject.instance));
    this.#of = watch(spec.of);
    this.#less = spec.less.map(watch);
    this.#beyond = saved === true;
    if (saved === undefined) this.sample();
  }

  sample(): void {
    const value = this.#value();
    if (value === undefined) return;
    const excess = this.#spec.side === "above" ? value - this.#spec.limit : this.#spec.limit - value;
    if (excess > 0) this.#beyond = true;
    else if (excess <= -this.#spec.deadband) this.#beyond = false;
  }

  event(): void {}

  verdict(): Verdict {
    return this.#value() === undefined || !this.#subject.reachable() ? "unknown" : this.#beyond;
  }

  due(): number {
    return NEVER;
  }

  late(): boolean {
    return false;
  }

  explain(): LocalText {
    const { of, side, limit } = this.#spec;
    const all = [this.#of, ...this.#less].map(({ name, value }) => ({
      title: metricTitle(name),
      value: metricValueText(name, value),
    }));
    const difference = metricValueText(of, this.#value() ?? null);
    const bound = metricValueText(of, limit);
    return text(
      `${all.map(({ title, value }) => `${title.zh}为 ${value.zh}`).join("，")}；相差 ${difference.zh}，${side === "above" ? "高于" : "低于"} ${bound.zh}`,
      `${all.map(({ title, value }) => `${title.en} is ${value.en}`).join(", ")}; the difference ${difference.en} is ${side} ${bound.en}`,
    );
  }

  evidence(): readonly EvidenceSample[] {
    return [this.#of, ...this.#less].map((series) => evidenceOf(this.#subject.device.key, series));
  }

  save(): Memory {
    return this.#beyond;
  }

  idle(): boolean {
    return true;
  }

  #value(): number | undefined {
    let value = knownNumber(this.#of);
    for (const series of this.#less) {
      const part = knownNumber(series);
      value = value === undefined || part === undefined ? undefined : value - part;
    }
    return value;
  }
}
