import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { evidenceOf, type Series } from "../device.ts";
import { durationText, metricTitle, text } from "../explain.ts";
import type { AbsentSpec } from "../rule.ts";
import {
  type BoundCondition,
  type Memory,
  NEVER,
  type Subject,
  type Verdict,
  withInstance,
} from "./condition.ts";

/** Nothing has come for too long although the edge box is there. */
export class AbsentCondition implements BoundCondition {
  readonly #spec: AbsentSpec;
  readonly #subject: Subject;
  readonly #series: Series | undefined;

  constructor(spec: AbsentSpec, subject: Subject) {
    this.#spec = spec;
    this.#subject = subject;
    this.#series =
      spec.metric === undefined
        ? undefined
        : subject.device.watch(withInstance(spec.metric, subject.instance));
  }

  sample(): void {}
  event(): void {}

  verdict(at: Timestamp): Verdict {
    if (!this.#subject.nodeOnline()) return "unknown";
    return at >= this.#last() + this.#spec.for_ms;
  }

  due(at: Timestamp): Timestamp {
    const due = this.#last() + this.#spec.for_ms;
    return due > at ? due : NEVER;
  }

  late(): boolean {
    return false;
  }

  explain(): LocalText {
    const limit = durationText(this.#spec.for_ms);
    const title = this.#series === undefined ? text("该设备", "the device") : metricTitle(this.#series.name);
    return text(
      `${title.zh}超过 ${limit.zh}没有数据`,
      `nothing came from ${title.en} for more than ${limit.en}`,
    );
  }

  evidence(): readonly EvidenceSample[] {
    return this.#series === undefined ? [] : [evidenceOf(this.#subject.device.key, this.#series)];
  }

  save(): Memory {
    return null;
  }

  idle(): boolean {
    return true;
  }

  /** A box that has just come back gets as long to speak as one that has just spoken. */
  #last(): Timestamp {
    const { device, nodeSince } = this.#subject;
    return Math.max(this.#series?.eventTime ?? device.lastSeen, device.changedAt, nodeSince());
  }
}
