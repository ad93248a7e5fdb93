import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { bundle, escapeBeyondLatin } from "./bundle.ts";

const WORDS = ["正常", "“引号”", "\ufffd", "a\\", "😀", "é"] as const;

test("a program says the same words from a bundle that has none but Latin letters", async () => {
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-bundle-"));
  try {
    const from = join(folder, "from");
    const to = join(folder, "to");
    mkdirSync(from);
    writeFileSync(
      join(from, "main.ts"),
      `const 名 = ${JSON.stringify(WORDS)};
       export const words: readonly string[] = 名;
       export const inTemplate = \`\${名[0]}：好\`;
       export const found = /[一-龥]/u.test("中") && /😀/u.test("😀");`,
    );
    await bundle({ from, programs: ["main.ts"], external: [], to });
    const text = readFileSync(join(to, "main.js"), "utf8");
    expect(readdirSync(to)).toEqual(["main.js"]);
    expect([...text].filter((letter) => letter > "\u00ff")).toEqual([]);
    const bundled: unknown = await import(pathToFileURL(join(to, "main.js")).href);
    expect(bundled).toMatchObject({ words: [...WORDS], inTemplate: "正常：好", found: true });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what an escape would change is refused", () => {
  expect(() => escapeBeyondLatin(String.raw`"\“"`)).toThrow("Latin");
  expect(() => escapeBeyondLatin("String.raw`“`")).toThrow("Latin");
  expect(escapeBeyondLatin(String.raw`"\\“"`)).toBe(String.raw`"\\\u201c"`);
});
