/**
 * Small changes to a rule, each of which one of its traces must notice: a second longer, a little further, one more,
 * one part less. A rule whose threshold can move unnoticed is a rule that nobody has tested.
 */
import { AREAS } from "../core/route.ts";
import type {
  ConditionSpec,
  DifferenceSpec,
  EventMatch,
  Rule,
  ThresholdSpec,
  WindowSpec,
} from "../core/rule.ts";

export type Mutant = readonly [what: string, changed: Rule];

/** More than a trace's rounding to seconds, less than any two of its steps are apart. */
const SECOND = 1_000;
/** A window's edge is as exact as one of its 32 slots. */
const SLOT = 1 / 16;

export function mutants(rule: Rule): readonly Mutant[] {
  const { schedule, onDelay_ms, offDelay_ms } = rule;
  return [
    ["a longer on-delay", { ...rule, onDelay_ms: onDelay_ms + SECOND }],
    ["a longer off-delay", { ...rule, offDelay_ms: offDelay_ms + SECOND }],
    ...(onDelay_ms === 0 ? [] : [mutant("no on-delay", rule, { onDelay_ms: 0 })]),
    ...(offDelay_ms === 0 ? [] : [mutant("no off-delay", rule, { offDelay_ms: 0 })]),
    ...(rule.latching ? [mutant("no latching", rule, { latching: false })] : []),
    ...(schedule === undefined
      ? []
      : [
          mutant("the schedule turned round", rule, { schedule: { ...schedule, inside: !schedule.inside } }),
          mutant("no schedule", { ...rule, schedule: undefined } as unknown as Rule, {}),
        ]),
    ...conditionMutants(rule.condition).map(([what, condition]): Mutant => [what, { ...rule, condition }]),
  ];
}

const mutant = (what: string, rule: Rule, change: Partial<Rule>): Mutant => [what, { ...rule, ...change }];

type ConditionMutant = readonly [what: string, changed: ConditionSpec];

