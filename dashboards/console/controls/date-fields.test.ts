import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const CONSOLE = resolve(import.meta.dirname, "..");
/** They speak the browser's language, whatever the console is switched to. */
const BROWSERS_OWN = /type="(date|datetime-local|time|month|week)"/;

test("no page has a field for days and times of the browser's own", () => {
  const files = globSync("**/*.tsx", { cwd: CONSOLE, exclude: ["dist/**"] });
  expect(files.length).toBeGreaterThan(100);
  const found = files.filter((file) => BROWSERS_OWN.test(readFileSync(resolve(CONSOLE, file), "utf8")));
  expect(found).toEqual([]);
});
