import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { durationText, eventTitle, fieldTestsText, text } from "../explain.ts";
import type { OccurrencesSpec } from "../rule.ts";
import {
  type BoundCondition,
  type Memory,
  NEVER,
  type PlacedEvent,
  type Subject,
  type Verdict,
} from "./condition.ts";
import { type Mark, markEvidence, matches, remember, savedMarks } from "./events.ts";

/** At least so many matching events within a window of event time. One is enough to be “it happened just now”. */
export class OccurrencesCondition implements BoundCondition {
  readonly #spec: OccurrencesSpec;
  readonly #subject: Subject;
  /** The newest `atLeast` that matched: more would not change any verdict. */
  readonly #marks: Mark[];

  constructor(spec: OccurrencesSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    this.#marks = savedMarks(saved);
  }

  sample(): void {}

  event(placed: PlacedEvent): void {
    if (matches(this.#spec.match, placed.event)) remember(this.#marks, placed, this.#spec.atLeast);
  }

  verdict(at: Timestamp): Verdict {
    return at < this.#until();
  }

  /** The end while it is true; else the moment from which nothing remembered matters any more. */
  due(at: Timestamp): Timestamp {
    const until = this.#until();
    if (until > at) return until;
    const forgotten = this.#forgotten();
    return forgotten > at ? forgotten : NEVER;
  }

  late(): boolean {
    return false;
  }

  explain(): LocalText {
    const { match, atLeast, within_ms } = this.#spec;
    const title = eventTitle(match);
    const tests = fieldTestsText(match);
    const where = {
      zh: tests.zh === "" ? "" : `（${tests.zh}）`,
      en: tests.en === "" ? "" : ` (${tests.en})`,
    };
    const within = durationText(within_ms);
    return atLeast === 1
      ? text(`收到“${title.zh}”${where.zh}`, `“${title.en}” was reported${where.en}`)
      : text(
          `${within.zh}内收到 ${this.#marks.length} 次“${title.zh}”${where.zh}`,
          `“${title.en}” was reported ${this.#marks.length} times within ${within.en}${where.en}`,
        );
  }

  evidence(): readonly EvidenceSample[] {
    return this.#marks.map((each) => markEvidence(this.#subject.device.key, each));
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

  /** True until the oldest of the newest `atLeast` leaves the window. */
  #until(): Timestamp {
    const first = this.#marks[this.#marks.length - this.#spec.atLeast];
    return first === undefined
      ? Number.NEGATIVE_INFINITY
      : spanEnd(first, this.#marks.at(-1), this.#spec.within_ms);
  }
}

function spanEnd(first: Mark, last: Mark | undefined, within_ms: number): Timestamp {
  return last !== undefined && last.at - first.at <= within_ms
    ? first.at + within_ms + 1
    : Number.NEGATIVE_INFINITY;
}
