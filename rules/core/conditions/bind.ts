import type { ConditionSpec } from "../rule.ts";
import { AbsentCondition } from "./absent.ts";
import { AlarmStateCondition } from "./alarm-state.ts";
import { CombinedCondition } from "./combine.ts";
import type { BoundCondition, Memory, Subject } from "./condition.ts";
import { DifferenceCondition } from "./difference.ts";
import { DriftCondition } from "./drift.ts";
import { FewerCondition } from "./fewer.ts";
import { FlappingCondition } from "./flapping.ts";
import { ImbalanceCondition } from "./imbalance.ts";
import { NewcomerCondition } from "./newcomer.ts";
import { OccurrencesCondition } from "./occurrences.ts";
import { PositionCondition } from "./position.ts";
import { SequenceCondition } from "./sequence.ts";
import { StateCondition } from "./state.ts";
import { ThresholdCondition } from "./threshold.ts";
import { UnaccompaniedCondition } from "./unaccompanied.ts";
import { UnreachableCondition } from "./unreachable.ts";
import { WindowCondition } from "./window.ts";

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
    case "flapping":
      return new FlappingCondition(spec, subject, saved);
    case "absent":
      return new AbsentCondition(spec, subject);
    case "occurrences":
      return new OccurrencesCondition(spec, subject, saved);
    case "sequence":
      return new SequenceCondition(spec, subject, saved);
    case "unaccompanied":
      return new UnaccompaniedCondition(spec, subject, saved);
    case "window":
      return new WindowCondition(spec, subject, saved);
    case "drift":
      return new DriftCondition(spec, subject, saved);
    case "difference":
      return new DifferenceCondition(spec, subject, saved);
    case "fewer":
      return new FewerCondition(spec, subject, saved);
    case "imbalance":
      return new ImbalanceCondition(spec, subject, saved);
    case "newcomer":
      return new NewcomerCondition(spec, subject, saved);
    case "position":
      return new PositionCondition(spec, subject, saved);
    case "alarm":
      return new AlarmStateCondition(spec, subject);
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
