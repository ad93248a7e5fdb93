/** The first sheet of a workbook (Office Open XML, ECMA-376) as rows of texts: what spreadsheet programs save. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import { XMLParser } from "fast-xml-parser";
import { unzipSync } from "fflate";

/** Of all that is read, unpacked: a few kilobytes can be made to unpack into a machine's memory. */
export const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;
/**
 * Of one part of it: 50,000 rows of nine cells, each with its value, have fewer. As many of the shortest as a part may have
 * bytes would take the process's memory, out of a file of 66 kB.
 */
export const TAGS_MAX = 2_000_000;
/** More columns are no table that anybody filled in; a formatted sheet may have 16,384. */
const COLUMNS_MAX = 200;

export class InvalidWorkbookError extends Error {
  override readonly name = "InvalidWorkbookError";
  readonly text: LocalText;
  constructor(text: LocalText) {
    super(text.en);
    this.text = text;
  }
}

type Node = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Entities of one's own are how small files become large ones; XML's five are all that a sheet needs.
  processEntities: false,
  isArray: (name) => ["sheet", "Relationship", "row", "c", "si", "r"].includes(name),
});

/**
 * A number below a heading that `isDay` knows is a date's, and comes as `YYYY-MM-DD`. More than `rowsMax` rows are refused.
 * Throws {@link InvalidWorkbookError}.
 */
export function readWorkbook(
  bytes: Uint8Array,
  { isDay, rowsMax }: { readonly isDay: (heading: string) => boolean; readonly rowsMax: number },
): readonly (readonly string[])[] {
  const files = unpacked(bytes);
  const workbook = child(xmlOf(files, "xl/workbook.xml"), "workbook");
  const [first] = list(child(workbook, "sheets"), "sheet");
  const id = String(first?.["@id"] ?? "");
  const relations = list(child(xmlOf(files, "xl/_rels/workbook.xml.rels"), "Relationships"), "Relationship");
  const target = String(relations.find((each) => each["@Id"] === id)?.["@Target"] ?? "");
  const sheet = target.startsWith("/") ? target.slice(1) : `xl/${target}`;
  const shared = Object.hasOwn(files, "xl/sharedStrings.xml")
    ? list(child(xmlOf(files, "xl/sharedStrings.xml"), "sst"), "si").map(textOf)
    : [];
  const from1904 = /^(1|true)$/.test(String(child(workbook, "workbookPr")["@date1904"] ?? ""));
  const data = child(child(xmlOf(files, sheet), "worksheet"), "sheetData");
  const rows = list(data, "row");
  if (Array.isArray(data.row) && data.row.length > rowsMax)
    throw new InvalidWorkbookError({ zh: `最多 ${rowsMax} 行`, en: `${rowsMax} rows at most` });
  const table: string[][] = [];
  let head: readonly string[] = [];
  for (const row of rows) {
    const cells: string[] = [];
    for (const cell of list(row, "c")) {
      const column = columnOf(String(cell["@r"] ?? "")) ?? cells.length;
      if (column >= COLUMNS_MAX) continue;
      while (cells.length < column) cells.push("");
      cells[column] = cellText(cell, shared, from1904, isDay(head[column] ?? ""));
    }
    // Rows that nobody filled in are not written down: numbers stay those that the program shows.
    const at = Number(row["@r"] ?? table.length + 1) - 1;
    while (table.length < Math.min(at, rowsMax)) table.push([]);
    table.push(cells);
    if (head.length === 0) head = cells;
  }
  return table;
}

function unpacked(bytes: Uint8Array): Readonly<Record<string, Uint8Array>> {
  let total = 0;
  let tooLarge = false;
  try {
    const files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (
          !/^xl\/(workbook\.xml|_rels\/workbook\.xml\.rels|sharedStrings\.xml|worksheets\/[^/]+\.xml)$/.test(
            name,
          )
        )
          return false;
        total += originalSize;
        tooLarge ||= total > UNPACKED_BYTES_MAX;
        return !tooLarge;
      },
    });
    if (!tooLarge) return files;
  } catch {
    throw notAWorkbook();
  }
  throw tooMuch();
}

/** No more than one too many are counted. */
function tagsIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LESS_THAN); at >= 0 && count <= TAGS_MAX; at = bytes.indexOf(LESS_THAN, at + 1))
    count += 1;
  return count;
}

const LESS_THAN = 0x3c;

const tooMuch = (): InvalidWorkbookError =>
  new InvalidWorkbookError({
    zh: "工作簿解开后过大，请删去不需要的工作表和空行",
    en: "the workbook unpacks into too much: remove sheets and empty rows that are not needed",
  });

function xmlOf(files: Readonly<Record<string, Uint8Array>>, name: string): Node {
  const bytes = files[name];
  if (bytes === undefined) throw notAWorkbook();
  if (tagsIn(bytes) > TAGS_MAX) throw tooMuch();
  try {
    return parser.parse(new TextDecoder().decode(bytes), true) as Node;
  } catch {
    throw notAWorkbook();
  }
}

const notAWorkbook = (): InvalidWorkbookError =>
  new InvalidWorkbookError({
    zh: "这不是 XLSX 工作簿；旧的 XLS 请另存为 XLSX",
    en: "this is no XLSX workbook; save an old XLS as XLSX",
  });

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

function child(node: Node, name: string): Node {
  const found = node[name];
  return isNode(found) ? found : {};
}

function list(node: Node, name: string): readonly Node[] {
  const found = node[name];
  return Array.isArray(found) ? found.filter(isNode) : [];
}

/** A text, or the runs of one that is formatted; what stands beside it for its pronunciation is not part of it. */
function textOf(node: Node): string {
  const runs = list(node, "r");
  const said = runs.length > 0 ? runs.map((run) => plain(run.t)).join("") : plain(node.t);
  return decoded(said);
}

function plain(value: unknown): string {
  if (typeof value === "string") return value;
  return isNode(value) && typeof value["#text"] === "string" ? value["#text"] : "";
}

function cellText(cell: Node, shared: readonly string[], from1904: boolean, isDay: boolean): string {
  const type = cell["@t"];
  if (type === "inlineStr") return textOf(child(cell, "is"));
  const value = decoded(plain(cell.v));
  if (type === "s") return shared[Number(value)] ?? "";
  if (type === "str" || type === "d") return type === "d" ? value.slice(0, 10) : value;
  if (type === "b" || type === "e") return value;
  return isDay && value !== "" ? dayOf(Number(value), from1904) : value;
}

/** Serial numbers count days (18.17.4.1); the year 1900 has a 29 February in them. */
function dayOf(serial: number, from1904: boolean): string {
  const epoch = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  const at = new Date(epoch + Math.floor(serial) * 86_400_000);
  return Number.isNaN(at.getTime()) ? String(serial) : at.toISOString().slice(0, 10);
}

/** `BC12` → 54. */
function columnOf(reference: string): number | undefined {
  const letters = /^[A-Z]{1,3}/.exec(reference)?.[0];
  if (letters === undefined) return undefined;
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decoded(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/g,
    (whole, hex, decimal, name) => {
      if (typeof name === "string") return NAMED[name] ?? whole;
      const code = typeof hex === "string" ? Number.parseInt(hex, 16) : Number(decimal);
      return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
