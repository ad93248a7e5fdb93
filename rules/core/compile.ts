/**
 * From a rule pack as it is written to rules as they run: parameters filled in, durations counted in milliseconds, and
 * everything looked up that a schema cannot know (does the dictionary have this metric, is this field in that event).
 */
import {
  CAPABILITIES,
  DEVICE_CLASSES,
  type DeviceClass,
  eventDefinition,
  type LocalText,
  metricDefinition,
} from "@campus-ops/device-profiles/vocabulary";
import type { Priority } from "../api.ts";
import type { Scalar } from "./input.ts";
import type { ConditionSpec, EventMatch, FieldTest, Rule, Trigger } from "./rule.ts";
import { eventMatches, metricsOf } from "./selection.ts";

/** A number or a duration, or the name of a parameter: `$retestGap`. */
export type Amount = number | string;

export interface PackDocument {
  readonly pack: string;
  readonly title: LocalText;
  readonly parameters?: Readonly<Record<string, Amount>>;
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
    readonly holds?: Amount;
  };
  readonly all?: readonly ConditionDocument[];
  readonly any?: readonly ConditionDocument[];
  readonly not?: ConditionDocument;
}

export interface EventDocument {
  readonly name: string;
  readonly where?: readonly { field: string; is?: readonly Scalar[]; atLeast?: Amount; atMost?: Amount }[];
}

export interface TriggerDocument {
  readonly metric?: string;
  readonly is?: readonly Scalar[];
  readonly event?: EventDocument;
}

/** What is wrong, and at which field of the document (`rules.3.condition.state.metric`). */
export interface CompileProblem {
  readonly field: string;
  readonly message: string;
}

export interface CompiledPack {
  readonly rules: readonly Rule[];
  readonly problems: readonly CompileProblem[];
}

/** What is older than this when it arrives is late, unless the rule says otherwise. */
export const LATENESS_MS = 120_000;
/** An event counted or remembered more often than this is a metric. */
export const OCCURRENCES_MAX = 100;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `1.5h` → milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const unit = UNIT_MS[match?.[2] ?? ""];
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
}

/** `windows`: those of the calendar, so that a rule is not written for a window that never opens. */
export function compilePack(
  pack: PackDocument,
  overrides: Readonly<Record<string, Amount>>,
  windows: ReadonlySet<string>,
): CompiledPack {
  const compiler = new Compiler({ ...pack.parameters, ...overrides }, windows);
  const rules = pack.rules.map((rule, index) => compiler.rule(pack.pack, rule, `rules.${index}`));
  const seen = new Set<string>();
  rules.forEach(({ id }, index) => {
    if (seen.has(id))
      compiler.problem(`rules.${index}.id`, `another rule of this pack is already called ${id}`);
    seen.add(id);
  });
  return { rules, problems: compiler.problems };
}

class Compiler {
  readonly problems: CompileProblem[] = [];
  readonly #parameters: Readonly<Record<string, Amount>>;
  readonly #windows: ReadonlySet<string>;

  constructor(parameters: Readonly<Record<string, Amount>>, windows: ReadonlySet<string>) {
    this.#parameters = parameters;
    this.#windows = windows;
  }

  problem(field: string, message: string): void {
    this.problems.push({ field, message });
  }

