/** Looks up what a pack names: parameters, durations, metrics, events, device classes. Collects what it cannot find. */
import {
  DEVICE_CLASSES,
  type DeviceClass,
  eventDefinition,
  type LocalText,
  metricDefinition,
} from "@campus-ops/device-profiles/vocabulary";
import type { Scalar } from "./input.ts";
import type { Amount, CountDocument, EventDocument, NearDocument, SourceDocument } from "./pack-document.ts";
import type { CountSource, EventMatch, FieldTest, Nearness, Place, ReadingSource } from "./rule.ts";

/** What is wrong, and at which field of the document (`rules.3.condition.state.metric`). */
export interface CompileProblem extends LocalText {
  readonly field: string;
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

  problem(field: string, en: string, zh: string): void {
    this.problems.push({ field, en, zh });
  }

  metric(name: string, field: string): string {
    if (metricDefinition(name) === undefined) {
      const quoted = JSON.stringify(name);
      this.problem(
        field,
        `the capability dictionary has no metric ${quoted}`,
        `能力词典中没有指标 ${quoted}`,
      );
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
        const quoted = JSON.stringify(value);
        this.problem(
          `${field}.${index}`,
          `${metric} never is ${quoted}; it can be ${list}`,
          `${metric} 没有取值 ${quoted}，可以是 ${list}`,
        );
      }
    }
  }

  match({ name, where }: EventDocument, field: string): EventMatch {
    const definition = eventDefinition(name);
    if (definition === undefined)
      this.problem(
        `${field}.name`,
        `the capability dictionary has no event ${name}`,
        `能力词典中没有事件 ${name}`,
      );
    const tests = (where ?? []).map((test, index): FieldTest => {
      const at = `${field}.where.${index}`;
      if (definition !== undefined && !Object.hasOwn(definition.fields, test.field)) {
        this.#noField(name, test.field, `${at}.field`);
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
      if (field === undefined)
        this.problem(
          `${at}.field`,
          `must name a field of the event ${event.name}`,
          `须写明事件 ${event.name} 的字段`,
        );
      else this.#noField(event.name, field, `${at}.field`);
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
      if (!known)
        this.problem(`${field}.${index}`, `there is no device class ${each}`, `没有设备类别 ${each}`);
      return known;
    });
  }

  number(amount: Amount, field: string): number {
    const value = this.#resolve(amount, field);
    if (typeof value === "number") return value;
    const quoted = JSON.stringify(value);
    if (value !== undefined)
      this.problem(field, `must be a number, not ${quoted}`, `须为数字，而不是 ${quoted}`);
    return 0;
  }

  /** A whole number from 1 to `most`. */
  whole(amount: Amount, most: number, field: string): number {
    const value = this.number(amount, field);
    if (!Number.isInteger(value) || value < 1 || value > most) {
      this.problem(field, `must be a whole number from 1 to ${most}`, `须为 1 到 ${most} 的整数`);
    }
    return value;
  }

  duration(amount: Amount, field: string): number {
    const value = this.#resolve(amount, field);
    const duration = value === undefined ? 0 : parseDuration(String(value));
    if (duration === undefined) {
      const quoted = JSON.stringify(value);
      this.problem(
        field,
        `must be a duration such as 500ms, 30s, 5m or 8h, not ${quoted}`,
        `须为时长，如 500ms、30s、5m、8h，而不是 ${quoted}`,
      );
    }
    return duration ?? 0;
  }

  /** A duration that is longer than nothing. */
  span(amount: Amount, field: string): number {
    const duration = this.duration(amount, field);
    if (duration === 0) this.problem(field, "must be longer than nothing", "时长必须大于零");
    return duration;
  }

  #noField(event: string, name: string, field: string): void {
    this.problem(field, `the event ${event} has no field ${name}`, `事件 ${event} 没有字段 ${name}`);
  }

  #resolve(amount: Amount, field: string): Amount | undefined {
    if (typeof amount !== "string" || !amount.startsWith("$")) return amount;
    const name = amount.slice(1);
    if (Object.hasOwn(this.#parameters, name)) return this.#parameters[name];
    this.problem(field, `the pack declares no parameter ${name}`, `规则包没有声明参数 ${name}`);
    return undefined;
  }
}
