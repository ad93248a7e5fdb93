import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { SIMULATED_FAULTS } from "@campus-ops/device-profiles/simulator";
import { expect, test } from "vitest";
import { KINDS } from "./faults.ts";
import { table } from "./markdown.ts";
import { referencePages } from "./pages.ts";

const root = resolve(import.meta.dirname, "../..");
const pages = await referencePages();

test.each([...pages.keys()])("%s says what the code says; if not, run `npm run reference`", (path) => {
  const file = resolve(root, path);
  expect(existsSync(file) ? readFileSync(file, "utf8") : "(missing)").toBe(pages.get(path));
});

test("every fault that a simulator plays is of one kind of those that devices show", () => {
  const kinds = KINDS.flatMap(([, , played]) => played);
  expect(kinds.toSorted()).toEqual(Object.keys(SIMULATED_FAULTS).sort());
});

test("a bar inside a cell does not end the cell", () => {
  expect(table(["a"], [["x|y"]])).toBe("| a |\n| --- |\n| x\\|y |");
});
