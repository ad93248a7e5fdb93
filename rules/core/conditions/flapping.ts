import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { isKnown, type Series } from "../device.ts";
import { durationText, text } from "../explain.ts";
import type { FlappingSpec } from "../rule.ts";
import { type BoundCondition, type Memory, NEVER, type Subject, type Verdict } from "./condition.ts";

const ONLINE = "Connectivity/Online";

/** When it went, and by which journal entry. */
type Loss = readonly [at: Timestamp, seq: number];

interface Remembered {
  readonly losses: readonly Loss[];
  readonly reached: boolean | null;
}

/**
 * It has gone so often within a window, however short each time: nothing that waits for it to stay away sees that. Whether
 * the box says that it reaches a device no more, or the device dies, or both, is one loss.
 */
export class FlappingCondition implements BoundCondition {
  readonly #spec: FlappingSpec;
  readonly #subject: Subject;
  /** The newest `atLeast`, oldest first: more would not change any verdict. */
  readonly #losses: Loss[];
  /** What its box said of it last; null where it has said nothing. */
  #reached: boolean | null;

  constructor(spec: FlappingSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    const { losses, reached } = (saved ?? { losses: [], reached: null }) as unknown as Remembered;
    this.#losses = [...losses];
    this.#reached = reached;
  }

  sample({ name, quality, seq, value }: Series, at: Timestamp): void {
    if (name !== ONLINE || !isKnown(quality)) return;
    if (this.#reached === true && value === false) this.#add(at, seq);
    this.#reached = value === true;
  }

  event(): void {}

  /** Of one that its box could not reach any more, this is no news. */
  lost(at: Timestamp, seq: number): void {
    if (this.#reached !== false) this.#add(at, seq);
  }

  #add(at: Timestamp, seq: number): void {
    this.#losses.push([Math.max(at, this.#losses.at(-1)?.[0] ?? at), seq]);
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
      name: ONLINE,
      value: false,
      quality: { status: "good" },
      eventTime,
      journalSeq,
    }));
  }

  save(): Memory {
    return { losses: this.#losses, reached: this.#reached } as unknown as Memory;
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
