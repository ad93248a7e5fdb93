import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { conformancePage, proofsIn, readAssertions, resultOf } from "./page.ts";
import { DOES_NOT_ARISE, UNMET } from "./unmet.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const assertions = readAssertions(readFileSync(join(import.meta.dirname, "assertions.tsv"), "utf8"));
const MET = "tck-id-topics-nbirth-topic";
const FAILS = "tck-id-topics-nbirth-mqtt";

const report = {
  testResults: [
    {
      name: "/r/deploy/conformance/edge.test.ts",
      assertionResults: [
        { ancestorTitles: ["on ours"], title: `${MET}: has its topic`, status: "passed" },
        { ancestorTitles: ["on mosquitto"], title: `${MET}: has its topic`, status: "passed" },
        { ancestorTitles: [], title: `two in one [${MET}] [${FAILS}]`, status: "failed" },
        { ancestorTitles: [], title: "an unrelated test", status: "passed" },
      ],
    },
  ],
};

test("proofs are gathered by assertion, one for each title, whichever server it ran on", () => {
  const proofs = proofsIn(report, "/r");
  expect(proofs.get(MET)).toEqual([
    { title: "has its topic", file: "deploy/conformance/edge.test.ts", passed: true, runs: 2 },
    { title: "two in one", file: "deploy/conformance/edge.test.ts", passed: false, runs: 1 },
  ]);
  expect([...proofs.keys()]).toEqual([MET, FAILS]);
});

test("an assertion is met by passing tests alone, and not when it is known to be unmet", () => {
  const passed = [{ title: "t", file: "f", passed: true, runs: 1 }];
  const failed = [...passed, { title: "u", file: "f", passed: false, runs: 1 }];
  expect(resultOf(MET, passed)).toBe("met");
  expect(resultOf(MET, failed)).toBe("failed");
  expect(resultOf(MET, undefined)).toBe("no test");
  expect(resultOf("tck-id-conformance-mqtt-aware-store", passed)).toBe("not met");
  expect(resultOf("tck-id-conformance-mqtt-aware-store", failed)).toBe("failed");
});

test("the page counts what has no test as open", () => {
  const page = conformancePage(assertions.slice(0, 1), new Map());
  expect(page).toContain("| host | 1 | 0 | 0 | 0 | 1 |");
  expect(page).toContain("There is no test.");
});

test("what is said to be unmet, or not to arise, is an assertion of the specification", () => {
  const known = new Set(assertions.map(({ id }) => id));
  expect([...Object.keys(UNMET), ...Object.keys(DOES_NOT_ARISE)].filter((id) => !known.has(id))).toEqual([]);
});

test("the page that is committed names every assertion and no failure", () => {
  const file = join(ROOT, "docs/sparkplug-conformance.md");
  expect(existsSync(file)).toBe(true);
  const page = readFileSync(file, "utf8");
  expect(assertions.filter(({ id }) => !page.includes(`| ${id} |`))).toEqual([]);
  expect(page).not.toMatch(/\| (failed|no test) \|/);
});
