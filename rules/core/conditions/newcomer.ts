import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { evidenceOf, isKnown, type Series } from "../device.ts";
import { metricTitle, text } from "../explain.ts";
import type { NewcomerSpec } from "../rule.ts";
import {
  type BoundCondition,
  type Memory,
  NEVER,
  type Subject,
  type Verdict,
  withInstance,
} from "./condition.ts";

/** Words remembered of one list; the one not seen for longest gives way. */
export const NEWCOMER_WORDS_MAX = 256;

type Known = { readonly word: string; firstSeen: Timestamp; lastSeen: Timestamp };

/**
 * A word in a list of words (the stations behind a switch port) that was never there while the list was being learned:
 * a device nobody announced. It stays one for `holds_ms` while it is there, and is known from then on.
 */
export class NewcomerCondition implements BoundCondition {
  readonly #spec: NewcomerSpec;
  readonly #subject: Subject;
  readonly #series: Series;
  readonly #known: Known[];
  #since: Timestamp;

  constructor(spec: NewcomerSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    this.#series = subject.device.watch(withInstance(spec.metric, subject.instance));
    const memory = saved as { known: Known[]; since: Timestamp | null } | undefined;
    this.#known = (memory?.known ?? []).map((each) => ({ ...each }));
    this.#since = memory?.since ?? NEVER;
    if (memory === undefined && this.#series.eventTime > 0) this.sample(this.#series, this.#series.eventTime);
  }

  sample(series: Series, at: Timestamp): void {
    if (series !== this.#series || !isKnown(series.quality) || typeof series.value !== "string") return;
    this.#since = Math.min(this.#since, at);
    for (const word of words(series.value)) {
      const known = this.#known.find((each) => each.word === word);
      if (known !== undefined) known.lastSeen = at;
      else this.#known.push({ word, firstSeen: at, lastSeen: at });
    }
    while (this.#known.length > NEWCOMER_WORDS_MAX) {
      const oldest = this.#known.reduce((a, b) => (b.lastSeen < a.lastSeen ? b : a));
      this.#known.splice(this.#known.indexOf(oldest), 1);
    }
  }

  event(): void {}

  verdict(at: Timestamp): Verdict {
    const { value, quality } = this.#series;
    if (typeof value !== "string" || !isKnown(quality) || !this.#subject.reachable()) return "unknown";
    return this.#newcomers(at).length > 0;
  }

  due(at: Timestamp): Timestamp {
    return Math.min(NEVER, ...this.#newcomers(at).map(({ firstSeen }) => firstSeen + this.#spec.holds_ms));
  }

  late(): boolean {
    return false;
  }

  explain(at: Timestamp): LocalText {
    const title = metricTitle(this.#series.name);
    const list = this.#newcomers(at).map(({ word }) => word);
    return text(
      `${title.zh}出现从未见过的 ${list.join("、")}`,
      `${title.en} shows what was never there before: ${list.join(", ")}`,
    );
  }

  evidence(): readonly EvidenceSample[] {
    return [evidenceOf(this.#subject.device.key, this.#series)];
  }

  save(): Memory {
    return {
      known: this.#known as unknown as Memory,
      since: this.#since === NEVER ? null : this.#since,
    };
  }

  idle(): boolean {
    return true;
  }

  #newcomers(at: Timestamp): readonly Known[] {
    const { value } = this.#series;
    const there = typeof value === "string" ? words(value) : [];
    return this.#known.filter(
      ({ word, firstSeen }) =>
        firstSeen >= this.#since + this.#spec.learn_ms &&
        at < firstSeen + this.#spec.holds_ms &&
        there.includes(word),
    );
  }
}

const words = (list: string): readonly string[] => list.split(/\s+/).filter((word) => word !== "");
