import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { durationText, eventTitle, fieldTestsText, text } from "../explain.ts";
import type { FewerSpec } from "../rule.ts";
import {
  type BoundCondition,
  type Memory,
  NEVER,
  type PlacedEvent,
  type Subject,
  type Verdict,
} from "./condition.ts";
import { type Mark, markEvidence, matches, remember, savedMarks } from "./events.ts";

/**
 * Fewer matching events within the window than there should be: patrol rounds that were not walked. Nothing is said
 * until the window has been watched once from end to end, nor while the edge box is away: what happened may still come.
 */
export class FewerCondition implements BoundCondition {
  readonly #spec: FewerSpec;
  readonly #subject: Subject;
  readonly #marks: Mark[];
  #since: Timestamp;

  constructor(spec: FewerSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    const memory = saved as { marks: Memory; since: Timestamp | null } | undefined;
    this.#marks = savedMarks(memory?.marks);
    const begun =
      subject.instance === undefined ? subject.device.changedAt : (subject.expectedSince ?? NEVER);
    this.#since = memory?.since ?? begun;
  }

  sample(): void {}

  event(placed: PlacedEvent): void {
    if (!matches(this.#spec.match, placed.event)) return;
    this.#since = Math.min(this.#since, placed.at);
    remember(this.#marks, placed, this.#spec.fewerThan);
  }

  backfill(placed: PlacedEvent): void {
    this.event(placed);
  }

  verdict(at: Timestamp): Verdict {
    if (!this.#subject.nodeOnline()) return "unknown";
    return at < this.#since + this.#spec.within_ms ? "unknown" : at > this.#enoughUntil();
  }

  due(at: Timestamp): Timestamp {
    const whole = this.#since + this.#spec.within_ms;
    if (whole > at) return whole;
    const until = this.#enoughUntil();
    return until >= at ? until + 1 : NEVER;
  }

  late(): boolean {
    return false;
  }

  explain(at: Timestamp): LocalText {
    const { match, fewerThan, within_ms } = this.#spec;
    const title = eventTitle(match);
    const tests = fieldTestsText(match);
    const within = durationText(within_ms);
    const place = this.#subject.instance ?? "";
    const count = this.#marks.filter((each) => each.at > at - within_ms).length;
    return text(
      `${within.zh}内${place}只有 ${count} 次“${title.zh}”${tests.zh}，应有 ${fewerThan} 次`,
      `“${title.en}” ${tests.en}${place} came ${count} times within ${within.en} and should have come ${fewerThan} times`,
    );
  }

  evidence(): readonly EvidenceSample[] {
    return this.#marks.map((each) => markEvidence(this.#subject.device.key, each));
  }

  save(): Memory {
    return {
      marks: this.#marks as unknown as Memory,
      since: this.#since === NEVER ? null : this.#since,
    };
  }

  /** What is expected once stays expected: a point that is no longer visited is just what this is for. */
  idle(): boolean {
    return this.#since === NEVER;
  }

  /** The newest `fewerThan` are all inside the window until then. */
  #enoughUntil(): Timestamp {
    const first = this.#marks[this.#marks.length - this.#spec.fewerThan];
    return first === undefined ? Number.NEGATIVE_INFINITY : first.at + this.#spec.within_ms;
  }
}
