import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readSecretFile } from "./secret-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-secret-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(text: string, mode = 0o600): string {
  const path = join(folder, "secret");
  writeFileSync(path, text, { mode });
  return path;
}

test("a secret is the file's text without its closing line break, blanks and all", () => {
  expect(readSecretFile(file(" correct horse \r\n"))).toEqual({ text: " correct horse " });
});

test("a file that others can read is refused with what to do", () => {
  expect(readSecretFile(file("secret", 0o640))).toMatchObject({
    problem: expect.stringContaining("chmod 600"),
  });
});

test.each([
  ["", "is empty"],
  ["\n", "is empty"],
  ["x".repeat(1025), "is longer than 1024 bytes"],
])("a file that holds %j is refused", (text, problem) => {
  expect(readSecretFile(file(text))).toMatchObject({ problem: expect.stringContaining(problem) });
});

test("a file that is not there is refused, and its name said", () => {
  const path = join(folder, "nowhere");
  expect(readSecretFile(path)).toEqual({
    problem: `${path} cannot be read (ENOENT)`,
    zh: `${path} 无法读取（ENOENT）`,
  });
});
