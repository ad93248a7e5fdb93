/** Comma-separated values as RFC 4180 has them, and as spreadsheets write them. */
export class CsvError extends Error {
  override readonly name = "CsvError";
}

export const CSV_ROWS_MAX = 10_000;

/** Each row by the names of the first; a field that a row lacks is left out. Throws {@link CsvError}. */
export function parseCsv(text: string): readonly Readonly<Record<string, string>>[] {
  // A byte order mark is what one spreadsheet program tells UTF-8 by.
  const [names = [], ...rows] = rowsOf(text.replace(/^\ufeff/, ""));
  return rows.map((row) =>
    Object.fromEntries(row.map((field, index) => [names[index]?.trim() ?? `${index}`, field])),
  );
}

/** The reverse, quoted where it must be. */
export function formatCsv(rows: readonly Readonly<Record<string, string>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? ""))];
  return lines.map((fields) => `${fields.map(quoted).join(",")}\r\n`).join("");
}

const quoted = (field: string): string =>
  /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;

function rowsOf(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let isQuoted = false;
  const endField = (): void => {
    row.push(field);
    field = "";
  };
  const endRow = (): void => {
    endField();
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
    if (rows.length > CSV_ROWS_MAX) throw new CsvError(`more than ${CSV_ROWS_MAX} rows`);
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isQuoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"' && field === "") isQuoted = true;
    else if (character === ",") endField();
    else if (character === "\n") endRow();
    else if (character !== "\r") field += character;
  }
  if (isQuoted) throw new CsvError("a quotation that never ends: the file was cut off");
  if (field !== "" || row.length > 0) endRow();
  return rows;
}
