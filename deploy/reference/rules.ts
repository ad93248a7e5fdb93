/** `docs/reference/rules.md`: every rule of the built-in packs, in the words the duty desk sees. */
import { BUILT_IN_PACKS, loadPacks, packFiles } from "@campus-ops/rules/packs";
import { ASKED_FOR } from "@campus-ops/rules/packs/asked-for";
import { table } from "./markdown.ts";

const PRIORITIES = { 1: "1 红", 2: "2 橙", 3: "3 黄", 4: "4 蓝" } as const;

type Rule = ReturnType<typeof loadPacks>[number];

/** Windows that the packs may name; which hours they mean is the calendar's to say. */
const WINDOWS = new Set(["arrival", "lesson", "departure", "closed"]);

export function rulesPage(): string {
  const files = BUILT_IN_PACKS.flatMap((name) => packFiles(name, ""));
  const rules = loadPacks(files, {}, WINDOWS);
  return [
    "# Rules",
    "Priorities are the national warning colours. A *symptom* is silent while something upstream explains it; a *cause* explains others; *latching* alarms stay until a person resets them. How to write a rule: [`rules/README.md`](../../rules/README.md).",
    "## What a campus is asked to watch",
    table(
      ["要求", "asked for", "rules"],
      ASKED_FOR.map(({ title, rules }) => [title.zh, title.en, rules.map((id) => `\`${id}\``).join(" ")]),
    ),
    ...BUILT_IN_PACKS.flatMap((pack) => [
      `## ${pack}`,
      table(
        ["rule", "报警", "priority", "respond within", "", "action card"],
        rules.filter((rule) => rule.pack === pack).map(row),
      ),
    ]),
  ].join("\n\n");
}

function row(rule: Rule): readonly string[] {
  const traits = [rule.latching ? "latching" : "", rule.cause ? "cause" : "", rule.symptom ? "symptom" : ""];
  return [
    `\`${rule.id}\` v${rule.version}`,
    `${rule.title.zh} · ${rule.title.en}`,
    PRIORITIES[rule.priority],
    duration(rule.respondWithin_ms),
    traits.filter((trait) => trait !== "").join(", "),
    `${rule.card.action.zh} · ${rule.card.action.en}`,
  ];
}

function duration(ms: number): string {
  if (ms < 60_000) return `${ms / 1_000} s`;
  return ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;
}