  rule(pack: string, document: RuleDocument, field: string): Rule {
    const { id, version, title, priority, selector, card } = document;
    const condition = this.#condition(document.condition, `${field}.condition`);
    this.#instance(document, condition, field);
    const classes = (
      names: readonly string[] | undefined,
      name: string,
    ): readonly DeviceClass[] | undefined =>
      names?.filter((each, index): each is DeviceClass => {
        const known = Object.hasOwn(DEVICE_CLASSES, each);
        if (!known) this.problem(`${field}.selector.${name}.${index}`, `there is no device class ${each}`);
        return known;
      });
    for (const [index, name] of (selector.capability ?? []).entries()) {
      if (!Object.hasOwn(CAPABILITIES, name)) {
        this.problem(`${field}.selector.capability.${index}`, `there is no capability ${name}`);
      }
    }
    const { during, outside } = document.schedule ?? {};
    const schedule = during ?? outside;
    for (const window of schedule ?? []) {
      if (!this.#windows.has(window)) {
        const known = [...this.#windows].join(", ");
        this.problem(`${field}.schedule`, `the calendar has no window ${window}; it has ${known}`);
      }
    }
    for (const [index, name] of (document.evidence ?? []).entries())
      this.#metric(name, `${field}.evidence.${index}`);
    return {
      id,
      version,
      pack,
      title,
      priority,
      selector: defined({
        classes: classes(selector.class, "class"),
        exceptClasses: classes(selector.except, "except"),
        within: selector.within,
        capabilities: selector.capability,
      }),
      condition,
      ...(schedule === undefined ? {} : { schedule: { inside: during !== undefined, windows: schedule } }),
      ...(document.instance === undefined ? {} : { instance: document.instance }),
      onDelay_ms: this.#duration(document.onDelay ?? "0s", `${field}.onDelay`),
      offDelay_ms: this.#duration(document.offDelay ?? "0s", `${field}.offDelay`),
      latching: document.latching ?? false,
      cause: document.cause ?? false,
      symptom: document.symptom ?? false,
      late: document.late ?? "record",
      lateness_ms: this.#duration(document.lateness ?? `${LATENESS_MS}ms`, `${field}.lateness`),
      card,
      respondWithin_ms: this.#duration(document.respondWithin, `${field}.respondWithin`),
      evidence: document.evidence ?? [],
    };
  }

  #instance({ instance }: RuleDocument, condition: ConditionSpec, field: string): void {
    const wild = metricsOf(condition).some((name) => name.includes("*"));
    if (wild !== (instance === "*")) {
      const message = wild
        ? 'the condition looks at instances of a metric (*), so instance must be "*"'
        : 'is "*", but no metric of the condition has a *';
      this.problem(`${field}.instance`, message);
    }
    if (instance === undefined || instance === "*") return;
    const matches = eventMatches(condition);
    if (matches.length === 0)
      this.problem(`${field}.instance`, "the condition has no event that could name an instance");
    for (const { event } of matches) {
      if (eventDefinition(event)?.fields[instance] === undefined) {
        this.problem(`${field}.instance`, `the event ${event} has no field ${instance}`);
      }
    }
  }

