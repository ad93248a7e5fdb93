/** Which rules watch which devices, and by what: worked out when a device is born, looked up for every sample. */
import {
  type EventName,
  isWithin,
  type MetricName,
  parseMetricName,
} from "@campus-ops/device-profiles/vocabulary";
import { withInstance } from "./conditions/condition.ts";
import type { Device, Series } from "./device.ts";
import type { Monitor } from "./monitor.ts";
import type {
  AlarmStateSpec,
  ConditionSpec,
  EventMatch,
  ImbalanceSpec,
  Rule,
  Selector,
  Trigger,
} from "./rule.ts";
import { isWiring } from "./wiring.ts";

export function selects(selector: Selector, device: Device): boolean {
  const { classes, exceptClasses, within, capabilities } = selector;
  const { facts } = device;
  return (
    (classes === undefined || classes.includes(facts.class)) &&
    !(exceptClasses?.includes(facts.class) ?? false) &&
    (within === undefined || within.some((scope) => isWithin(facts.path, scope))) &&
    (capabilities ?? []).every((capability) =>
      device.metrics.some((name) => parseMetricName(name)?.capability === capability),
    )
  );
}

/** Every metric a condition looks at, `*` for any instance. */
export function metricsOf(spec: ConditionSpec): readonly MetricName[] {
  switch (spec.kind) {
    case "state":
    case "threshold":
      return [spec.metric];
    case "absent":
      return spec.metric === undefined ? [] : [spec.metric];
    case "unreachable":
    case "flapping":
      return ["Connectivity/Online"];
    case "occurrences":
    case "sequence":
      return [];
    case "unaccompanied":
      return [spec.trigger, ...spec.by].flatMap((each) => ("metric" in each ? [each.metric] : []));
    case "window":
    case "drift":
      return "metric" in spec.source ? [spec.source.metric] : [];
    case "difference":
      return [spec.of, ...spec.less];
    case "newcomer":
      return [spec.metric];
    case "imbalance":
      return "metric" in spec.more ? [spec.more.metric] : [];
    case "fewer":
    case "position":
    case "alarm":
      return [];
    case "all":
    case "any":
      return spec.of.flatMap(metricsOf);
    case "not":
      return metricsOf(spec.of);
  }
}

/** Every event a condition listens to. */
export function eventMatches(spec: ConditionSpec): readonly EventMatch[] {
  const ofTrigger = (trigger: Trigger): readonly EventMatch[] => ("event" in trigger ? [trigger.event] : []);
  switch (spec.kind) {
    case "occurrences":
    case "fewer":
    case "position":
      return [spec.match];
    case "window":
    case "drift":
      return "metric" in spec.source ? [] : [spec.source.event];
    case "imbalance":
      return "event" in spec.more ? [spec.more.event] : [];
    case "sequence":
      return spec.steps;
    case "unaccompanied":
      return [spec.trigger, ...spec.by].flatMap(ofTrigger);
    case "all":
    case "any":
      return spec.of.flatMap(eventMatches);
    case "not":
      return eventMatches(spec.of);
    default:
      return [];
  }
}

/**
 * The instances of a rule that a device has by its birth: one for each match of `*`; none yet where the events will
 * tell; and a single one for everything else, if the device has what the condition looks at.
 */
export function instancesOf(rule: Rule, device: Device): readonly (string | undefined)[] {
  const metrics = metricsOf(rule.condition);
  if (rule.instance === "*") {
    const found = new Set<string>();
    for (const pattern of metrics) {
      const wanted = parseMetricName(pattern);
      for (const name of device.metrics) {
        const { capability, metric, instance } = parseMetricName(name) ?? {};
        if (instance !== undefined && capability === wanted?.capability && metric === wanted?.metric)
          found.add(instance);
      }
    }
    return [...found];
  }
  if (rule.instance !== undefined) return rule.expected?.[device.key] ?? [];
  const concerned =
    eventMatches(rule.condition).length > 0 ||
    metrics.length === 0 ||
    needsNoMetric(rule.condition) ||
    metrics.some((name) => device.metrics.includes(name));
  return concerned ? [undefined] : [];
}

