import { describe, expect, test } from "vitest";
import { formatFailures, formatSummary, isGreen, type Report, summarize } from "./summary.ts";

const file = (status: string, ...tests: readonly string[]): Report => ({
  testResults: [{ name: "a.test.ts", status, assertionResults: tests.map((each) => ({ status: each })) }],
});

describe("the summary of a test run", () => {
  test("adds up all reports", () => {
    const summary = summarize([
      file("passed", "passed", "passed"),
      file("failed", "failed", "passed", "pending"),
    ]);
    expect(summary).toEqual({ passed: 3, failed: 1, skipped: 1 });
    expect(formatSummary(summary)).toBe("3 passed, 1 failed, 1 skipped");
  });

  test("counts a file that could not be loaded as a failure", () => {
    expect(summarize([file("failed")])).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test("counts tests that are only planned as skipped", () => {
    expect(summarize([file("passed", "todo", "skipped")])).toEqual({ passed: 0, failed: 0, skipped: 2 });
  });

  test("ends with what failed and why, and with which file could not be loaded", () => {
    const failed = (fullName: string) => ({
      status: "failed",
      fullName,
      failureMessages: ["expected 1 to be 2"],
    });
    const told = formatFailures(
      [
        {
          testResults: [
            {
              name: "/somewhere/a.test.ts",
              status: "failed",
              assertionResults: [{ status: "passed" }, failed("a door opens once")],
            },
            {
              name: "/somewhere/b.test.ts",
              status: "failed",
              message: "no such module",
              assertionResults: [],
            },
          ],
        },
      ],
      "/somewhere",
    );
    expect(told.split("\n")).toEqual([
      "✗ a.test.ts > a door opens once",
      "    expected 1 to be 2",
      "✗ b.test.ts: not loaded",
      "    no such module",
    ]);
  });

  test("tells of twenty failures, and counts the rest", () => {
    const tests = Array.from({ length: 23 }, (_, index) => ({ status: "failed", fullName: `test ${index}` }));
    const told = formatFailures(
      [{ testResults: [{ name: "a", status: "failed", assertionResults: tests }] }],
      "",
    );
    expect(told).toContain("test 19");
    expect(told).not.toContain("test 20");
    expect(told).toMatch(/… and 3 more$/);
  });

  test.each([
    { summary: { passed: 1, failed: 0, skipped: 0 }, green: true },
    { summary: { passed: 0, failed: 0, skipped: 0 }, green: false },
    { summary: { passed: 9, failed: 1, skipped: 0 }, green: false },
    { summary: { passed: 9, failed: 0, skipped: 1 }, green: false },
  ])("$summary is green: $green", ({ summary, green }) => {
    expect(isGreen(summary)).toBe(green);
  });
});
