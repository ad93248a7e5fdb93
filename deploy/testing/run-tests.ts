/**
 * `npm test`: everything that must hold, on a machine that has nothing but Node and Debian. The last line counts the
 * tests; the exit code is 0 only when all checks passed, something was tested, and nothing failed or was left out.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { conformanceDocument, readAssertions, type TestReport } from "../reference/conformance/page.ts";
import { installPeers } from "./install-peers.ts";
import { formatFailures, formatSummary, isGreen, type Report, summarize } from "./summary.ts";

const root = resolve(import.meta.dirname, "../..");
const reports = join(root, "reports");

/** The Node of this project first, whatever the machine has: the tests start processes of their own. */
const environment = {
  ...process.env,
  PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH ?? ""}`,
};

const CHECKS = [
  ["types", "npm", "run", "--silent", "typecheck"],
  ["lint and format", "npm", "run", "--silent", "lint"],
  ["console", "npm", "run", "--silent", "build", "-w", "@campus-ops/dashboards"],
] as const;

/** Whole processes and a browser come last, on a machine that has nothing else to do. */
const PROJECTS = ["unit", "e2e", "e2e-alone"] as const;

function run(title: string, command: string, args: readonly string[]): boolean {
  const startedAt = performance.now();
  console.log(`\n── ${title}`);
  const { status, error } = spawnSync(command, args, { cwd: root, env: environment, stdio: "inherit" });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`── ${title}: ${status === 0 ? "ok" : `failed (${error?.message ?? status})`}, ${seconds} s`);
  return status === 0;
}

function test(project: string): boolean {
  const args = ["run", "--project", project, "--reporter=default", "--reporter=json"];
  return run(`tests: ${project}`, process.execPath, [
    join(root, "node_modules", "vitest", "vitest.mjs"),
    ...args,
    `--outputFile.json=${reportFile(project)}`,
  ]);
}

const reportFile = (project: string): string => join(reports, `${project}.json`);

function readReport(project: string): Report & TestReport {
  const file = reportFile(project);
  if (!existsSync(file)) return { testResults: [] };
  return JSON.parse(readFileSync(file, "utf8")) as Report & TestReport;
}

/** What `docs/sparkplug-conformance.md` says is what this run has found. */
function isConformancePageTrue(): boolean {
  const page = "docs/sparkplug-conformance.md";
  const tsv = join(root, "deploy/reference/conformance/assertions.tsv");
  const assertions = readAssertions(readFileSync(tsv, "utf8"));
  const found = conformanceDocument(assertions, readReport("unit"), root);
  const isTrue = found === readFileSync(join(root, page), "utf8");
  if (!isTrue) console.error(`\n${page} is not what this run has found: npm run conformance`);
  return isTrue;
}

function main(): boolean {
  try {
    installPeers();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports);
  // All of them run, so that one look shows everything that is wrong.
  const checks = CHECKS.map(([title, command, ...args]) => run(title, command, args));
  const tests = PROJECTS.map(test);
  const conformance = isConformancePageTrue();
  const names = [...CHECKS.map(([title]) => title), ...PROJECTS, "conformance page"];
  const failed = names.filter((_, index) => ![...checks, ...tests, conformance][index]);
  if (failed.length > 0) console.error(`\nfailed: ${failed.join(", ")}`);
  return failed.length === 0;
}

const held = main();
const found = PROJECTS.map(readReport);
const summary = summarize(found);
if (summary.failed > 0) console.error(`\n${formatFailures(found, root)}\n`);
process.exitCode = held && isGreen(summary) ? 0 : 1;
console.log(formatSummary(summary));