function conditionMutants(spec: ConditionSpec): readonly ConditionMutant[] {
  const change = <S extends ConditionSpec>(what: string, of: S, changed: Partial<S>): ConditionMutant => [
    `${of.kind}: ${what}`,
    { ...of, ...changed },
  ];
  switch (spec.kind) {
    case "threshold":
    case "difference":
      return limits(spec, Math.max(1, spec.deadband));
    case "state":
      return spec.is.length < 2
        ? []
        : spec.is.map((value) =>
            change(`without ${value}`, spec, { is: spec.is.filter((other) => other !== value) }),
          );
    case "unreachable":
      return [];
    case "flapping":
      return [
        change("once more", spec, { atLeast: spec.atLeast + 1 }),
        change("once less", spec, { atLeast: spec.atLeast - 1 }),
        change("a longer window", spec, { within_ms: spec.within_ms + SECOND }),
      ];
    case "absent":
      return [change("longer", spec, { for_ms: spec.for_ms + SECOND })];
    case "occurrences":
      return [
        change("one event more", spec, { atLeast: spec.atLeast + 1 }),
        ...(spec.atLeast === 1 ? [] : [change("one event less", spec, { atLeast: spec.atLeast - 1 })]),
        change("a longer window", spec, { within_ms: spec.within_ms + 2 * SECOND }),
        ...matchMutants(spec.match).map(([what, match]) => change(what, spec, { match })),
      ];
    case "fewer":
      return [
        change("one event more", spec, { fewerThan: spec.fewerThan + 1 }),
        change("one event less", spec, { fewerThan: spec.fewerThan - 1 }),
        change("a longer window", spec, { within_ms: spec.within_ms + 3_600 * SECOND }),
        change("a shorter window", spec, { within_ms: spec.within_ms - 3_600 * SECOND }),
      ];
    case "sequence":
      return [
        change("a longer hold", spec, { holds_ms: spec.holds_ms + SECOND }),
        change("further apart", spec, { apart_ms: spec.apart_ms + 200 * SECOND }),
        change("nearer together", spec, { apart_ms: SECOND }),
        change("a shorter time", spec, { within_ms: spec.within_ms / 4 }),
      ];
    case "unaccompanied":
      return [
        ...("metric" in spec.trigger
          ? [
              change("longer before", spec, { before_ms: spec.before_ms + 2 * SECOND }),
              change("shorter before", spec, { before_ms: spec.before_ms - 2 * SECOND }),
              change("shorter after", spec, { after_ms: spec.after_ms - SECOND }),
            ]
          : [
              change("a longer hold", spec, { holds_ms: spec.holds_ms + 10 * SECOND }),
              change("shorter after", spec, { after_ms: spec.after_ms - 10 * SECOND }),
            ]),
        ...(spec.until === undefined ? [] : [change("without until", spec, { until: "" })]),
        change("longer after", spec, { after_ms: spec.after_ms + 10 * SECOND }),
      ];
    case "window":
      return [
        ...limits(spec, windowStep(spec)),
        change("a longer window", spec, { over_ms: spec.over_ms * (1 + SLOT) }),
        change("a shorter window", spec, { over_ms: spec.over_ms * (1 - 4 * SLOT) }),
        ...("metric" in spec.source
          ? []
          : [
              change("one reading more", spec, { atLeast: spec.atLeast + 1 }),
              change("one reading less", spec, { atLeast: spec.atLeast - 1 }),
            ]),
      ];
    case "drift":
      return [
        change("further", spec, { by: spec.by * 1.5 }),
        change("less far", spec, { by: spec.by / 2 }),
        change("one reading more", spec, { atLeast: spec.atLeast + 1 }),
        change("one reading less", spec, { atLeast: spec.atLeast - 1 }),
        change("a longer memory", spec, { baseline: spec.baseline + 1 }),
        change("a shorter memory", spec, { baseline: spec.baseline - 1 }),
      ];
    case "imbalance":
      return [
        change("one more", spec, { by: spec.by + 1 }),
        change("one less", spec, { by: spec.by - 1 }),
        change("a longer window", spec, { within_ms: spec.within_ms + 2 * SECOND }),
        change("a shorter window", spec, { within_ms: spec.within_ms - 2 * SECOND }),
        change("a longer wait", spec, { settle_ms: spec.settle_ms + SECOND }),
        change("a shorter wait", spec, { settle_ms: spec.settle_ms - SECOND }),
      ];
    case "newcomer":
      return [
        change("a longer time to learn", spec, { learn_ms: spec.learn_ms * 2 }),
        change("nothing to learn", spec, { learn_ms: 0 }),
        change("a longer hold", spec, { holds_ms: spec.holds_ms + SECOND }),
      ];
    case "position":
      return [
        ...(spec.side === "missed"
          ? []
          : [change("the other side", spec, { side: spec.side === "inside" ? "outside" : "inside" })]),
        ...(spec.side !== "missed"
          ? []
          : [
              change("a longer time", spec, { within_ms: spec.within_ms + 60 * SECOND }),
              change("a shorter time", spec, { within_ms: spec.within_ms - 60 * SECOND }),
            ]),
        ...AREAS.filter((area) => area !== spec.area).map((area) => change(`${area}`, spec, { area })),
      ];
    case "alarm":
      return [
        change("one more", spec, { atLeast: spec.atLeast + 1 }),
        ...spec.rules.map((rule) =>
          change(`without ${rule}`, spec, { rules: spec.rules.filter((other) => other !== rule) }),
        ),
      ];
    case "not":
      return conditionMutants(spec.of).map(([what, of]): ConditionMutant => [what, { ...spec, of }]);
    case "all":
    case "any":
      return spec.of.flatMap((part, index): readonly ConditionMutant[] => [
        [`without part ${index + 1}`, { ...spec, of: spec.of.filter((_, other) => other !== index) }],
        ...conditionMutants(part).map(
          ([what, changed]): ConditionMutant => [
            `part ${index + 1}, ${what}`,
            { ...spec, of: spec.of.map((each, other) => (other === index ? changed : each)) },
          ],
        ),
      ]);
  }
}

function limits(spec: ThresholdSpec | DifferenceSpec | WindowSpec, step: number): readonly ConditionMutant[] {
  const away = (spec.side === "above" ? 2 : -2) * step;
  return [
    [`${spec.kind}: a wider limit`, { ...spec, limit: spec.limit + away }],
    [`${spec.kind}: a narrower limit`, { ...spec, limit: spec.limit - away / 2 }],
  ];
}

function windowStep({ statistic, limit }: WindowSpec): number {
  return statistic === "range" ? Math.max(0.05, limit / 2) : Math.max(0.5, limit / 8);
}

/** Without each of its tests, and without each value that a test allows beside others. */
function matchMutants(match: EventMatch): readonly (readonly [what: string, changed: EventMatch])[] {
  return match.where.flatMap((test, index) => {
    const others = match.where.filter((_, other) => other !== index);
    const values = test.is ?? [];
    return [
      [`without the test of ${test.field}`, { ...match, where: others }] as const,
      ...(values.length < 2 ? [] : values).map(
        (value) =>
          [
            `${test.field} not ${value}`,
            { ...match, where: [...others, { ...test, is: values.filter((each) => each !== value) }] },
          ] as const,
      ),
    ];
  });
}
