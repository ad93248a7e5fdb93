import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createLog } from "@campus-ops/service";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compiledCode, precompile } from "./precompile.ts";

const broker = resolve(import.meta.dirname, "../../broker/main.ts");
const log = createLog("test", "silent");

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "campus-ops-precompile-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Files of compiled code: Node keeps them in a folder of its own, named after its version. */
function compiled(): readonly string[] {
  return readdirSync(compiledCode(root), { recursive: true, encoding: "utf8" }).filter(
    (name) => name !== "precompiled" && statSync(join(compiledCode(root), name)).isFile(),
  );
}

test("a process without any configuration leaves its compiled code behind, and starts nothing", async () => {
  await precompile(compiledCode(root), [broker, broker], log);
  expect(compiled().length).toBeGreaterThan(50);
});

test("what was done once is not done again", async () => {
  await precompile(compiledCode(root), [], log);
  await precompile(compiledCode(root), [broker], log);
  expect(compiled()).toEqual([]);
});
