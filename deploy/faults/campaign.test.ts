import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { BEGIN, END, matrix, withMatrix } from "./matrix.ts";
import { type Finished, keepProgress, readProgress, remaining } from "./progress.ts";
import { KINDS, SCENARIOS } from "./scenarios.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const NAMES = Object.keys(SCENARIOS);

const finished = (more: Partial<Finished> = {}): Finished => ({
  passed: true,
  commit: "abc1234",
  date: "2026-11-22",
  seconds: 300,
  seed: 7,
  outcomes: [],
  ...more,
});

describe("the campaign", () => {
  test("has a scenario for every kind of fault that is promised to be survived", () => {
    const kinds = new Set(Object.values(SCENARIOS).map(({ kind }) => kind));
    expect(Object.keys(KINDS).filter((kind) => !kinds.has(kind as keyof typeof KINDS))).toEqual([]);
  });

  test("names tests that there are, and for each scenario a short form that npm test runs", () => {
    for (const [name, { inTests, run }] of Object.entries(SCENARIOS)) {
      const files = [...inTests, ...("tests" in run ? run.tests : [])];
      expect(
        files.filter((file) => !existsSync(join(ROOT, file))),
        name,
      ).toEqual([]);
      expect(inTests.length, name).toBeGreaterThan(0);
      expect(
        inTests.filter((file) => file.startsWith("deploy/faults/campaign")),
        name,
      ).toEqual([]);
    }
  });

  test("goes on where it was broken off, and repeats what failed", () => {
    const [first = "", second = "", ...others] = NAMES;
    const progress = { [first]: finished(), [second]: finished({ passed: false }) };
    expect(remaining(NAMES, progress, { again: false, named: [] })).toEqual([second, ...others]);
    expect(remaining(NAMES, progress, { again: true, named: [] })).toEqual(NAMES);
    expect(remaining(NAMES, progress, { again: false, named: [first] })).toEqual([first]);
  });

  test("keeps what it found between runs", () => {
    const folder = mkdtempSync(join(tmpdir(), "campus-ops-progress-"));
    try {
      const file = join(folder, "inner/progress.json");
      expect(readProgress(file)).toEqual({});
      const progress = { kill: finished({ outcomes: [{ fault: "a", part: "b", lost: 0 }] }) };
      keepProgress(file, progress);
      expect(readProgress(file)).toEqual(progress);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the matrix", () => {
  const told = {
    fault: "full | disk",
    part: "ingest",
    lost: 0,
    doubled: 0,
    told_s: 12.34,
    says: "Disk full",
    recovered_s: 3,
  };

  test("says of every scenario what was found, and of what was not run that it was not", () => {
    const text = matrix({ kill: finished(), network: finished({ passed: false, seconds: 61 }) });
    expect(text).toContain("held in 5 min, commit abc1234, 2026-11-22, seed 7");
    expect(text).toContain("**failed** in 61 s");
    expect(text.match(/not run/g)).toHaveLength(NAMES.length - 2);
    for (const name of NAMES) expect(text).toContain(`\`${name}\``);
  });

  test("has a row for each fault that was injected", () => {
    const quiet = { fault: "latency", part: "network", told_s: null };
    const text = matrix({ told: finished({ outcomes: [told, quiet] }) });
    expect(text).toContain("| full \\| disk | ingest | 0 | 0 | 12.3 s | Disk full | 3.0 s |");
    expect(text).toContain("| latency | network |  |  | nothing to tell |  |  |");
  });

  test("takes the place of the one before, and leaves the rest of the page alone", () => {
    const page = `before\n${BEGIN}\nwhat was there\n${END}\nafter\n`;
    const once = withMatrix(page, { told: finished({ outcomes: [told] }) });
    expect(once.startsWith("before\n")).toBe(true);
    expect(once.endsWith(`${END}\nafter\n`)).toBe(true);
    expect(once).not.toContain("what was there");
    expect(withMatrix(once, { told: finished({ outcomes: [told] }) })).toBe(once);
    expect(() => withMatrix("nothing", {})).toThrow("does not mark");
  });

  test("has its place in docs/reliability.md", () => {
    const page = readFileSync(join(ROOT, "docs/reliability.md"), "utf8");
    expect(() => withMatrix(page, {})).not.toThrow();
  });
});
