/** A rule of one condition over a small journal: when its alarm moved, and where to. */
import { cycleCalendar } from "../core/calendar.ts";
import { compilePack } from "../core/compile.ts";
import type { Effect } from "../core/effect.ts";
import { Engine, type EngineState } from "../core/engine.ts";
import type { ConditionDocument, RuleDocument } from "../core/pack-document.ts";
import type { Rule } from "../core/rule.ts";
import type { Journal } from "./campus.ts";

const text = { zh: "测试", en: "test" };
const calendar = cycleCalendar({ period_ms: 1_000, anchor: 0, windows: {} });

export const GATE_CLASS = "access-gate";

/** A rule on gates unless `more` says otherwise. Throws when it does not compile. */
export function ruleOf(condition: ConditionDocument, more: Partial<RuleDocument> = {}): Rule {
  const document: RuleDocument = {
    id: "under-test",
    version: 1,
    title: text,
    priority: 3,
    selector: { class: [GATE_CLASS] },
    condition,
    card: { cause: text, consequence: text, action: text },
    respondWithin: "1m",
    ...more,
  };
  const { rules, problems } = compilePack({ pack: "test", title: text, rules: [document] }, {}, new Set());
  const [rule] = rules;
  if (rule === undefined || problems.length > 0) throw new Error(JSON.stringify(problems));
  return rule;
}

/**
 * `<seconds> <state>` for each transition of the rule `under-test`. The engine is saved and restored at every
 * `restartEvery`th input: no condition may notice.
 */
export function movesOf(
  rules: readonly Rule[],
  journal: Journal,
  restartEvery = Number.POSITIVE_INFINITY,
): readonly string[] {
  const [begin = 0] = journal.inputs.map(({ receivedAt }) => receivedAt);
  return effectsOf(rules, journal, restartEvery).flatMap((effect) => {
    if (effect.kind !== "transition" || effect.alarm.rule !== "under-test") return [];
    const { at, from, to } = effect.transition;
    return from === to ? [] : [`${(at - begin) / 1_000} ${to}`];
  });
}

/** All that follows from the journal; restarts as in {@link movesOf}. */
export function effectsOf(
  rules: readonly Rule[],
  journal: Journal,
  restartEvery = Number.POSITIVE_INFINITY,
): readonly Effect[] {
  const options = { rules, calendar, campusPath: (campus: string) => campus, grace_ms: 0 };
  let engine = new Engine(options);
  return journal.inputs.flatMap((input, index) => {
    if (index > 0 && index % restartEvery === 0)
      engine = new Engine(options, JSON.parse(JSON.stringify(engine.save())) as EngineState);
    return engine.step(input);
  });
}
