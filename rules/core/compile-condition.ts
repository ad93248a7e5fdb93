/** From a condition as it is written to one as the core runs it. */
import { DataType, eventDefinition } from "@campus-ops/device-profiles/vocabulary";
import type { Amount, ConditionDocument, TriggerDocument } from "./pack-document.ts";
import type { Resolver } from "./resolve.ts";
import type { ConditionSpec, Trigger } from "./rule.ts";

/** An event counted or remembered more often than this is a metric. */
export const OCCURRENCES_MAX = 100;
/** Readings of an event that a window or a drift may ask for. */
export const READINGS_MAX = 10_000;
/** Periods that a drift may look back. */
export const BASELINE_PERIODS_MAX = 31;

type Parts = { readonly [K in keyof ConditionDocument]-?: NonNullable<ConditionDocument[K]> };
type Compile<K extends keyof Parts> = (part: Parts[K], at: string, resolve: Resolver) => ConditionSpec;

const COMPILERS: { readonly [K in keyof Parts]: Compile<K> } = {
  state: (state, at, resolve) => {
    resolve.values(state.metric, state.is, `${at}.is`);
    resolve.metric(state.metric, `${at}.metric`);
    return { kind: "state", ...state };
  },
  threshold: (threshold, at, resolve) => ({
    kind: "threshold",
    metric: resolve.metric(threshold.metric, `${at}.metric`),
    ...limitOf(threshold, at, resolve),
  }),
  unreachable: () => ({ kind: "unreachable" }),
  flapping: (flapping, at, resolve) => ({
    kind: "flapping",
    atLeast: resolve.whole(flapping.atLeast, OCCURRENCES_MAX, `${at}.atLeast`),
    within_ms: resolve.span(flapping.within, `${at}.within`),
  }),
  absent: (absent, at, resolve) => ({
    kind: "absent",
    ...(absent.metric === undefined ? {} : { metric: resolve.metric(absent.metric, `${at}.metric`) }),
    for_ms: resolve.duration(absent.for, `${at}.for`),
  }),
  event: (event, at, resolve) => ({
    kind: "occurrences",
    match: resolve.match(event, at),
    atLeast: resolve.whole(event.atLeast ?? 1, OCCURRENCES_MAX, `${at}.atLeast`),
    within_ms: resolve.duration(event.within, `${at}.within`),
  }),
  fewer: (fewer, at, resolve) => ({
    kind: "fewer",
    match: resolve.match(fewer, at),
    fewerThan: resolve.whole(fewer.than, OCCURRENCES_MAX, `${at}.than`),
    within_ms: resolve.span(fewer.within, `${at}.within`),
  }),
  sequence: (sequence, at, resolve) => ({
    kind: "sequence",
    steps: sequence.steps.map((step, index) => resolve.match(step, `${at}.steps.${index}`)),
    apart_ms: resolve.duration(sequence.apart ?? "0s", `${at}.apart`),
    within_ms: resolve.duration(sequence.within, `${at}.within`),
    holds_ms: resolve.duration(sequence.holds, `${at}.holds`),
  }),
  unaccompanied: (unaccompanied, at, resolve) => ({
    kind: "unaccompanied",
    trigger: triggerOf(unaccompanied.trigger, `${at}.trigger`, resolve),
    by: unaccompanied.by.map((each, index) => triggerOf(each, `${at}.by.${index}`, resolve)),
    before_ms: resolve.duration(unaccompanied.before ?? "0s", `${at}.before`),
    after_ms: resolve.duration(unaccompanied.after, `${at}.after`),
    holds_ms: resolve.duration(unaccompanied.holds ?? "10m", `${at}.holds`),
    ...(unaccompanied.until === undefined
      ? {}
      : { until: momentOf(unaccompanied.trigger, unaccompanied.until, `${at}.until`, resolve) }),
  }),
  window: (window, at, resolve) => ({
    kind: "window",
    source: resolve.source(window, at),
    statistic: window.statistic,
    over_ms: resolve.span(window.over, `${at}.over`),
    ...limitOf(window, at, resolve),
    inclusive: false,
    atLeast: resolve.whole(window.atLeast ?? 1, READINGS_MAX, `${at}.atLeast`),
  }),
  rate: (rate, at, resolve) => ({
    kind: "window",
    source: resolve.source(rate, at),
    statistic: rate.rises === undefined ? "fall" : "rise",
    over_ms: resolve.span(rate.over, `${at}.over`),
    side: "above",
    limit: resolve.number(
      rate.rises ?? rate.falls ?? 0,
      `${at}.${rate.rises === undefined ? "falls" : "rises"}`,
    ),
    deadband: 0,
    inclusive: true,
    atLeast: 1,
  }),
  stuck: (stuck, at, resolve) => ({
    kind: "window",
    source: resolve.source(stuck, at),
    statistic: "range",
    over_ms: resolve.span(stuck.for, `${at}.for`),
    side: "below",
    limit: resolve.number(stuck.within ?? 0, `${at}.within`),
    deadband: 0,
    inclusive: true,
    atLeast: resolve.whole(stuck.atLeast ?? 1, READINGS_MAX, `${at}.atLeast`),
  }),
  drift: (drift, at, resolve) => {
    const by = resolve.number(drift.by, `${at}.by`);
    if (!(by > 0)) resolve.problem(`${at}.by`, "must be above 0", "必须大于 0");
    return {
      kind: "drift",
      source: resolve.source(drift, at),
      over_ms: resolve.span(drift.over, `${at}.over`),
      baseline: resolve.whole(drift.baseline, BASELINE_PERIODS_MAX, `${at}.baseline`),
      by,
      atLeast: resolve.whole(drift.atLeast ?? 1, READINGS_MAX, `${at}.atLeast`),
    };
  },
  difference: (difference, at, resolve) => ({
    kind: "difference",
    of: resolve.metric(difference.of, `${at}.of`),
    less: difference.less.map((name, index) => resolve.metric(name, `${at}.less.${index}`)),
    ...limitOf(difference, at, resolve),
  }),
  imbalance: ({ more, than, within, settle, by }, at, resolve) => ({
    kind: "imbalance",
    more: resolve.count(more, `${at}.more`),
    than: resolve.count(than, `${at}.than`),
    near: resolve.near(than, "space", `${at}.than`),
    within_ms: resolve.span(within, `${at}.within`),
    settle_ms: resolve.duration(settle ?? "5s", `${at}.settle`),
    by: resolve.whole(by ?? 1, OCCURRENCES_MAX, `${at}.by`),
  }),
  newcomer: (newcomer, at, resolve) => ({
    kind: "newcomer",
    metric: resolve.metric(newcomer.metric, `${at}.metric`),
    learn_ms: resolve.duration(newcomer.learn, `${at}.learn`),
    holds_ms: resolve.span(newcomer.holds, `${at}.holds`),
  }),
  position: ({ event, inside, outside, missed, within }, at, resolve) => {
    const fields = eventDefinition(event.name)?.fields;
    if (fields !== undefined && !(Object.hasOwn(fields, "latitude") && Object.hasOwn(fields, "longitude")))
      resolve.problem(
        `${at}.event.name`,
        `the event ${event.name} tells no position`,
        `事件 ${event.name} 不含位置`,
      );
    return {
      kind: "position",
      match: resolve.match(event, `${at}.event`),
      side: missed !== undefined ? "missed" : outside !== undefined ? "outside" : "inside",
      area: missed ?? outside ?? inside ?? "route",
      within_ms: missed === undefined ? 0 : resolve.span(within ?? "0s", `${at}.within`),
    };
  },
  alarm: (alarm, at, resolve) => ({
    kind: "alarm",
    rules: alarm.rule,
    ...(alarm.state === undefined ? {} : { states: alarm.state }),
    near: resolve.near(alarm, "device", at),
    atLeast: resolve.whole(alarm.atLeast ?? 1, OCCURRENCES_MAX, `${at}.atLeast`),
  }),
  all: (of, at, resolve) => ({
    kind: "all",
    of: of.map((each, index) => compileCondition(each, `${at}.${index}`, resolve)),
  }),
  any: (of, at, resolve) => ({
    kind: "any",
    of: of.map((each, index) => compileCondition(each, `${at}.${index}`, resolve)),
  }),
  not: (of, at, resolve) => ({ kind: "not", of: compileCondition(of, at, resolve) }),
};

