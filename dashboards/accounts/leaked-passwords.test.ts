import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LeakedPasswords, LeakedPasswordsError } from "./leaked-passwords.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "leaked-"));
  file = join(folder, "pwned.txt");
});
afterEach(() => rmSync(folder, { recursive: true }));

const hashOf = (password: string): string => createHash("sha1").update(password).digest("hex").toUpperCase();
const write = (passwords: readonly string[], end = "\r\n", count = (n: number) => `:${n}`): void => {
  const hashes = passwords.map(hashOf).toSorted();
  writeFileSync(file, hashes.map((hash, n) => `${hash}${count(10 ** (n % 9))}`).join(end) + end);
};

test("each password of the file is found, and no other, however many there are and however lines end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string({ maxLength: 8 }), { minLength: 2, maxLength: 60 }),
      fc.constantFrom("\r\n", "\n"),
      fc.boolean(),
      async (all, end, counted) => {
        const [other = "", ...there] = all;
        write(there, end, counted ? undefined : () => "");
        const leaked = new LeakedPasswords(file);
        for (const each of there) expect(await leaked.has(each)).toBe(true);
        expect(await leaked.has(other)).toBe(false);
      },
    ),
    { numRuns: 20 },
  );
});

test("a large file is searched by looking at a few places of it", async () => {
  const many = Array.from({ length: 50_000 }, (_, n) => `password ${n}`);
  write(many);
  const leaked = new LeakedPasswords(file);
  expect(await leaked.has("password 0")).toBe(true);
  expect(await leaked.has("password 49999")).toBe(true);
  expect(await leaked.has("nine blue pencils")).toBe(false);
});

test.each([
  ["a file that is not there", undefined],
  ["a list of words", "password\nletmein\n".repeat(100)],
])("%s is told, and not taken for a list without the password", async (_, content) => {
  if (content !== undefined) writeFileSync(file, content);
  await expect(new LeakedPasswords(file).has("x")).rejects.toThrow(LeakedPasswordsError);
});
