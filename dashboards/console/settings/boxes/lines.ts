/** Boxes as people list them: one a line, its name, a blank, its title. */
import type { NewBox } from "../../../api/api.ts";

const NODE = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** As many as the hub takes at a time. */
export const LINES_MAX = 200;

export interface ReadLines {
  readonly boxes: readonly NewBox[];
  /** Line of each box, from 1. */
  readonly lines: readonly number[];
  /** Numbers of the lines that cannot be read. */
  readonly wrong: readonly number[];
}

export function readLines(text: string, campus: string, replaces: boolean): ReadLines {
  const boxes: NewBox[] = [];
  const lines: number[] = [];
  const wrong: number[] = [];
  for (const [index, line] of text.normalize("NFKC").split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const [node = "", ...rest] = line.trim().split(/[\s,]+/);
    if (!NODE.test(node) || boxes.length >= LINES_MAX) {
      wrong.push(index + 1);
      continue;
    }
    const title = rest.join(" ") || node;
    boxes.push({ campus, node, title: { zh: title, en: title }, ...(replaces ? { replaces } : {}) });
    lines.push(index + 1);
  }
  return { boxes, lines, wrong };
}
