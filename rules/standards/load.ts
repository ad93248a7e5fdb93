/** Reads standards from files: the built-in ones, and a bureau's own. */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventDefinition, metricDefinition } from "@campus-ops/device-profiles/vocabulary";
import { checkDocument, type DocumentProblem, InvalidDocumentError, loadDocument } from "@campus-ops/service";
import type { EvidenceQuery, StandardPack } from "../core/standards/pack.ts";
import { STANDARD_SCHEMA } from "./schema.ts";

const folder = dirname(fileURLToPath(import.meta.url));

export const BUILT_IN_STANDARDS = ["handan.yaml", "school-security.yaml"].map((name) => join(folder, name));

/** Throws {@link InvalidDocumentError} with every problem, each with file, line and field. */
export function loadStandard(file: string): StandardPack {
  return checked(loadDocument<StandardPack>(file, STANDARD_SCHEMA));
}

/** As {@link loadStandard}, of a text that is in no file. */
export function readStandard(name: string, text: string): StandardPack {
  return checked(checkDocument<StandardPack>(name, text, STANDARD_SCHEMA));
}

/** The built-in standards and every `*.yaml` in `own`. A wrong file is told and left out: the others go on. */
export function loadStandards(
  own: string,
  onWrong: (error: InvalidDocumentError) => void,
): readonly StandardPack[] {
  const files = existsSync(own)
    ? readdirSync(own)
        .filter((name) => name.endsWith(".yaml"))
        .sort()
        .map((name) => join(own, name))
    : [];
  const packs = new Map(BUILT_IN_STANDARDS.map(loadStandard).map((pack) => [pack.id, pack]));
  for (const file of files)
    try {
      const pack = loadStandard(file);
      if (packs.has(pack.id)) {
        const message = `there is a standard called ${pack.id} already`;
        const zh = `已有编号为 ${pack.id} 的标准`;
        throw new InvalidDocumentError([{ file, line: 1, field: "id", message, zh }]);
      }
      packs.set(pack.id, pack);
    } catch (error) {
      if (!(error instanceof InvalidDocumentError)) throw error;
      onWrong(error);
    }
  return [...packs.values()];
}

function checked({ value, locate }: ReturnType<typeof loadDocument<StandardPack>>): StandardPack {
  const problems: DocumentProblem[] = [];
  const wrong = (field: string, message: string, zh: string) => problems.push(locate(field, message, zh));
  const ids = new Set(Object.keys(value.facts));
  const take = (id: string, field: string) => {
    if (ids.has(id)) wrong(field, `${id} is there already`, `${id} 已经存在`);
    ids.add(id);
  };
  for (const [at, item] of value.items.entries()) {
    take(item.id, `items.${at}.id`);
    for (const [index, { id, query, threshold }] of item.checks.entries()) {
      const field = `items.${at}.checks.${index}`;
      take(id, `${field}.id`);
      const daily = query.daily;
      const told = daily === undefined ? undefined : eventDefinition(daily.event);
      if (daily !== undefined && told !== undefined && told.fields[daily.field] === undefined) {
        const { event, field: name } = daily;
        wrong(`${field}.query.daily.field`, `${event} has no field ${name}`, `${event} 没有字段 ${name}`);
      }
      if (SHARES.some((share) => query[share] !== undefined) && threshold.atLeast > 1)
        wrong(
          `${field}.threshold.atLeast`,
          "is a share from 0 to 1: write 0.9 for 90 %",
          "是 0 到 1 的比例：90% 写作 0.9",
        );
      const fact = threshold.rises?.with;
      if (fact !== undefined && value.facts[fact] === undefined)
        wrong(`${field}.threshold.rises.with`, `${fact} is not among the facts`, `facts 中没有 ${fact}`);
      for (const name of namesIn(query))
        if (metricDefinition(name) === undefined && eventDefinition(name) === undefined)
          wrong(`${field}.query`, `${name} is not in the capability dictionary`, `能力词典中没有 ${name}`);
    }
  }
  const points = value.items.reduce((sum, item) => sum + item.points, 0);
  if (value.total > 0 && points > value.total)
    wrong("total", `is less than the ${points} points of the items`, `小于各项分值之和 ${points}`);
  if (problems.length > 0) throw new InvalidDocumentError(problems);
  return value;
}

/** Evidence that is a part of a whole. */
const SHARES = ["intact", "utilisation", "classLinks", "tested"] as const;

/** Metrics and events that a query names, any instance taken as its first. */
function namesIn({ least, mean, daily }: EvidenceQuery): readonly string[] {
  const names = [...(least?.metrics ?? []), mean?.metric, daily?.event];
  return names.flatMap((name) => (name === undefined ? [] : [name.replaceAll("*", "1")]));
}
