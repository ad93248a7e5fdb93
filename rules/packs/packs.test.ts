import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { InvalidDocumentError, loadDocument } from "@campus-ops/service";
import { describe, expect, test } from "vitest";
import { ASKED_FOR } from "./asked-for.ts";
import { BUILT_IN_PACKS, loadPacks, packFiles, testsBeside } from "./load.ts";
import { PACK_TESTS_SCHEMA } from "./schema.ts";
import { type PackTests, playTrace, TRACE_WINDOWS } from "./trace.ts";

const files = BUILT_IN_PACKS.flatMap((name) => packFiles(name, ""));
const rules = loadPacks(files, {}, new Set(TRACE_WINDOWS));
const suites = files.map((file) => ({
  name: basename(file, ".yaml"),
  ...loadDocument<PackTests>(testsBeside(file), PACK_TESTS_SCHEMA).value,
}));

for (const { name, pack, cases } of suites) {
  describe(`the ${pack} pack, ${name}`, () => {
    for (const each of cases) {
      test(`${each.rule}: ${each.title}`, () => {
        expect(playTrace(rules, each)).toEqual(each.expect);
      });
    }
  });
}

test("every rule has a trace that raises its alarm and one that does not", () => {
  const cases = suites.flatMap((suite) => suite.cases);
  expect(cases.length).toBeGreaterThanOrEqual(2 * rules.length);
  for (const { id } of rules) {
    const own = cases.filter(({ rule }) => rule === id);
    const raises = own.filter(({ expect: wanted }) => wanted.some((line) => line.includes("normal → ")));
    expect([id, raises.length > 0, raises.length < own.length]).toEqual([id, true, true]);
  }
});

test("every line of what a campus is asked to watch has rules that there are", () => {
  const ids = new Set(rules.map(({ id }) => id));
  const wanting = ASKED_FOR.filter(
    (asked) => asked.rules.length === 0 || !asked.rules.every((id) => ids.has(id)),
  );
  expect(wanting).toEqual([]);
  expect(ASKED_FOR.length).toBeGreaterThan(40);
});

test("every alarm that a trace raises says why in both languages, with the readings that decided", () => {
  const wanting = new Set<string>();
  for (const each of suites.flatMap((suite) => suite.cases)) {
    playTrace(rules, each, ({ rule, evidence, explanation: { zh, en } }) => {
      const told = [zh, en].every((text) => text.length > 0 && !/undefined|NaN|null/.test(text));
      if (!told || !evidence.some(({ journalSeq }) => journalSeq > 0)) wanting.add(rule);
    });
  }
  expect([...wanting]).toEqual([]);
});

test("every rule speaks Chinese and English, and its card differs from its title", () => {
  const hanzi = /\p{Script=Han}/u;
  for (const { id, title, card } of rules) {
    for (const { zh, en } of [title, card.cause, card.consequence, card.action]) {
      expect([id, hanzi.test(zh), hanzi.test(en)]).toEqual([id, true, false]);
    }
  }
});

describe("a pack that is wrong", () => {
  const problemsOf = (yaml: string): readonly string[] => {
    const folder = mkdtempSync(join(tmpdir(), "packs-"));
    const file = join(folder, "own.yaml");
    try {
      writeFileSync(file, yaml);
      loadPacks([file], {}, new Set(TRACE_WINDOWS));
      return [];
    } catch (error) {
      if (!(error instanceof InvalidDocumentError)) throw error;
      return error.problems.map(({ line, field, message }) => `${line} ${field}: ${message}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const text = "{ zh: 测, en: t }";
  const rule = (condition: string, more = ""): string =>
    `pack: own\ntitle: ${text}\nrules:\n  - id: own-rule\n    version: 1\n    title: ${text}\n    priority: 3\n    selector: {}\n    condition: ${condition}\n    respondWithin: 5m\n    card: { cause: ${text}, consequence: ${text}, action: ${text} }\n${more}`;

  test("names the line and field of a metric that does not exist", () => {
    expect(problemsOf(rule("{ state: { metric: Door/Opne, is: [true] } }"))).toEqual([
      '9 rules.0.condition.state.metric: the capability dictionary has no metric "Door/Opne"',
    ]);
  });

  test("names a value that the metric never has", () => {
    expect(problemsOf(rule("{ state: { metric: Projector/Power, is: [standby] } }"))).toEqual([
      '9 rules.0.condition.state.is.0: Projector/Power never is "standby"; it can be off, on, cooling, warming',
    ]);
  });

  test("names an undeclared parameter, an unknown window and a misspelt field", () => {
    const condition = "{ threshold: { metric: Environment/CO2, above: $limit } }";
    expect(problemsOf(rule(condition, "    schedule: { during: [swimming] }\n"))).toEqual([
      "9 rules.0.condition.threshold.above: the pack declares no parameter limit",
      "12 rules.0.schedule: the calendar has no window swimming; it has arrival, first-lesson, lesson, departure, closed, curfew, exam",
    ]);
    expect(problemsOf(rule(condition, "    onDelya: 5s\n"))).toEqual([
      "12 rules.0.onDelya: is not a field that belongs here; check its spelling",
    ]);
  });

  test("refuses a latching rule that something upstream could silence", () => {
    const condition = "{ state: { metric: Panic/Pressed, is: [true] } }";
    expect(problemsOf(rule(condition, "    latching: true\n    symptom: true\n"))).toEqual([
      "13 rules.0.symptom: panic and fire are never suppressed: a latching rule is no symptom",
    ]);
  });

  test("refuses instances that the condition cannot tell apart", () => {
    expect(problemsOf(rule("{ state: { metric: Port/*/Oper, is: [down] } }"))[0]).toContain(
      'the condition looks at instances of a metric (*), so instance must be "*"',
    );
    expect(
      problemsOf(rule("{ event: { name: Access/Swipe, within: 60s } }", "    instance: card\n")),
    ).toEqual(["12 rules.0.instance: the event Access/Swipe has no field card"]);
  });
});
