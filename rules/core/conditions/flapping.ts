import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { durationText, text } from "../explain.ts";
import type { FlappingSpec } from "../rule.ts";
import { type BoundCondition, type Memory, NEVER, type Subject, type Verdict } from "./condition.ts";

/** When it went, and by which journal entry. */
type Loss = readonly [at: Timestamp, seq: number];

/** It has gone so often within a window, however short each time: nothing that waits for it to stay away sees that. */
export class FlappingCondition implements BoundCondition {
  readonly #spec: FlappingSpec;
  readonly #subject: Subject;
  /** The newest `atLeast`, oldest first: more would not change any verdict. */
  readonly #losses: Loss[];

  constructor(spec: FlappingSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    this.#losses = Array.isArray(saved) ? [...(saved as unknown as Loss[])] : [];
  }

  sample(): void {}
  event(): void {}

  lost(at: Timestamp, seq: number): void {
    this.#losses.push([at, seq]);
    if (this.#losses.length > this.#spec.atLeast) this.#losses.shift();
  }

  /** What hangs from a box that is away may go and come, and nobody hears of it. */
  verdict(at: Timestamp): Verdict {
    if (at < this.#until()) return true;
    const { device, nodeOnline } = this.#subject;
    return device.isNode || nodeOnline() ? false : "unknown";
  }

  due(at: Timestamp): Timestamp {
    const until = this.#until();
    return until > at ? until : NEVER;
  }

  late(): boolean {
    return false;
  }

  explain(): LocalText {
    const { atLeast, within_ms } = this.#spec;
    const within = durationText(within_ms);
    return this.#subject.device.isNode
      ? text(
          `${within.zh}内与平台的连接中断 ${atLeast} 次`,
          `its connection to the hub was lost ${atLeast} times within ${within.en}`,
        )
      : text(`${within.zh}内失联 ${atLeast} 次`, `it went away ${atLeast} times within ${within.en}`);
  }

  evidence(): readonly EvidenceSample[] {
    return this.#losses.map(([eventTime, journalSeq]) => ({
      device: this.#subject.device.key,
      name: "Connectivity/Online",
      value: false,
      quality: { status: "good" },
      eventTime,
      journalSeq,
    }));
  }

  save(): Memory {
    return this.#losses;
  }

  idle(at: Timestamp): boolean {
    const newest = this.#losses.at(-1);
    return newest === undefined || at > newest[0] + this.#spec.within_ms;
  }

  /** True until the oldest of the newest `atLeast` leaves the window. */
  #until(): Timestamp {
    const [first, last] = [this.#losses.at(-this.#spec.atLeast), this.#losses.at(-1)];
    if (first === undefined || last === undefined || last[0] - first[0] > this.#spec.within_ms)
      return Number.NEGATIVE_INFINITY;
    return first[0] + this.#spec.within_ms + 1;
  }
}
