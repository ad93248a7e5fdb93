/**
 * Plays a compact trace through the real core and says what became of the rule under test. A second of the trace is a
 * CLOCK entry, as in a quiet journal.
 */
import {
  type DeviceClass,
  GOOD,
  type Quality,
  type QualityReason,
} from "@campus-ops/device-profiles/vocabulary";
import { type Calendar, cycleCalendar, DAY_MS, type Span, STANDARD_WINDOWS } from "../core/calendar.ts";
import { Engine } from "../core/engine.ts";
import type { Input, SampleInput, Scalar } from "../core/input.ts";
import { parseDuration } from "../core/resolve.ts";
import { type RouteDocument, routeOf } from "../core/route.ts";
import type { Rule } from "../core/rule.ts";
import { looksAtPositions, metricsOf } from "../core/selection.ts";
import type { AlarmRecord } from "../core/view.ts";

export interface PackTests {
  readonly pack: string;
  readonly cases: readonly TraceCase[];
}

export interface TraceCase {
  readonly rule: string;
  readonly title: string;
  readonly device: DeviceClass;
  readonly upstream?: boolean;
  /** Other devices in the same space, by id. */
  readonly peers?: Readonly<Record<string, DeviceClass>>;
  /** Between CLOCK entries; a second unless said. */
  readonly tick?: string;
  readonly windows?: Readonly<Record<string, readonly (readonly [string, string])[]>>;
  readonly route?: RouteDocument;
  readonly trace: readonly TraceStep[];
  readonly expect: readonly string[];
}

export interface TraceStep {
  readonly at: string;
  /** A peer's id; the device under test unless said. */
  readonly on?: string;
  /** So many times, `every` so long after the one before. */
  readonly repeat?: number;
  readonly every?: string;
  readonly set?: Readonly<Record<string, Scalar>>;
  readonly event?: string;
  readonly fields?: Readonly<Record<string, Scalar>>;
  readonly quality?: QualityReason;
  readonly late?: string;
  readonly device?: "online" | "offline" | "box-online" | "box-offline" | "upstream-offline";
}

/** Monday 2026-09-07, 08:00 in China. */
const BEGIN = Date.UTC(2026, 8, 7, 0, 0, 0);
const BOX = "school/box-1";
const DEVICE = `${BOX}/device`;
const UPSTREAM = `${BOX}/upstream`;
/** A case says when they are open. */
export const TRACE_WINDOWS = STANDARD_WINDOWS;

const SECOND = 1_000;

/** `<offset> <from> → <to>` for each transition of the case's rule, hub time. */
export function playTrace(
  rules: readonly Rule[],
  test: TraceCase,
  onAlarm?: (alarm: AlarmRecord) => void,
): readonly string[] {
  const rule = rules.find(({ id }) => id === test.rule);
  if (rule === undefined) throw new Error(`there is no rule ${test.rule}`);
  const engine = new Engine({
    rules: rules.map((each) => routed(each, test.route)),
    calendar: calendarOf(test),
    campusPath: (campus) => campus,
    grace_ms: 30 * SECOND,
  });
  const subject = test.device === "edge-box" ? BOX : DEVICE;
  const seen: string[] = [];
  let seq = 0;
  const feed = (input: WithoutSeq): void => {
    seq += 1;
    for (const effect of engine.step({ ...input, seq } as Input)) {
      if (
        effect.kind !== "transition" ||
        effect.alarm.rule !== test.rule ||
        effect.transition.from === effect.transition.to
      )
        continue;
      const { at, from, to } = effect.transition;
      onAlarm?.(effect.alarm);
      seen.push(`${(at - BEGIN) / SECOND}s ${from} → ${to}`);
    }
  };

  const born = [
    BOX,
    ...(test.upstream === true ? [UPSTREAM] : []),
    ...Object.keys(test.peers ?? {}).map((id) => `${BOX}/${id}`),
    ...(subject === DEVICE ? [DEVICE] : []),
  ];
  for (const address of born) feed(birth(address, BEGIN, test, rule, subject));

  const tick = offset(test.tick ?? "1s");
  let now = BEGIN;
  for (const step of test.trace.flatMap(repeated)) {
    const at = BEGIN + step.offset;
    if (at < now) throw new Error(`${test.title}: the trace goes back in time at ${step.at}`);
    for (now += tick; now < at; now += tick) feed({ kind: "clock", receivedAt: now });
    now = at;
    feed(inputOf(step, at, subject, test, rule));
  }
  return seen;
}

