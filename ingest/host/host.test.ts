import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "@campus-ops/service";
import { expect, test, vi } from "vitest";
import { LimitedLog, REPEAT_MS_MIN } from "./limited-log.ts";
import { QUARANTINE_FILE_BYTES_MAX, QUARANTINE_FILES_MAX, Quarantine } from "./quarantine.ts";

test("the quarantine keeps the newest payloads and no more than its bounds, over a restart too", () => {
  const folder = mkdtempSync(join(tmpdir(), "quarantine-"));
  const before = new Quarantine(folder);
  for (let time = 0; time < QUARANTINE_FILES_MAX; time += 1) before.add("topic", new Uint8Array([1]), time);
  const quarantine = new Quarantine(folder);
  const newest = quarantine.add("topic", new Uint8Array(QUARANTINE_FILE_BYTES_MAX * 2), 5_000);
  const names = readdirSync(folder).sort();
  expect(names).toHaveLength(QUARANTINE_FILES_MAX);
  expect(names[0]).toMatch(/^0+1-/);
  expect(newest.endsWith(names.at(-1) ?? "")).toBe(true);
  expect(statSync(newest).size).toBe("topic\n".length + QUARANTINE_FILE_BYTES_MAX);
  rmSync(folder, { recursive: true });
});

test("a warning is said once in a while, and then tells how often it was held back", () => {
  const log = createLog("test", "fatal");
  const warn = vi.spyOn(log, "warn").mockImplementation(() => undefined);
  let now = 0;
  const limited = new LimitedLog(log, () => now);
  limited.warn("a", { n: 1 }, "first");
  limited.warn("a", { n: 2 }, "held");
  limited.warn("b", { n: 3 }, "another kind");
  now = REPEAT_MS_MIN;
  limited.warn("a", { n: 4 }, "again");
  expect(warn.mock.calls).toEqual([
    [{ n: 1 }, "first"],
    [{ n: 3 }, "another kind"],
    [{ n: 4, notSaid: 1 }, "again"],
  ]);
});
