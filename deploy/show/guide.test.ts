import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { PICTURE_BYTES_MAX, PICTURES, pictureFile } from "./pictures.ts";

const DOCS = resolve(import.meta.dirname, "../../docs");
const guide = (name: string): string => readFileSync(join(DOCS, name), "utf8");

/** What has to be the same in every language: the steps by their numbers, what is typed, and how long it took. */
function skeleton(text: string): readonly string[] {
  const steps = [...text.matchAll(/^## (\d+)\./gm)].map(([, number]) => `step ${number}`);
  const typed = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
    block.trim().split("\n"),
  );
  const seconds = [...text.matchAll(/^\|[^|]+\| ([\d.]+) \|$/gm)].map(([, each]) => `${each} s`);
  return [...steps, ...typed, ...seconds];
}

test("the guide of the first day says the same in Chinese and English", () => {
  const english = skeleton(guide("installer-first-day.md"));
  expect(english).toHaveLength(36);
  expect(skeleton(guide("installer-first-day.zh.md"))).toEqual(english);
});

test("the show types what the guide has people type", () => {
  const show = readFileSync(join(import.meta.dirname, "main.ts"), "utf8");
  const commands = skeleton(guide("installer-first-day.md")).flatMap(
    (line) => /^campus-ops (\w+(?: (?:token|list|key|add))?)/.exec(line)?.[1] ?? [],
  );
  for (const command of commands) expect(show, command).toContain(`campus-ops ${command}`);
});

test.each([
  ["zh", "installer-first-day.zh.md"],
  ["en", "installer-first-day.md"],
] as const)(
  "the guide in %s shows every picture of its language, in order, small enough for a telephone",
  (language, name) => {
    const shown = [...guide(name).matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, file]) => file);
    expect(shown).toEqual(PICTURES.map((each) => pictureFile(each, language)));
    for (const file of shown) {
      const { size } = statSync(join(DOCS, file ?? ""));
      expect(size).toBeGreaterThan(0);
      expect(size).toBeLessThanOrEqual(PICTURE_BYTES_MAX);
    }
  },
);

test("no picture lies there that no guide shows", () => {
  const shown = ["zh", "en"].flatMap((language) =>
    PICTURES.map((each) => pictureFile(each, language as "zh" | "en")),
  );
  const there = readdirSync(join(DOCS, "screenshots/first-day")).map(
    (each) => `screenshots/first-day/${each}`,
  );
  expect(there.sort()).toEqual(shown.sort());
});
