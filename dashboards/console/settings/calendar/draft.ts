/** The school calendar while it is edited: ranges of days as `2026-10-01 to 2026-10-07`, as they are written. */

import { readDay } from "../../controls/calendar-days.ts";

export const DAY_KINDS = ["terms", "holidays", "makeUpDays"] as const;
export type DayKind = (typeof DAY_KINDS)[number];
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type DayPart = "schoolDay" | "offDay";

export interface CalendarDraft {
  readonly terms?: readonly string[];
  readonly holidays?: readonly string[];
  readonly makeUpDays?: readonly string[];
  readonly schoolDays?: readonly string[];
  readonly schoolDay?: Readonly<Record<string, readonly string[]>>;
  readonly offDay?: Readonly<Record<string, readonly string[]>>;
  readonly boarding?: boolean;
  readonly import?: readonly { readonly file: string; readonly as: string; readonly containing?: string }[];
  readonly cycle?: unknown;
}

/** A calendar in a file of its own is not edited here. */
export function readCalendar(value: unknown): CalendarDraft {
  return typeof value === "object" && value !== null ? (value as CalendarDraft) : {};
}

export interface Range {
  readonly from: string;
  readonly to: string;
}

export function rangeOf(text: string): Range {
  const [from = "", to = from] = text.split(" to ");
  return { from, to };
}

export const rangeText = ({ from, to }: Range): string =>
  to === "" || to === from ? from : `${from} to ${to}`;

export interface DaysTable {
  readonly days: Readonly<Record<DayKind, readonly string[]>>;
  readonly rows: number;
  readonly problems: readonly { readonly row: number; readonly what: "kind" | "from" | "to" | "order" }[];
}

const KIND_WORDS: Readonly<Record<string, DayKind>> = {
  term: "terms",
  terms: "terms",
  学期: "terms",
  holiday: "holidays",
  holidays: "holidays",
  放假: "holidays",
  假期: "holidays",
  "make-up": "makeUpDays",
  makeupdays: "makeUpDays",
  调休: "makeUpDays",
  调休上课: "makeUpDays",
  补课: "makeUpDays",
};
const ROWS_MAX = 2_000;

/** Columns kind, from, to; a first row without a day is the heading. All of it or, where a row is wrong, nothing. */
export function readDays(csv: string): DaysTable {
  const days: Record<DayKind, string[]> = { terms: [], holidays: [], makeUpDays: [] };
  const problems: DaysTable["problems"][number][] = [];
  let rows = 0;
  const lines = csv.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  for (const [index, line] of lines.slice(0, ROWS_MAX).entries()) {
    const [word = "", first = "", last = ""] = line
      .split(/[,;\t，；]/)
      .map((each) => each.trim().replace(/^"(.*)"$/, "$1"));
    if (line.trim() === "" || (index === 0 && readDay(first) === undefined)) continue;
    rows += 1;
    const kind = KIND_WORDS[word.toLowerCase()];
    const from = readDay(first);
    const to = last === "" ? from : readDay(last);
    const row = index + 1;
    if (kind === undefined) problems.push({ row, what: "kind" });
    if (from === undefined) problems.push({ row, what: "from" });
    if (last !== "" && to === undefined) problems.push({ row, what: "to" });
    if (from !== undefined && to !== undefined && to < from) problems.push({ row, what: "order" });
    if (kind !== undefined && from !== undefined && to !== undefined)
      days[kind].push(rangeText({ from, to }));
  }
  return { days, rows, problems };
}

/** With the days of a table beside those that are there, each once, in order. */
export function withDays(draft: CalendarDraft, days: DaysTable["days"]): CalendarDraft {
  const merged = DAY_KINDS.map((kind) => [
    kind,
    [...new Set([...(draft[kind] ?? []), ...days[kind]])].toSorted(),
  ]);
  return { ...draft, ...(Object.fromEntries(merged) as DaysTable["days"]) };
}

/** With an iCalendar file, which is read anew by the hub each time it starts: what recurs in it is followed. */
export function withFile(
  draft: CalendarDraft,
  name: string,
  text: string,
  as: string,
  containing: string,
): { readonly draft: CalendarDraft; readonly files: Readonly<Record<string, string>> } {
  const plain = name
    .toLowerCase()
    .replace(/\.ics$/, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  const file = `settings:${plain === "" ? "calendar" : plain}.ics`;
  const entry = { file, as, ...(containing === "" ? {} : { containing }) };
  return { draft: { ...draft, import: [...(draft.import ?? []), entry] }, files: { [file]: text } };
}

/** Windows as people write them: a name, then hours: `lesson 08:00-08:45, 09:00-09:45`. */
export function windowsText(windows: Readonly<Record<string, readonly string[]>> | undefined): string {
  return Object.entries(windows ?? {})
    .map(([name, spans]) => `${name} ${spans.join(", ")}`)
    .join("\n");
}

export function readWindows(text: string): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    text
      .normalize("NFKC")
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "")
      .map((line) => {
        const [name = "", ...spans] = line.trim().split(/[\s,、]+/);
        return [name, spans.filter((span) => span !== "").map((span) => span.replace(/[~–—]/, "-"))];
      }),
  );
}
