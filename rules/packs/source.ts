/** A rule as it was written: its part of its pack's text, comments included. */
import { readFileSync } from "node:fs";
import { checkDocument } from "@campus-ops/service";
import type { PackDocument } from "../core/pack-document.ts";
import { PACK_SCHEMA } from "./schema.ts";

export interface RuleSource {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly text: string;
}

/** Undefined when none of the files has it. The files are those in force: they have been checked. */
export function sourceOf(rule: string, files: readonly string[]): RuleSource | undefined {
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    if (!text.includes(rule)) continue;
    const { value, locate } = checkDocument<PackDocument>(file, text, PACK_SCHEMA);
    const index = value.rules.findIndex(({ id }) => id === rule);
    if (index < 0) continue;
    const lines = text.split("\n");
    const line = locate(`rules.${index}`, "", "").line;
    const isLast = index === value.rules.length - 1;
    const end = isLast ? lines.length : locate(`rules.${index + 1}`, "", "").line - 1;
    return {
      file,
      line,
      text: lines
        .slice(line - 1, end)
        .join("\n")
        .trimEnd(),
    };
  }
  return undefined;
}