function repeated(step: TraceStep): readonly (TraceStep & { readonly offset: number })[] {
  const [first, every] = [offset(step.at), offset(step.every ?? "0s")];
  return Array.from({ length: step.repeat ?? 1 }, (_, index) => ({ ...step, offset: first + index * every }));
}

type WithoutSeq = Input extends infer Each ? (Each extends Input ? Omit<Each, "seq"> : never) : never;

function inputOf(step: TraceStep, at: number, subject: string, test: TraceCase, rule: Rule): WithoutSeq {
  const quality: Quality = step.quality === undefined ? GOOD : { status: "bad", reason: step.quality };
  const eventTime = at - (step.late === undefined ? 0 : offset(step.late));
  const historical = step.late !== undefined;
  switch (step.device) {
    case "offline":
      return { kind: "death", address: subject, receivedAt: at };
    case "box-offline":
      return { kind: "death", address: BOX, receivedAt: at };
    case "upstream-offline":
      return { kind: "death", address: UPSTREAM, receivedAt: at };
    case "box-online":
      return birth(BOX, at, test, rule, subject);
    case "online":
      return birth(subject, at, test, rule, subject, step.set);
    default:
  }
  const samples = Object.entries(step.set ?? {}).map(
    ([name, value]): SampleInput => ({ name, value, quality, eventTime, historical }),
  );
  const { event, fields } = step;
  if (event === undefined && samples.length === 0) return { kind: "clock", receivedAt: at };
  const events =
    event === undefined
      ? []
      : [{ name: event, id: `${at}`, fields: fields ?? {}, quality, eventTime, historical }];
  const address = step.on === undefined ? subject : `${BOX}/${step.on}`;
  return { kind: "data", address, receivedAt: at, samples, events };
}

/** A birth that has what the trace sets and the rule looks at, nothing of it read yet. */
function birth(
  address: string,
  at: number,
  test: TraceCase,
  rule: Rule,
  subject: string,
  values: Readonly<Record<string, Scalar>> = {},
): WithoutSeq {
  const peer = address.split("/").at(-1) ?? "";
  const classOf =
    address === UPSTREAM ? "switch" : address === BOX ? "edge-box" : (test.peers?.[peer] ?? test.device);
  const own = address === subject;
  const names = new Set([
    ...(own ? metricsOf(rule.condition).filter((name) => !name.includes("*")) : []),
    ...(own ? rule.evidence : []),
    ...test.trace
      .filter(({ on }) => (own ? on === undefined : on === peer))
      .flatMap(({ set }) => Object.keys(set ?? {})),
  ]);
  const property = (name: string, value: string): SampleInput => ({
    name: `Properties/${name}`,
    value,
    quality: GOOD,
    eventTime: at,
    historical: false,
  });
  const dependsOn = test.upstream === true && address === DEVICE ? [property("DependsOn", "upstream")] : [];
  const unread: Quality = { status: "bad", reason: "not-read" };
  const samples = [...names].map((name): SampleInput => {
    const value = values[name] ?? null;
    return { name, value, quality: value === null ? unread : GOOD, eventTime: at, historical: false };
  });
  return {
    kind: "birth",
    address,
    receivedAt: at,
    samples: [property("Class", classOf), property("Path", "990100/990101/school"), ...dependsOn, ...samples],
  };
}

function routed(rule: Rule, route: RouteDocument | undefined): Rule {
  if (route === undefined || !looksAtPositions(rule.condition)) return rule;
  return { ...rule, routes: { [DEVICE]: routeOf(route) } };
}

function calendarOf(test: TraceCase): Calendar {
  const windows: Record<string, Span[]> = Object.fromEntries(TRACE_WINDOWS.map((name) => [name, []]));
  for (const [name, spans] of Object.entries(test.windows ?? {})) {
    windows[name] = spans.map(([from, to]) => [offset(from), offset(to)]);
  }
  return cycleCalendar({ period_ms: DAY_MS, anchor: BEGIN, windows });
}

function offset(text: string): number {
  const duration = parseDuration(text);
  if (duration === undefined) throw new Error(`${JSON.stringify(text)} is no offset such as 90s or 5m`);
  return duration;
}
