/**
 * From a rule pack as it is written to rules as they run: parameters filled in, durations counted in milliseconds, and
 * everything looked up that a schema cannot know (does the dictionary have this metric, is this field in that event).
 */
import { CAPABILITIES, eventDefinition, type LocalText } from "@campus-ops/device-profiles/vocabulary";
import { STANDARD_WINDOWS } from "./calendar.ts";
import { compileCondition } from "./compile-condition.ts";
import type { Amount, PackDocument, RuleDocument } from "./pack-document.ts";
import { type CompileProblem, Resolver } from "./resolve.ts";
import type { AlarmStateSpec, ConditionSpec, Confirm, Rule } from "./rule.ts";
import { eventMatches, metricsOf, partsNearBy } from "./selection.ts";

export interface CompiledPack {
  readonly rules: readonly Rule[];
  readonly problems: readonly CompileProblem[];
}

/** What is older than this when it arrives is late, unless the rule says otherwise. */
export const LATENESS_MS = 120_000;

/** `windows`: those of the calendar, so that a rule is not written for a window that never opens. */
export function compilePack(
  pack: PackDocument,
  overrides: Readonly<Record<string, Amount>>,
  windows: ReadonlySet<string>,
): CompiledPack {
  const resolve = new Resolver({ ...pack.parameters, ...overrides });
  const known = new Set([...STANDARD_WINDOWS, ...windows]);
  const rules = pack.rules.map((rule, index) => compileRule(pack, rule, `rules.${index}`, resolve, known));
  const seen = new Set<string>();
  rules.forEach(({ id }, index) => {
    if (seen.has(id))
      resolve.problem(
        `rules.${index}.id`,
        `another rule of this pack is already called ${id}`,
        `本规则包已有名为 ${id} 的规则`,
      );
    seen.add(id);
  });
  return { rules, problems: resolve.problems };
}

/**
 * Alarms that rules look at must be there, and must not go round in a circle. Answers for the rule at `index` of
 * `rules`, which are all those of all packs.
 */
export function alarmProblems(rules: readonly Rule[], index: number): readonly LocalText[] {
  const rule = rules[index];
  if (rule === undefined) return [];
  const problems = looksAt(rule)
    .filter((id) => !rules.some((each) => each.id === id))
    .map((id): LocalText => ({ en: `there is no rule ${id}`, zh: `没有规则 ${id}` }));
  const reached = new Set<string>();
  const follow = (ids: readonly string[]): void => {
    for (const id of ids) {
      if (reached.has(id)) continue;
      reached.add(id);
      const next = rules.find((each) => each.id === id);
      if (next !== undefined) follow(looksAt(next));
    }
  };
  follow(looksAt(rule));
  const circle: LocalText = {
    en: "looks at alarms that in turn look at its own",
    zh: "所引用的报警又反过来引用本规则的报警",
  };
  return reached.has(rule.id) ? [...problems, circle] : problems;
}

function looksAt({ condition }: Rule): readonly string[] {
  return partsNearBy(condition)
    .filter((part): part is AlarmStateSpec => part.kind === "alarm")
    .flatMap((part) => part.rules);
}

function compileRule(
  pack: PackDocument,
  document: RuleDocument,
  field: string,
  resolve: Resolver,
  windows: ReadonlySet<string>,
): Rule {
  const { id, version, title, priority, selector, card } = document;
  const condition = compileCondition(document.condition, `${field}.condition`, resolve);
  checkInstance(document, condition, field, resolve);
  if (document.latching === true && document.symptom === true)
    resolve.problem(
      `${field}.symptom`,
      "panic and fire are never suppressed: a latching rule is no symptom",
      "紧急报警和火警从不抑制：latching 的规则不能是 symptom",
    );
  for (const [index, name] of (selector.capability ?? []).entries()) {
    if (!Object.hasOwn(CAPABILITIES, name)) {
      resolve.problem(
        `${field}.selector.capability.${index}`,
        `there is no capability ${name}`,
        `没有能力 ${name}`,
      );
    }
  }
  const { during, outside } = document.schedule ?? {};
  const schedule = during ?? outside;
  for (const window of schedule ?? []) {
    if (!windows.has(window)) {
      const known = [...windows].join(", ");
      resolve.problem(
        `${field}.schedule`,
        `the calendar has no window ${window}; it has ${known}`,
        `日历中没有时段 ${window}，已有 ${known}`,
      );
    }
  }
  const { evidence = [] } = document;
  for (const [index, name] of evidence.entries()) resolve.metric(name, `${field}.evidence.${index}`);
  return {
    id,
    version,
    pack: pack.pack,
    title,
    priority,
    selector: defined({
      classes: resolve.classes(selector.class, `${field}.selector.class`),
      exceptClasses: resolve.classes(selector.except, `${field}.selector.except`),
      within: selector.within,
      capabilities: selector.capability,
    }),
    condition,
    ...(schedule === undefined ? {} : { schedule: { inside: during !== undefined, windows: schedule } }),
    ...(document.instance === undefined ? {} : { instance: document.instance }),
    onDelay_ms: resolve.duration(document.onDelay ?? "0s", `${field}.onDelay`),
    offDelay_ms: resolve.duration(document.offDelay ?? "0s", `${field}.offDelay`),
    latching: document.latching ?? false,
    cause: document.cause ?? false,
    symptom: document.symptom ?? false,
    late: document.late ?? "record",
    lateness_ms: resolve.duration(document.lateness ?? `${LATENESS_MS}ms`, `${field}.lateness`),
    card,
    respondWithin_ms: resolve.duration(document.respondWithin, `${field}.respondWithin`),
    evidence,
    ...(document.confirm === undefined
      ? {}
      : { confirm: confirmOf(document.confirm, `${field}.confirm`, resolve) }),
    ...((document.picture ?? pack.picture) === true ? { picture: true } : {}),
  };
}

function confirmOf(
  { from, to, atLeast }: NonNullable<RuleDocument["confirm"]>,
  field: string,
  resolve: Resolver,
): Confirm {
  const confirm = {
    from: resolve.number(from, `${field}.from`),
    to: resolve.number(to, `${field}.to`),
    atLeast: resolve.number(atLeast, `${field}.atLeast`),
  };
  if (!(confirm.from < confirm.atLeast && confirm.atLeast <= confirm.to))
    resolve.problem(`${field}.atLeast`, "must be above from and at most to", "须大于 from，且不超过 to");
  return confirm;
}

function checkInstance(
  { instance }: RuleDocument,
  condition: ConditionSpec,
  field: string,
  resolve: Resolver,
): void {
  const wild = metricsOf(condition).some((name) => name.includes("*"));
  if (wild !== (instance === "*")) {
    if (wild)
      resolve.problem(
        `${field}.instance`,
        'the condition looks at instances of a metric (*), so instance must be "*"',
        '条件用到了指标的各个实例（*），instance 须为 "*"',
      );
    else
      resolve.problem(
        `${field}.instance`,
        'is "*", but no metric of the condition has a *',
        '写的是 "*"，但条件里没有带 * 的指标',
      );
  }
  if (instance === undefined || instance === "*") return;
  const matches = eventMatches(condition);
  if (matches.length === 0)
    resolve.problem(
      `${field}.instance`,
      "the condition has no event that could name an instance",
      "条件里没有可以区分实例的事件",
    );
  for (const { event } of matches) {
    if (eventDefinition(event)?.fields[instance] === undefined) {
      resolve.problem(
        `${field}.instance`,
        `the event ${event} has no field ${instance}`,
        `事件 ${event} 没有字段 ${instance}`,
      );
    }
  }
}

function defined<T extends object>(record: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
