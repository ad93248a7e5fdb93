import fc from "fast-check";
import { expect, test } from "vitest";
import { CSV_ROWS_MAX, CsvError, formatCsv, parseCsv } from "./csv.ts";

test("rows have the names of the first, quoted fields and empty lines and all", () => {
  expect(parseCsv('\ufeff编号,姓名 ,说明\r\n1,甲,"门, ""北"""\r\n\r\n2,乙,\n3')).toEqual([
    { 编号: "1", 姓名: "甲", 说明: '门, "北"' },
    { 编号: "2", 姓名: "乙", 说明: "" },
    { 编号: "3" },
  ]);
  expect(parseCsv("")).toEqual([]);
});

test("a file that was cut inside a quotation, or never ends, is refused", () => {
  expect(() => parseCsv('a,b\n1,"cut')).toThrow(CsvError);
  expect(() => parseCsv("a\n".repeat(CSV_ROWS_MAX + 2))).toThrow(CsvError);
});

test("what is written is read again", () => {
  const field = fc.string({ unit: fc.constantFrom("a", "门", ",", '"', "\n", " ") });
  const row = fc.record({
    one: fc.string({ minLength: 1, unit: fc.constantFrom("a", "7") }),
    two: field,
    three: field,
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
      expect(parseCsv(formatCsv(rows))).toEqual(rows);
    }),
  );
});
