import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { text } from "../explain.ts";
import type { AlarmStateSpec } from "../rule.ts";
import { type BoundCondition, type Memory, NEVER, type OtherAlarm, type Subject } from "./condition.ts";

/** Readings taken over from each alarm it looks at. */
const EVIDENCE_EACH_MAX = 4;

/** So many alarms of these rules, here or near by, are active or in one of these states. It looks; it remembers nothing. */
export class AlarmStateCondition implements BoundCondition {
  readonly #spec: AlarmStateSpec;
  readonly #subject: Subject;

  constructor(spec: AlarmStateSpec, subject: Subject) {
    this.#spec = spec;
    this.#subject = subject;
  }

  sample(): void {}
  event(): void {}

  verdict(): boolean {
    return this.#found().length >= this.#spec.atLeast;
  }

  due(): Timestamp {
    return NEVER;
  }

  late(): boolean {
    return false;
  }

  explain(): LocalText {
    const found = this.#found();
    const list = (language: "zh" | "en", quote: readonly [string, string]): string =>
      found
        .map(({ title, device }) => `${device[language]} ${quote[0]}${title[language]}${quote[1]}`)
        .join(language === "zh" ? "、" : ", ");
    return text(`正在报警：${list("zh", ["“", "”"])}`, `active alarms: ${list("en", ["“", "”"])}`);
  }

  evidence(): readonly EvidenceSample[] {
    return this.#found().flatMap(({ evidence }) => evidence.slice(0, EVIDENCE_EACH_MAX));
  }

  save(): Memory {
    return null;
  }

  idle(): boolean {
    return true;
  }

  #found(): readonly OtherAlarm[] {
    const { rules, near, states } = this.#spec;
    return this.#subject
      .alarms(rules, near)
      .filter(({ active, state }) => (states === undefined ? active : states.includes(state)));
  }
}
