import type { ConditionSpec } from "../rule.ts";
import { AbsentCondition } from "./absent.ts";
import { CombinedCondition } from "./combine.ts";
import type { BoundCondition, Memory, Subject } from "./condition.ts";
import { OccurrencesCondition } from "./occurrences.ts";
import { SequenceCondition } from "./sequence.ts";
import { StateCondition } from "./state.ts";
import { ThresholdCondition } from "./threshold.ts";
import { UnaccompaniedCondition } from "./unaccompanied.ts";
import { UnreachableCondition } from "./unreachable.ts";

/** Binds a condition to a device, going on from what was saved of it. */
export function bindCondition(
  spec: ConditionSpec,
  subject: Subject,
  saved: Memory | undefined,
): BoundCondition {
  switch (spec.kind) {
    case "state":
      return new StateCondition(spec, subject, saved);
    case "threshold":
      return new ThresholdCondition(spec, subject, saved);
    case "unreachable":
      return new UnreachableCondition(subject);
    case "absent":
      return new AbsentCondition(spec, subject);
    case "occurrences":
      return new OccurrencesCondition(spec, subject, saved);
    case "sequence":
      return new SequenceCondition(spec, subject, saved);
    case "unaccompanied":
      return new UnaccompaniedCondition(spec, subject, saved);
    case "all":
    case "any": {
      const parts = Array.isArray(saved) ? (saved as readonly Memory[]) : [];
      return new CombinedCondition(
        spec.kind,
        spec.of.map((each, index) => bindCondition(each, subject, parts[index])),
      );
    }
    case "not": {
      const part = Array.isArray(saved) ? (saved as readonly Memory[])[0] : undefined;
      return new CombinedCondition("not", [bindCondition(spec.of, subject, part)]);
    }
  }
}
