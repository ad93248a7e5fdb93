/** Looks up what a pack names: parameters, durations, metrics, events, device classes. Collects what it cannot find. */
import {
  DEVICE_CLASSES,
  type DeviceClass,
  eventDefinition,
  metricDefinition,
} from "@campus-ops/device-profiles/vocabulary";
import type { Scalar } from "./input.ts";
import type { Amount, CountDocument, EventDocument, NearDocument, SourceDocument } from "./pack-document.ts";
import type { CountSource, EventMatch, FieldTest, Nearness, Place, ReadingSource } from "./rule.ts";

/** What is wrong, and at which field of the document (`rules.3.condition.state.metric`). */
export interface CompileProblem {
  readonly field: string;
  readonly message: string;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `1.5h` → milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const unit = UNIT_MS[match?.[2] ?? ""];
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
}

export class Resolver {
  readonly problems: CompileProblem[] = [];
  readonly #parameters: Readonly<Record<string, Amount>>;

  constructor(parameters: Readonly<Record<string, Amount>>) {
    this.#parameters = parameters;
  }

  problem(field: string, message: string): void {
    this.problems.push({ field, message });
  }

  metric(name: string, field: string): string {
    if (metricDefinition(name) === undefined) {
      this.problem(field, `the capability dictionary has no metric ${JSON.stringify(name)}`);
    }
    return name;
  }

  /** Names a value that the metric never has. */
  values(metric: string, values: readonly Scalar[], field: string): void {
    const allowed = metricDefinition(metric)?.values;
    if (allowed === undefined || Object.keys(allowed).length === 0) return;
    for (const [index, value] of values.entries()) {
      if (!Object.hasOwn(allowed, String(value))) {
        const list = Object.keys(allowed).join(", ");
        this.problem(`${field}.${index}`, `${metric} never is ${JSON.stringify(value)}; it can be ${list}`);
      }
    }
  }

  match({ name, where }: EventDocument, field: string): EventMatch {
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
        ...(test.atLeast === undefined ? {} : { atLeast: this.number(test.atLeast, `${at}.atLeast`) }),
        ...(test.atMost === undefined ? {} : { atMost: this.number(test.atMost, `${at}.atMost`) }),
      };
    });
    return { event: name, where: tests };
  }

  source({ metric, event, field }: SourceDocument, at: string): ReadingSource {
    if (event === undefined) return { metric: this.metric(metric ?? "", `${at}.metric`) };
    const match = this.match(event, `${at}.event`);
    const definition = eventDefinition(event.name);
    if (field === undefined || (definition !== undefined && !Object.hasOwn(definition.fields, field))) {
      this.problem(`${at}.field`, `the event ${event.name} has no field ${field ?? "(none is named)"}`);
    }
    return { event: match, field: field ?? "" };
  }

  count({ metric, event }: CountDocument, at: string): CountSource {
    return event === undefined
      ? { metric: this.metric(metric ?? "", `${at}.metric`) }
      : { event: this.match(event, `${at}.event`) };
  }

  near({ near, class: names }: NearDocument, otherwise: Place, at: string): Nearness {
    const classes = this.classes(names, `${at}.class`);
    return { place: near ?? otherwise, ...(classes === undefined ? {} : { classes }) };
  }

  classes(names: readonly string[] | undefined, field: string): readonly DeviceClass[] | undefined {
    return names?.filter((each, index): each is DeviceClass => {
      const known = Object.hasOwn(DEVICE_CLASSES, each);
      if (!known) this.problem(`${field}.${index}`, `there is no device class ${each}`);
      return known;
    });
  }

  number(amount: Amount, field: string): number {
    const value = this.#resolve(amount, field);
    if (typeof value === "number") return value;
    if (value !== undefined) this.problem(field, `must be a number, not ${JSON.stringify(value)}`);
    return 0;
  }

  /** A whole number from 1 to `most`. */
  whole(amount: Amount, most: number, field: string): number {
    const value = this.number(amount, field);
    if (!Number.isInteger(value) || value < 1 || value > most) {
      this.problem(field, `must be a whole number from 1 to ${most}`);
    }
    return value;
  }

  duration(amount: Amount, field: string): number {
    const value = this.#resolve(amount, field);
    const duration = value === undefined ? 0 : parseDuration(String(value));
    if (duration === undefined) {
      this.problem(field, `must be a duration such as 500ms, 30s, 5m or 8h, not ${JSON.stringify(value)}`);
    }
    return duration ?? 0;
  }

  /** A duration that is longer than nothing. */
  span(amount: Amount, field: string): number {
    const duration = this.duration(amount, field);
    if (duration === 0) this.problem(field, "must be longer than nothing");
    return duration;
  }

  #resolve(amount: Amount, field: string): Amount | undefined {
    if (typeof amount !== "string" || !amount.startsWith("$")) return amount;
    const name = amount.slice(1);
    if (Object.hasOwn(this.#parameters, name)) return this.#parameters[name];
    this.problem(field, `the pack declares no parameter ${name}`);
    return undefined;
  }
}
