import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { verdictOn } from "./verify-bundle.ts";

test("a file that is no bundle is not genuine, and one that is not there is the operator's to find", () => {
  const folder = mkdtempSync(join(tmpdir(), "verify-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "alarm.html");
  writeFileSync(file, "<html></html>");
  expect(verdictOn(file, "en")).toEqual({
    genuine: false,
    lines: [`${file}: not genuine`, "  it holds no bundle that can be read"],
  });
  expect(() => verdictOn(join(folder, "gone.html"), "zh")).toThrow("cannot be read (ENOENT)");
});
