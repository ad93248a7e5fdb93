/** Notes of devices as a table that a spreadsheet writes and reads, checked row by row. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceNoteFields, RowProblem } from "../api.ts";

/** A city's devices. */
export const ROWS_MAX = 50_000;
/** More would not be read by anybody. */
export const PROBLEMS_MAX = 100;
export const TEXT_CHARACTERS_MAX = 1_000;

export const NOTE_FIELDS = ["note", "supplier", "spare", "installed", "warrantyUntil", "maintained"] as const;
const DAYS: readonly string[] = ["installed", "warrantyUntil", "maintained"];

/** The headings that are written; either is read. */
export const HEADINGS: Readonly<Record<"device" | (typeof NOTE_FIELDS)[number], LocalText>> = {
  device: { zh: "设备编号", en: "device" },
  note: { zh: "备注", en: "note" },
  supplier: { zh: "供应商", en: "supplier" },
  spare: { zh: "备件", en: "spare" },
  installed: { zh: "安装日期", en: "installed" },
  warrantyUntil: { zh: "质保到期", en: "warranty until" },
  maintained: { zh: "上次维护", en: "maintained" },
};
/** Written for whoever fills the table in. They are the edge box's to say: a cell that says otherwise is a mistake. */
export const TOLD_BY_BOX = {
  title: { zh: "名称", en: "name" },
  path: { zh: "地点", en: "place" },
  class: { zh: "类别", en: "class" },
  profile: { zh: "型号", en: "model" },
} as const satisfies Record<string, LocalText>;
type ToldByBox = keyof typeof TOLD_BY_BOX;
const isTold = (column: string): column is ToldByBox => Object.hasOwn(TOLD_BY_BOX, column);

/** What a cell of each of these columns may say of one device: in either language. */
export type KnownDevice = Readonly<Record<ToldByBox, readonly string[]>>;

export const isDayHeading = (heading: string): boolean => DAYS.includes(columnOf(heading) ?? "");

export interface NoteRow {
  readonly device: string;
  /** The columns that the table has. */
  readonly fields: Partial<DeviceNoteFields>;
}

/** `known` tells what is known of a device, for whoever brings the table; undefined where there is none for them. */
export function readNotes(
  [head = [], ...body]: readonly (readonly string[])[],
  known: (device: string) => KnownDevice | undefined,
): { readonly rows: readonly NoteRow[]; readonly problems: readonly RowProblem[] } {
  const problems: RowProblem[] = [];
  const wrong = (row: number, column: string, zh: string, en: string): void => {
    if (problems.length < PROBLEMS_MAX) problems.push({ row, column, problem: { zh, en } });
  };
  const columns = head.map(columnOf);
  head.forEach((heading, index) => {
    if (columns[index] === undefined)
      wrong(1, heading, "没有这样的列，请使用导出的表头", "no such column: use the headings of the export");
    else if (columns.indexOf(columns[index]) < index)
      wrong(1, heading, "这一列出现了两次", "this column is there twice");
  });
  if (!columns.includes("device"))
    wrong(1, HEADINGS.device.zh, "缺少“设备编号”列", "the column “device” is missing");
  if (body.length > ROWS_MAX) wrong(ROWS_MAX + 2, "", `最多 ${ROWS_MAX} 行`, `${ROWS_MAX} rows at most`);
  if (problems.length > 0) return { rows: [], problems };

  const seen = new Set<string>();
  const rows = body.flatMap((cells, index): NoteRow[] => {
    const row = index + 2;
    if (cells.every((cell) => cell.trim() === "")) return [];
    let device = "";
    const told: (readonly [ToldByBox, string, string])[] = [];
    const fields: Partial<Record<keyof DeviceNoteFields, string>> = {};
    if (cells.slice(columns.length).some((cell) => cell.trim() !== ""))
      wrong(
        row,
        "",
        "单元格比表头多，可能缺少引号",
        "more cells than headings: a quotation mark may be missing",
      );
    columns.forEach((column, at) => {
      const heading = head[at] ?? "";
      // What the export put in front of a text that looks like a formula.
      const text = (cells[at] ?? "").trim().replace(/^'(?=[=+\-@])/, "");
      if (column === undefined) return;
      if (column === "device") device = text;
      else if (isTold(column)) told.push([column, heading, text]);
      else if (text.length > TEXT_CHARACTERS_MAX)
        wrong(row, heading, `最多 ${TEXT_CHARACTERS_MAX} 字`, `${TEXT_CHARACTERS_MAX} characters at most`);
      else if (DAYS.includes(column) && text !== "" && dayText(text) === undefined)
        wrong(row, heading, `“${text}”不是日期，请写成 2026-09-01`, `“${text}” is no day: write 2026-09-01`);
      else fields[column] = DAYS.includes(column) ? (dayText(text) ?? "") : text;
    });
    const truth = known(device);
    if (truth === undefined)
      wrong(row, HEADINGS.device.zh, `没有设备“${device}”`, `there is no device “${device}”`);
    else if (seen.has(device))
      wrong(row, HEADINGS.device.zh, `“${device}”出现了两次`, `“${device}” is there twice`);
    for (const [column, heading, text] of told)
      if (truth !== undefined && text !== "" && !truth[column].includes(text))
        wrong(
          row,
          heading,
          `由边缘盒配置决定，不能在表格中改成“${text}”`,
          `the edge box says so: it cannot be changed to “${text}” in a table`,
        );
    seen.add(device);
    return [{ device, fields }];
  });
  return problems.length > 0 ? { rows: [], problems } : { rows, problems };
}

function columnOf(heading: string): ToldByBox | keyof typeof HEADINGS | undefined {
  const text = heading.trim().toLowerCase();
  const is = ({ zh, en }: LocalText): boolean => text === zh || text === en;
  const told = (Object.keys(TOLD_BY_BOX) as ToldByBox[]).find((each) => is(TOLD_BY_BOX[each]));
  return told ?? (Object.keys(HEADINGS) as (keyof typeof HEADINGS)[]).find((each) => is(HEADINGS[each]));
}

/** As people and spreadsheets write it: 2026-9-1, 2026/9/1, 2026.9.1 or 2026年9月1日; undefined for what is no day. */
export function dayText(text: string): string | undefined {
  const parts = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text);
  if (parts === null) return undefined;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const at = new Date(Date.UTC(year, month - 1, day));
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day
    ? at.toISOString().slice(0, 10)
    : undefined;
}

/** RFC 4180; line ends of any system, and quoted cells with line ends in them. */
export function parseCsv(csv: string): readonly (readonly string[])[] {
  const text = csv.replace(/^\uFEFF/, "");
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const endCell = (): void => {
    row.push(cell);
    cell = "";
  };
  const endRow = (): void => {
    endCell();
    rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"' && cell === "") quoted = true;
    else if (char === ",") endCell();
    else if (char === "\n") endRow();
    else if (char !== "\r") cell += char;
  }
  if (cell !== "" || row.length > 0) endRow();
  return rows;
}