function needsNoMetric(spec: ConditionSpec): boolean {
  if (spec.kind === "unreachable" || spec.kind === "flapping" || spec.kind === "alarm") return true;
  if (spec.kind === "all" || spec.kind === "any") return spec.of.some(needsNoMetric);
  return spec.kind === "not" && needsNoMetric(spec.of);
}

export function looksAtPositions(spec: ConditionSpec): boolean {
  if (spec.kind === "all" || spec.kind === "any") return spec.of.some(looksAtPositions);
  return spec.kind === "position" || (spec.kind === "not" && looksAtPositions(spec.of));
}

/** The parts of a condition that look beyond their own device. */
export function partsNearBy(spec: ConditionSpec): readonly (ImbalanceSpec | AlarmStateSpec)[] {
  if (spec.kind === "imbalance" || spec.kind === "alarm") return [spec];
  if (spec.kind === "all" || spec.kind === "any") return spec.of.flatMap(partsNearBy);
  return spec.kind === "not" ? partsNearBy(spec.of) : [];
}

function listensToAnything(spec: ConditionSpec): boolean {
  if (spec.kind === "absent") return spec.metric === undefined;
  if (spec.kind === "all" || spec.kind === "any") return spec.of.some(listensToAnything);
  return spec.kind === "not" && listensToAnything(spec.of);
}

/** One metric of a device, and who looks at it. */
export interface Watched {
  readonly series: Series;
  readonly monitors: readonly Monitor[];
  /** It says who is connected to whom. */
  readonly wiring: boolean;
}

/** For one device: who is to be told of a sample, and which rules of an event. */
export interface Plan {
  readonly watched: ReadonlyMap<MetricName, Watched>;
  readonly eventRules: ReadonlyMap<EventName, readonly Rule[]>;
  /** Those for whom anything at all from the device is news. */
  readonly listeners: readonly Monitor[];
  /** The metric is looked at by somebody who is not of this device. */
  ensure(name: MetricName): void;
  watch(monitor: Monitor): void;
  unwatch(monitor: Monitor): void;
}

export function planFor(device: Device, rules: readonly Rule[], monitors: readonly Monitor[] = []): Plan {
  const watched = new Map<MetricName, Watched & { readonly monitors: Monitor[] }>();
  const eventRules = new Map<EventName, Rule[]>();
  const listeners: Monitor[] = [];
  for (const rule of rules) {
    if (!selects(rule.selector, device)) continue;
    for (const event of new Set(eventMatches(rule.condition).map((match) => match.event))) {
      const listeners = eventRules.get(event);
      if (listeners === undefined) eventRules.set(event, [rule]);
      else listeners.push(rule);
    }
    for (const name of rule.evidence) device.watch(name);
  }
  const namesOf = (monitor: Monitor): ReadonlySet<MetricName> =>
    new Set(metricsOf(monitor.rule.condition).map((name) => withInstance(name, monitor.instance)));
  const ensure = (name: MetricName): Monitor[] => {
    let known = watched.get(name);
    if (known === undefined) {
      known = { series: device.watch(name), monitors: [], wiring: isWiring(name) };
      watched.set(name, known);
    }
    return known.monitors;
  };
  for (const name of [...device.series.keys(), ...device.metrics.filter(isWiring)]) ensure(name);
  const plan: Plan = {
    watched,
    ensure,
    eventRules,
    listeners,
    watch: (monitor) => {
      if (listensToAnything(monitor.rule.condition)) listeners.push(monitor);
      for (const name of namesOf(monitor)) ensure(name).push(monitor);
    },
    unwatch: (monitor) => {
      for (const name of namesOf(monitor)) {
        const list = ensure(name);
        list.splice(list.indexOf(monitor), 1);
      }
    },
  };
  for (const monitor of monitors) plan.watch(monitor);
  return plan;
}
