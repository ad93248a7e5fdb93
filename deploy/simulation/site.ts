/** Where everything is, and the rules of the simulated campus: one alarm an event, and one a state. */
import { AssetPath, CampusId } from "@campus-ops/device-profiles/vocabulary";
import { cycleCalendar } from "@campus-ops/rules/core/calendar";
import type { EngineOptions } from "@campus-ops/rules/core/engine";
import type { ConditionSpec, Rule } from "@campus-ops/rules/core/rule";

export const CAMPUS = CampusId("qiyun-no1");
export const HOST = "hub";
export const campusPath = (campus: string): AssetPath => AssetPath(`990100/990101/${campus}`);

const text = (en: string) => ({ zh: en, en });

/** Raises one alarm for every swipe, whose credential is its own. */
export const REFUSED = "refused-swipe";
/** Raises one alarm for each time that a box or a device is not there. */
export const AWAY = "away";
/** As the switches' rule: the births of a box that is back, and of its devices, are not one message. */
const AWAY_MS = 5_000;

function rule(id: string, condition: ConditionSpec, more: Partial<Rule> = {}): Rule {
  return {
    id,
    version: 1,
    pack: "simulation",
    title: text(id),
    priority: 1,
    selector: {},
    condition,
    onDelay_ms: 0,
    offDelay_ms: 0,
    latching: false,
    cause: false,
    symptom: false,
    late: "show",
    lateness_ms: 600_000,
    card: { cause: text(id), consequence: text(id), action: text(id) },
    respondWithin_ms: 60_000,
    evidence: [],
    ...more,
  };
}

const RULES: readonly Rule[] = [
  rule(
    REFUSED,
    {
      kind: "occurrences",
      match: { event: "Access/Swipe", where: [{ field: "result", is: ["refused"] }] },
      atLeast: 1,
      within_ms: 5_000,
    },
    { instance: "credential" },
  ),
  rule("panic", { kind: "state", metric: "Panic/Pressed", is: [true] }),
  rule(AWAY, { kind: "unreachable" }, { onDelay_ms: AWAY_MS, cause: true, late: "record" }),
];

export const ENGINE: EngineOptions = {
  rules: RULES,
  calendar: cycleCalendar({ period_ms: 600_000, anchor: 0, windows: {} }),
  campusPath,
  grace_ms: 5_000,
};
