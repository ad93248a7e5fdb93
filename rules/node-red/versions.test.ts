import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { keepVersion, VERSIONS_MAX, versionsIn } from "./versions.ts";

test("every version is kept once, the oldest give way", () => {
  const folder = mkdtempSync(join(tmpdir(), "versions-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const first = keepVersion(folder, [{ id: "a" }], 0);
  expect(keepVersion(folder, [{ id: "a" }], 60_000)).toBe(first);
  expect(versionsIn(folder)).toHaveLength(1);
  for (let count = 1; count <= VERSIONS_MAX; count += 1)
    keepVersion(folder, [{ id: `v${count}` }], count * 1_000);
  const kept = versionsIn(folder);
  expect(kept).toHaveLength(VERSIONS_MAX);
  expect(JSON.parse(readFileSync(join(folder, kept[0] ?? ""), "utf8"))).toEqual([{ id: "v1" }]);
  expect(JSON.parse(readFileSync(join(folder, kept.at(-1) ?? ""), "utf8"))).toEqual([
    { id: `v${VERSIONS_MAX}` },
  ]);
});
