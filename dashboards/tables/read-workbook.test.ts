import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { InvalidWorkbookError, readWorkbook, TAGS_MAX, UNPACKED_BYTES_MAX } from "./read-workbook.ts";
import { ROWS_MAX, sheetOf, workbook } from "./workbook.ts";

const options = { isDay: (heading: string) => heading === "day", rowsMax: 10 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const NAMESPACE = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';

/** As a program with prefixes of its own writes it; the sheet lies where its relation says. */
function saved(rows: string, strings = "", properties = ""): Uint8Array {
  return zipSync({
    "xl/workbook.xml": bytes(
      `<?xml version="1.0"?><x:workbook ${NAMESPACE} xmlns:r="r">${properties}<x:sheets><x:sheet name="a" r:id="rId7"/></x:sheets></x:workbook>`,
    ),
    "xl/_rels/workbook.xml.rels": bytes(
      '<Relationships><Relationship Id="rId1" Target="styles.xml"/><Relationship Id="rId7" Target="/xl/worksheets/first.xml"/></Relationships>',
    ),
    "xl/worksheets/first.xml": bytes(
      `<x:worksheet ${NAMESPACE}><x:sheetData>${rows}</x:sheetData></x:worksheet>`,
    ),
    ...(strings === "" ? {} : { "xl/sharedStrings.xml": bytes(`<x:sst ${NAMESPACE}>${strings}</x:sst>`) }),
  });
}

describe("a workbook", () => {
  test(`of ${ROWS_MAX} rows is what was written`, async () => {
    const rows = Array.from({ length: ROWS_MAX }, (_, n) => [`campus/box/device-${n}`, `备注 ${n} <&">`, ""]);
    const column = (at: number) => ({
      title: { zh: `列${at}`, en: `c${at}` },
      kind: "text" as const,
      of: (row: readonly string[]) => row[at],
    });
    const sheet = sheetOf({ title: { zh: "表", en: "t" }, rows, columns: [column(0), column(1), column(2)] });
    const table = readWorkbook(await workbook([sheet], "zh"), { ...options, rowsMax: ROWS_MAX + 1 });
    expect(table).toHaveLength(ROWS_MAX + 1);
    expect(table[0]).toEqual(["列0", "列1", "列2"]);
    expect(table.slice(1).map((cells) => [cells[0], cells[1], cells[2] ?? ""])).toEqual(rows);
  }, 60_000);

  test("has its cells where their references say, and rows under the numbers that a program shows", () => {
    const rows = `<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c><x:c r="C1" t="str"><x:v>day</x:v></x:c></x:row>
      <x:row r="3"><x:c r="B3" t="b"><x:v>1</x:v></x:c><x:c r="C3"><x:v>45536.5</x:v></x:c></x:row>`;
    expect(readWorkbook(saved(rows), options)).toEqual([["a", "", "day"], [], ["", "1", "2024-09-01"]]);
  });

  test("that counts its days from 1904 has the same days", () => {
    const rows =
      '<x:row r="1"><x:c t="str"><x:v>day</x:v></x:c></x:row><x:row r="2"><x:c><x:v>44074</x:v></x:c></x:row>';
    const from1904 = saved(rows, "", '<x:workbookPr date1904="1"/>');
    expect(readWorkbook(from1904, options)[1]).toEqual(["2024-09-01"]);
  });

  test("gives formatted texts whole, without what is there for their pronunciation", () => {
    const strings =
      "<x:si><x:r><x:t>东</x:t></x:r><x:r><x:t>门 &amp; &#x4e8c;</x:t></x:r><x:rPh><x:t>dōng</x:t></x:rPh></x:si>";
    const rows = '<x:row r="1"><x:c r="A1" t="s"><x:v>0</x:v></x:c></x:row>';
    expect(readWorkbook(saved(rows, strings), options)).toEqual([["东门 & 二"]]);
  });
});

describe("what is no table that somebody filled in", () => {
  const refused = (given: Uint8Array): string => {
    try {
      readWorkbook(given, options);
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidWorkbookError);
      return String(error);
    }
    throw new Error("it was read");
  };

  test("is refused in words: another file, a ZIP of something else, XML that is none", () => {
    expect(refused(bytes("not a zip"))).toContain("no XLSX workbook");
    expect(refused(zipSync({ "a.txt": bytes("a") }))).toContain("no XLSX workbook");
    expect(refused(saved("<x:row><x:c></x:row>"))).toMatch(/no XLSX workbook|rows/);
  });

  test("does not unpack into the machine's memory", () => {
    const bomb = zipSync({ "xl/workbook.xml": new Uint8Array(UNPACKED_BYTES_MAX + 1) });
    expect(bomb.length).toBeLessThan(200_000);
    expect(refused(bomb)).toContain("unpacks into too much");
  });

  test("has no more tags than a table that somebody filled in: they become more than their bytes", () => {
    const cells = "<c/>".repeat(TAGS_MAX);
    expect(cells.length).toBeLessThan(UNPACKED_BYTES_MAX);
    expect(refused(saved(`<x:row>${cells}</x:row>`))).toContain("unpacks into too much");
  });

  test("has no more rows than are taken, said or counted", () => {
    expect(refused(saved("<x:row/>".repeat(options.rowsMax + 1)))).toContain("10 rows at most");
    const far = '<x:row r="1"><x:c t="str"><x:v>a</x:v></x:c></x:row><x:row r="99999999"/>';
    expect(readWorkbook(saved(far), options).length).toBeLessThanOrEqual(options.rowsMax + 1);
  });

  test("has no entity of its own unfolded", () => {
    const rows = '<x:row r="1"><x:c t="str"><x:v>&lol;</x:v></x:c></x:row>';
    expect(readWorkbook(saved(rows), options)).toEqual([["&lol;"]]);
  });
});
