import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

/** Built-in modules that a process has loaded which does nothing but load `module`. */
function builtinsAfter(module: string): readonly string[] {
  const script = `await import(${JSON.stringify(module)}); console.log(JSON.stringify(process.moduleLoadList))`;
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  return JSON.parse(said) as readonly string[];
}

test("a process that listens does not load Node's HTTP client of 13 MB", () => {
  const undici = "NativeModule internal/deps/undici/undici";
  expect(builtinsAfter("node:http")).toContain(undici);
  expect(builtinsAfter("@campus-ops/service")).not.toContain(undici);
});
