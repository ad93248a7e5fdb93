import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const CONSOLE = resolve(import.meta.dirname, "..");
/** They speak the browser's language, whatever the console is switched to. */
const BROWSERS_OWN = /type="(date|datetime-local|time|month|week)"/;

/** Each hides the browser's button, and has words of its own. */
const HIDING = ["controls/file-field.tsx", "work-orders/photos.tsx"];

const pagesWith = (pattern: RegExp): readonly string[] => {
  const files = globSync("**/*.tsx", { cwd: CONSOLE, exclude: ["dist/**"] });
  expect(files.length).toBeGreaterThan(100);
  return files.filter((file) => pattern.test(readFileSync(resolve(CONSOLE, file), "utf8"))).toSorted();
};

test("no page has a field for days and times of the browser's own", () => {
  expect(pagesWith(BROWSERS_OWN)).toEqual([]);
});

test("no page shows the browser's own button for files", () => {
  expect(pagesWith(/type="file"/)).toEqual(HIDING);
});