  #condition(document: ConditionDocument, field: string): ConditionSpec {
    const { state, threshold, absent, event, sequence, unaccompanied, all, any, not } = document;
    if (state !== undefined) {
      this.#values(state.metric, state.is, `${field}.state.is`);
      this.#metric(state.metric, `${field}.state.metric`);
      return { kind: "state", ...state };
    }
    if (threshold !== undefined) {
      const at = `${field}.threshold`;
      this.#metric(threshold.metric, `${at}.metric`);
      const side = threshold.above === undefined ? "below" : "above";
      return {
        kind: "threshold",
        metric: threshold.metric,
        side,
        limit: this.#number(threshold.above ?? threshold.below ?? 0, `${at}.${side}`),
        deadband: this.#number(threshold.deadband ?? 0, `${at}.deadband`),
      };
    }
    if (absent !== undefined) {
      if (absent.metric !== undefined) this.#metric(absent.metric, `${field}.absent.metric`);
      return {
        kind: "absent",
        ...(absent.metric === undefined ? {} : { metric: absent.metric }),
        for_ms: this.#duration(absent.for, `${field}.absent.for`),
      };
    }
    if (event !== undefined) {
      const at = `${field}.event`;
      const atLeast = this.#number(event.atLeast ?? 1, `${at}.atLeast`);
      if (!Number.isInteger(atLeast) || atLeast < 1 || atLeast > OCCURRENCES_MAX) {
        this.problem(`${at}.atLeast`, `must be a whole number from 1 to ${OCCURRENCES_MAX}`);
      }
      const within_ms = this.#duration(event.within, `${at}.within`);
      return { kind: "occurrences", match: this.#match(event, at), atLeast, within_ms };
    }
    if (sequence !== undefined) {
      const at = `${field}.sequence`;
      return {
        kind: "sequence",
        steps: sequence.steps.map((step, index) => this.#match(step, `${at}.steps.${index}`)),
        apart_ms: this.#duration(sequence.apart ?? "0s", `${at}.apart`),
        within_ms: this.#duration(sequence.within, `${at}.within`),
        holds_ms: this.#duration(sequence.holds, `${at}.holds`),
      };
    }
    if (unaccompanied !== undefined) {
      const at = `${field}.unaccompanied`;
      return {
        kind: "unaccompanied",
        trigger: this.#trigger(unaccompanied.trigger, `${at}.trigger`),
        by: unaccompanied.by.map((each, index) => this.#trigger(each, `${at}.by.${index}`)),
        before_ms: this.#duration(unaccompanied.before ?? "0s", `${at}.before`),
        after_ms: this.#duration(unaccompanied.after, `${at}.after`),
        holds_ms: this.#duration(unaccompanied.holds ?? "10m", `${at}.holds`),
      };
    }
    for (const [kind, of] of [["all", all] as const, ["any", any] as const]) {
      if (of !== undefined) {
        return { kind, of: of.map((each, index) => this.#condition(each, `${field}.${kind}.${index}`)) };
      }
    }
    return not === undefined
      ? { kind: "unreachable" }
      : { kind: "not", of: this.#condition(not, `${field}.not`) };
  }

  #trigger({ metric, is, event }: TriggerDocument, field: string): Trigger {
    if (event !== undefined) return { event: this.#match(event, `${field}.event`) };
    this.#metric(metric ?? "", `${field}.metric`);
    return { metric: metric ?? "", is: is ?? [true] };
  }

  #match({ name, where }: EventDocument, field: string): EventMatch {
    const definition = eventDefinition(name);
    if (definition === undefined)
      this.problem(`${field}.name`, `the capability dictionary has no event ${name}`);
    const tests = (where ?? []).map((test, index): FieldTest => {
      const at = `${field}.where.${index}`;
      if (definition !== undefined && !Object.hasOwn(definition.fields, test.field)) {
        this.problem(`${at}.field`, `the event ${name} has no field ${test.field}`);
      }
      return {
        field: test.field,
        ...(test.is === undefined ? {} : { is: test.is }),
        ...(test.atLeast === undefined ? {} : { atLeast: this.#number(test.atLeast, `${at}.atLeast`) }),
        ...(test.atMost === undefined ? {} : { atMost: this.#number(test.atMost, `${at}.atMost`) }),
      };
    });
    return { event: name, where: tests };
  }

  #metric(name: string, field: string): void {
    if (metricDefinition(name) === undefined) {
      this.problem(field, `the capability dictionary has no metric ${JSON.stringify(name)}`);
    }
  }

  #values(metric: string, values: readonly Scalar[], field: string): void {
    const allowed = metricDefinition(metric)?.values;
    if (allowed === undefined || Object.keys(allowed).length === 0) return;
    for (const [index, value] of values.entries()) {
      if (!Object.hasOwn(allowed, String(value))) {
        const list = Object.keys(allowed).join(", ");
        this.problem(`${field}.${index}`, `${metric} never is ${JSON.stringify(value)}; it can be ${list}`);
      }
    }
  }

  #number(amount: Amount, field: string): number {
    const value = this.#resolve(amount, field);
    if (typeof value === "number") return value;
    if (value !== undefined) this.problem(field, `must be a number, not ${JSON.stringify(value)}`);
    return 0;
  }

  #duration(amount: Amount, field: string): number {
    const value = this.#resolve(amount, field);
    const duration = value === undefined ? 0 : parseDuration(String(value));
    if (duration === undefined) {
      this.problem(field, `must be a duration such as 500ms, 30s, 5m or 8h, not ${JSON.stringify(value)}`);
    }
    return duration ?? 0;
  }

  #resolve(amount: Amount, field: string): Amount | undefined {
    if (typeof amount !== "string" || !amount.startsWith("$")) return amount;
    const name = amount.slice(1);
    if (Object.hasOwn(this.#parameters, name)) return this.#parameters[name];
    this.problem(field, `the pack declares no parameter ${name}`);
    return undefined;
  }
}

function defined<T extends object>(record: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
