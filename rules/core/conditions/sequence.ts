import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { durationText, eventTitle, fieldTestsText, joinTexts, text } from "../explain.ts";
import type { SequenceSpec } from "../rule.ts";
import {
  type BoundCondition,
  type Memory,
  NEVER,
  type PlacedEvent,
  type Subject,
  type Verdict,
} from "./condition.ts";
import { type Mark, markEvidence, matches, remember, savedMarks } from "./events.ts";

/** Candidates kept for one sequence. A scanner at a gate sees a child every two seconds; the suspects among them are few. */
export const SEQUENCE_MARKS_MAX = 64;

/** Events that match each step in turn, far enough apart and near enough together. */
export class SequenceCondition implements BoundCondition {
  readonly #spec: SequenceSpec;
  readonly #subject: Subject;
  readonly #marks: Mark[];

  constructor(spec: SequenceSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    this.#marks = savedMarks(saved);
  }

  sample(): void {}

  event(placed: PlacedEvent): void {
    if (this.#spec.steps.some((step) => matches(step, placed.event))) {
      remember(this.#marks, placed, SEQUENCE_MARKS_MAX);
    }
  }

  verdict(at: Timestamp): Verdict {
    const last = this.#chain().at(-1);
    return last !== undefined && at < last.at + this.#spec.holds_ms;
  }

  due(at: Timestamp): Timestamp {
    const last = this.#chain().at(-1);
    const due = last === undefined ? NEVER : last.at + this.#spec.holds_ms;
    if (last !== undefined && due > at) return due;
    const forgotten = this.#forgotten();
    return forgotten > at ? forgotten : NEVER;
  }

  late(): boolean {
    return false;
  }

  explain(): LocalText {
    const steps = this.#spec.steps.map((step) => {
      const title = eventTitle(step);
      const tests = fieldTestsText(step);
      return text(`“${title.zh}”（${tests.zh}）`, `“${title.en}” (${tests.en})`);
    });
    const within = durationText(this.#spec.within_ms);
    const list = joinTexts(steps, "、", ", ");
    return text(`${within.zh}内先后收到 ${list.zh}`, `within ${within.en}, one after the other: ${list.en}`);
  }

  evidence(): readonly EvidenceSample[] {
    return this.#chain().map((each) => markEvidence(this.#subject.device.key, each));
  }

  /** A run is told by its last event. */
  dismiss(at: Timestamp): void {
    while (this.verdict(at)) {
      const last = this.#chain().at(-1);
      if (last === undefined) return;
      this.#marks.splice(this.#marks.indexOf(last), 1);
    }
  }

  save(): Memory {
    return this.#marks as unknown as Memory;
  }

  idle(at: Timestamp): boolean {
    return at >= this.#forgotten();
  }

  #forgotten(): Timestamp {
    return (this.#marks.at(-1)?.at ?? Number.NEGATIVE_INFINITY) + this.#spec.within_ms + 1;
  }

  /** The newest complete run through the steps, found backwards from its last event; empty when there is none. */
  #chain(): readonly Mark[] {
    const { steps, apart_ms, within_ms } = this.#spec;
    const last = steps.at(-1);
    if (last === undefined) return [];
    for (let end = this.#marks.length - 1; end >= 0; end -= 1) {
      const tail = this.#marks[end];
      if (tail === undefined || !fits(last, tail)) continue;
      const chain = [tail];
      let index = end - 1;
      for (let step = steps.length - 2; step >= 0; step -= 1) {
        const wanted = steps[step];
        const after = chain[0] ?? tail;
        while (index >= 0) {
          const candidate = this.#marks[index];
          index -= 1;
          if (candidate === undefined || wanted === undefined) continue;
          if (fits(wanted, candidate) && after.at - candidate.at >= apart_ms) {
            chain.unshift(candidate);
            break;
          }
        }
      }
      const first = chain[0] ?? tail;
      if (chain.length === steps.length && tail.at - first.at <= within_ms) return chain;
    }
    return [];
  }
}

function fits(step: SequenceSpec["steps"][number], { name, id, fields, at }: Mark): boolean {
  return matches(step, { name, id, fields, quality: { status: "good" }, eventTime: at, historical: false });
}