/** The schema has seen to it that exactly one kind is there. */
export function compileCondition(
  document: ConditionDocument,
  field: string,
  resolve: Resolver,
): ConditionSpec {
  for (const kind of Object.keys(document)) {
    if (isKind(kind)) return compilePart(kind, document as Parts, `${field}.${kind}`, resolve);
  }
  return { kind: "unreachable" };
}

function compilePart<K extends keyof Parts>(
  kind: K,
  parts: Pick<Parts, K>,
  at: string,
  resolve: Resolver,
): ConditionSpec {
  const compile: Compile<K> = COMPILERS[kind];
  return compile(parts[kind], at, resolve);
}

const isKind = (name: string): name is keyof Parts => Object.hasOwn(COMPILERS, name);

function limitOf(
  { above, below, deadband }: { above?: Amount; below?: Amount; deadband?: Amount },
  at: string,
  resolve: Resolver,
): { readonly side: "above" | "below"; readonly limit: number; readonly deadband: number } {
  const side = above === undefined ? "below" : "above";
  return {
    side,
    limit: resolve.number(above ?? below ?? 0, `${at}.${side}`),
    deadband: resolve.number(deadband ?? 0, `${at}.deadband`),
  };
}

/** A field of the trigger's event that holds a moment. */
function momentOf({ event }: TriggerDocument, field: string, at: string, resolve: Resolver): string {
  const fields = event === undefined ? undefined : eventDefinition(event.name)?.fields;
  if (fields?.[field]?.datatype !== DataType.DateTime)
    resolve.problem(
      at,
      `the trigger is no event with a moment in a field ${field}`,
      `触发条件不是带有时刻字段 ${field} 的事件`,
    );
  return field;
}

function triggerOf({ metric, is, event }: TriggerDocument, field: string, resolve: Resolver): Trigger {
  if (event !== undefined) return { event: resolve.match(event, `${field}.event`) };
  return { metric: resolve.metric(metric ?? "", `${field}.metric`), is: is ?? [true] };
}
