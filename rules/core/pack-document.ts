/** A rule pack as it is written in YAML; `packs/schema.ts` is its shape as a JSON schema. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmState, Priority } from "../api.ts";
import type { Scalar } from "./input.ts";
import type { Area } from "./route.ts";
import type { Place, Rule, WindowStatistic } from "./rule.ts";

/** A number or a duration, or the name of a parameter: `$retestGap`. */
export type Amount = number | string;

export interface PackDocument {
  readonly pack: string;
  readonly title: LocalText;
  readonly parameters?: Readonly<Record<string, Amount>>;
  /** What its rules say of themselves comes first. */
  readonly picture?: boolean;
  readonly rules: readonly RuleDocument[];
}

export interface RuleDocument {
  readonly id: string;
  readonly version: number;
  readonly title: LocalText;
  readonly priority: Priority;
  readonly selector: {
    readonly class?: readonly string[];
    readonly except?: readonly string[];
    readonly within?: readonly string[];
    readonly capability?: readonly string[];
  };
  readonly condition: ConditionDocument;
  readonly schedule?: { readonly during?: readonly string[]; readonly outside?: readonly string[] };
  readonly instance?: string;
  readonly onDelay?: Amount;
  readonly offDelay?: Amount;
  readonly latching?: boolean;
  readonly cause?: boolean;
  readonly symptom?: boolean;
  readonly late?: "record" | "show";
  readonly lateness?: Amount;
  readonly card: Rule["card"];
  readonly respondWithin: Amount;
  readonly evidence?: readonly string[];
  readonly picture?: boolean;
  readonly confirm?: { readonly from: Amount; readonly to: Amount; readonly atLeast: Amount };
}

/** Exactly one of these, which the schema sees to. */
export interface ConditionDocument {
  readonly state?: {
    readonly metric: string;
    readonly is: readonly Scalar[];
    readonly from?: readonly Scalar[];
  };
  readonly threshold?: {
    readonly metric: string;
    readonly above?: Amount;
    readonly below?: Amount;
    readonly deadband?: Amount;
  };
  readonly unreachable?: Readonly<Record<string, never>>;
  readonly flapping?: { readonly atLeast: Amount; readonly within: Amount };
  readonly absent?: { readonly metric?: string; readonly for: Amount };
  readonly event?: EventDocument & { readonly atLeast?: Amount; readonly within: Amount };
  readonly sequence?: {
    readonly steps: readonly EventDocument[];
    readonly apart?: Amount;
    readonly within: Amount;
    readonly holds: Amount;
  };
  readonly unaccompanied?: {
    readonly trigger: TriggerDocument;
    readonly by: readonly TriggerDocument[];
    readonly before?: Amount;
    readonly after: Amount;
    readonly until?: string;
    readonly holds?: Amount;
  };
  readonly window?: SourceDocument & {
    readonly statistic: WindowStatistic;
    readonly over: Amount;
    readonly above?: Amount;
    readonly below?: Amount;
    readonly deadband?: Amount;
    readonly atLeast?: Amount;
  };
  readonly rate?: {
    readonly metric: string;
    readonly over: Amount;
    readonly rises?: Amount;
    readonly falls?: Amount;
  };
  readonly stuck?: SourceDocument & {
    readonly for: Amount;
    readonly within?: Amount;
    readonly atLeast?: Amount;
  };
  readonly drift?: SourceDocument & {
    readonly over: Amount;
    readonly baseline: Amount;
    readonly by: Amount;
    readonly atLeast?: Amount;
  };
  readonly difference?: {
    readonly of: string;
    readonly less: readonly string[];
    readonly above?: Amount;
    readonly below?: Amount;
    readonly deadband?: Amount;
  };
  readonly fewer?: EventDocument & { readonly than: Amount; readonly within: Amount };
  readonly imbalance?: {
    readonly more: CountDocument;
    readonly than: CountDocument & NearDocument;
    readonly within: Amount;
    readonly settle?: Amount;
    readonly by?: Amount;
  };
  readonly newcomer?: { readonly metric: string; readonly learn: Amount; readonly holds: Amount };
  readonly position?: {
    readonly event: EventDocument;
    readonly inside?: Area;
    readonly outside?: Area;
    readonly missed?: Area;
    readonly within?: Amount;
  };
  readonly alarm?: NearDocument & {
    readonly rule: readonly string[];
    readonly state?: readonly AlarmState[];
    readonly atLeast?: Amount;
  };
  readonly all?: readonly ConditionDocument[];
  readonly any?: readonly ConditionDocument[];
  readonly not?: ConditionDocument;
}

export interface EventDocument {
  readonly name: string;
  readonly where?: readonly { field: string; is?: readonly Scalar[]; atLeast?: Amount; atMost?: Amount }[];
}

/** A metric, or a field of an event. */
export interface SourceDocument {
  readonly metric?: string;
  readonly event?: EventDocument;
  readonly field?: string;
}

export interface CountDocument {
  readonly metric?: string;
  readonly event?: EventDocument;
}

export interface NearDocument {
  readonly near?: Place;
  readonly class?: readonly string[];
}

export interface TriggerDocument {
  readonly metric?: string;
  readonly is?: readonly Scalar[];
  readonly event?: EventDocument;
}
