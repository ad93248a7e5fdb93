import { expect, test } from "vitest";
import { nextSorting, type Sorting, type SortValue, sortRows } from "./sorting.ts";

interface Box {
  readonly name: string;
  readonly waiting?: number;
}
const BOXES: readonly Box[] = [
  { name: "实验室 10", waiting: 4 },
  { name: "操场", waiting: 30 },
  { name: "实验室 2" },
  { name: "走廊", waiting: 4 },
];
const cellOf = (box: Box, column: "name" | "waiting"): SortValue => box[column];
const order = (sorting: Sorting<"name" | "waiting"> | undefined): string =>
  sortRows(BOXES, sorting, cellOf, "zh-CN")
    .map(({ name }) => name)
    .join();

test("names go by pinyin, and by the numbers in them", () => {
  expect(order({ column: "name", descending: false })).toBe("操场,实验室 2,实验室 10,走廊");
  expect(order({ column: "name", descending: true })).toBe("走廊,实验室 10,实验室 2,操场");
});

test("what is not known comes last either way, and equal rows stay as they were", () => {
  expect(order({ column: "waiting", descending: true })).toBe("操场,实验室 10,走廊,实验室 2");
  expect(order({ column: "waiting", descending: false })).toBe("实验室 10,走廊,操场,实验室 2");
});

test("where nothing was asked for, rows are in the order they came in", () => {
  expect(sortRows(BOXES, undefined, cellOf, "zh-CN")).toBe(BOXES);
});

test("a heading chosen again turns its order round; another begins with its own", () => {
  const largest = nextSorting<"name" | "waiting">(undefined, "waiting", true);
  expect(largest).toEqual({ column: "waiting", descending: true });
  expect(nextSorting(largest, "waiting", true)).toEqual({ column: "waiting", descending: false });
  expect(nextSorting(largest, "name", false)).toEqual({ column: "name", descending: false });
});
