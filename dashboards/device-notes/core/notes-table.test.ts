import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dayText, type KnownDevice, PROBLEMS_MAX, parseCsv, readNotes } from "./notes-table.ts";

const DOOR: KnownDevice = {
  title: ["门", "door"],
  path: ["c/a/1", "C · A · 1"],
  class: ["门禁", "access gate"],
  profile: ["gate/x"],
};
const known = (device: string): KnownDevice | undefined => (device.startsWith("c/n/") ? DOOR : undefined);
const read = (csv: string) => readNotes(parseCsv(csv), known);
const told = (csv: string) => read(csv).problems.map(({ row, column, problem }) => [row, column, problem.en]);

describe("a table of notes", () => {
  test("is read with Chinese or English headings, in any order, with what the box says as it says it, in either language", () => {
    const rows = [
      { device: "c/n/a", fields: { spare: "灯泡 2 个，库房", installed: "2024-09-01" } },
      { device: "c/n/b", fields: { spare: "", installed: "" } },
    ];
    expect(
      read('\uFEFF名称,备件,设备编号,安装日期\r\n门,"灯泡 2 个，库房",c/n/a,2024/9/1\r\n,,c/n/b,\r\n'),
    ).toEqual({
      rows,
      problems: [],
    });
    expect(read("device,spare,installed\nc/n/a,灯泡 2 个，库房,2024年9月1日\n\nc/n/b,,\n").rows).toEqual(
      rows,
    );
  });

  test("is told of by row and column as the spreadsheet counts them, and then nothing of it is taken", () => {
    const csv = "device,installed\nc/n/a,2024-02-30\nx/y/z,\nc/n/b,\nc/n/b,soon\n";
    expect(told(csv)).toEqual([
      [2, "installed", "“2024-02-30” is no day: write 2026-09-01"],
      [3, "设备编号", "there is no device “x/y/z”"],
      [5, "installed", "“soon” is no day: write 2026-09-01"],
      [5, "设备编号", "“c/n/b” is there twice"],
    ]);
    expect(read(csv).rows).toEqual([]);
  });

  test("cannot rename or move a device: that is told, and not passed over", () => {
    expect(told("device,name,place,class\nc/n/a,door,C · A · 1,门禁\nc/n/b,gate,,\n")).toEqual([
      [3, "name", "the edge box says so: it cannot be changed to “gate” in a table"],
    ]);
  });

  test("with a column twice is refused: nobody knows which is meant", () => {
    expect(told("device,note,备注\nc/n/a,x,y\n")).toEqual([[1, "备注", "this column is there twice"]]);
  });

  test("with a column that does not exist, or without devices, is refused at its heading", () => {
    expect(told("device,colour\n")).toEqual([
      [1, "colour", "no such column: use the headings of the export"],
    ]);
    expect(told("note\nx\n")).toEqual([[1, "设备编号", "the column “device” is missing"]]);
    expect(told("")).toHaveLength(1);
  });

  test("that is wrong everywhere is told of in as many lines as somebody reads", () => {
    const csv = `device\n${"nobody\n".repeat(1_000)}`;
    expect(read(csv).problems).toHaveLength(PROBLEMS_MAX);
  });
});

test("a table is what was written, whatever stands in its cells", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "门", " ") });
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 });
  fc.assert(
    fc.property(table, (rows) => {
      const text = rows
        .map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(","))
        .join("\r\n");
      expect(parseCsv(text)).toEqual(rows);
    }),
  );
});

test.each([
  ["2026-9-1", "2026-09-01"],
  ["2026.09.01", "2026-09-01"],
  ["2026-13-01", undefined],
  ["01/09/2026", undefined],
])("%s is the day %s", (text, day) => {
  expect(dayText(text)).toBe(day);
});
