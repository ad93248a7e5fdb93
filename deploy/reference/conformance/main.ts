/** `npm run conformance`: runs the tests that name assertions, and writes `docs/sparkplug-conformance.md` from their report. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CONFORMANCE_TESTS, conformanceDocument, readAssertions, type TestReport } from "./page.ts";

const root = resolve(import.meta.dirname, "../../..");

const folder = mkdtempSync(join(tmpdir(), "campus-ops-conformance-"));
const file = join(folder, "report.json");
const { status } = spawnSync(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--project",
    "unit",
    "--reporter=default",
    "--silent",
    "--reporter=json",
    `--outputFile.json=${file}`,
    ...CONFORMANCE_TESTS,
  ],
  { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
);
const report = JSON.parse(readFileSync(file, "utf8")) as TestReport;
rmSync(folder, { recursive: true, force: true });
const assertions = readAssertions(readFileSync(join(import.meta.dirname, "assertions.tsv"), "utf8"));
writeFileSync(join(root, "docs/sparkplug-conformance.md"), conformanceDocument(assertions, report, root));
process.stdout.write("docs/sparkplug-conformance.md\n");
process.exitCode = status ?? 1;
