/** Tables as a workbook for spreadsheet programs (Office Open XML). */
import {
  type Language,
  type LocalText,
  siteZone,
  type TimeZone,
} from "@campus-ops/device-profiles/vocabulary";
import writeXlsxFile, { type Cell, type SheetData } from "write-excel-file/node";

/** Rows of one sheet: the workbook is made in memory, some hundred bytes a cell. */
export const ROWS_MAX = 20_000;
/** Of a cell, by the format (ECMA-376 part 1, 18.18.85, as spreadsheet programs limit it). */
const TEXT_LENGTH_MAX = 32_767;
const SHEET_TITLE_LENGTH_MAX = 31;

/** `share` 0 to 1 is shown in percent; `duration` is milliseconds, shown in hours; `time` is milliseconds since the Unix epoch. */
export type ColumnKind = "text" | "number" | "share" | "duration" | "time" | "yes";

export interface Column<Row> {
  readonly title: LocalText;
  /** Of all rows, or of each its own. */
  readonly kind: ColumnKind | ((row: Row) => ColumnKind);
  readonly of: (row: Row, language: Language) => string | number | boolean | undefined;
  /** In characters; 14 unless said. */
  readonly width?: number;
}

export interface Table<Row> {
  readonly title: LocalText;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}

/** One sheet, its cells not yet made. */
export interface Sheet {
  readonly title: LocalText;
  readonly widths: readonly number[];
  readonly rows: number;
  cells(language: Language, zone: TimeZone): SheetData;
}

export function sheetOf<Row>({ title, columns, rows }: Table<Row>): Sheet {
  const kept = rows.slice(0, ROWS_MAX);
  return {
    title,
    widths: columns.map(({ width = 14 }) => width),
    rows: rows.length,
    cells: (language, zone) => [
      columns.map(
        (column): Cell => ({ value: clean(column.title[language]), type: String, fontWeight: "bold" }),
      ),
      ...kept.map((row) =>
        columns.map(({ kind, of }) =>
          cellOf(typeof kind === "function" ? kind(row) : kind, of(row, language), zone),
        ),
      ),
      ...(kept.length < rows.length
        ? [[cellOf("text", leftOut(rows.length - kept.length)[language], zone)]]
        : []),
    ],
  };
}

/** A workbook knows no time zone: times are written as clocks in `zone` show them, China's unless said. */
export function workbook(
  sheets: readonly Sheet[],
  language: Language,
  zone: TimeZone = siteZone({}),
): Promise<Buffer> {
  return writeXlsxFile(
    sheets.map((sheet) => ({
      sheet: sheetTitle(sheet.title[language]),
      data: sheet.cells(language, zone),
      columns: sheet.widths.map((width) => ({ width })),
      stickyRowsCount: 1,
    })),
  ).toBuffer();
}

export const XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** A text is always a cell of text, whatever it begins with: no program takes it for a formula. */
function cellOf(kind: ColumnKind, value: string | number | boolean | undefined, zone: TimeZone): Cell {
  if (value === undefined) return null;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return null;
    if (kind === "time")
      return { value: new Date(value + zone.offset(value)), type: Date, format: "yyyy-mm-dd hh:mm:ss" };
    if (kind === "share") return { value, type: Number, format: "0.0%" };
    if (kind === "duration") return { value: value / 3_600_000, type: Number, format: "0.00" };
    return { value, type: Number };
  }
  if (typeof value === "boolean") return { value, type: Boolean };
  return { value: clean(value), type: String };
}

const leftOut = (count: number): LocalText => ({
  zh: `另有 ${count} 行未列出，请缩小范围`,
  en: `${count} more rows are left out: ask for less`,
});

/** What XML 1.0 cannot hold is left out. */
function clean(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, "")
    .slice(0, TEXT_LENGTH_MAX);
}

function sheetTitle(text: string): string {
  return clean(text)
    .replaceAll(/[[\]:*?/\\]/g, " ")
    .slice(0, SHEET_TITLE_LENGTH_MAX);
}
