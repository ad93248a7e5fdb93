import type { RuleDetailView } from "@campus-ops/rules/api";

const TITLE = "{ zh: 本校规则, en: Rules of this school }";

/** A pack to begin with: one door rule that works, to be changed. */
export const EMPTY_PACK = `pack: own
title: ${TITLE}
rules:
  - id: own-door-held-open
    version: 1
    title: { zh: 侧门长时间未关, en: Side door held open }
    priority: 3
    selector: { class: [access-gate] }
    condition: { state: { metric: Door/Open, is: [true] } }
    onDelay: 5m
    respondWithin: 10m
    card:
      cause: { zh: 门被挡住或闭门器失效, en: The door is blocked or its closer has failed }
      consequence: { zh: 外人可能进入, en: Strangers may come in }
      action: { zh: 到场关门, en: Go there and close it }
`;

/** A pack with a copy of one rule, under a name of its own: an id is an alarm's identity and cannot be there twice. */
export function packFrom({ id, source }: RuleDetailView): string {
  if (source === undefined) return EMPTY_PACK;
  const copied = source.text.replace(/^(\s*- id:\s*)\S+/, `$1own-${id}`).replace(/(\bversion:\s*)\d+/, "$11");
  const lines = copied.split("\n");
  const indent = /^\s*/.exec(lines[0] ?? "")?.[0].length ?? 0;
  const body = lines.map((line) => (line === "" ? "" : `  ${line.slice(Math.min(indent, leading(line)))}`));
  return `pack: own\ntitle: ${TITLE}\nrules:\n${body.join("\n")}\n`;
}

const leading = (line: string): number => line.length - line.trimStart().length;

/** Where a line begins and ends in a text. */
export function lineBounds(text: string, line: number): readonly [start: number, end: number] {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const next = text.indexOf("\n", start);
    if (next < 0) break;
    start = next + 1;
  }
  const end = text.indexOf("\n", start);
  return [start, end < 0 ? text.length : end];
}
