/** What a run of the tests came to, taken from vitest's own reports and nowhere else. */

export interface Report {
  readonly testResults: readonly FileResult[];
}

export interface FileResult {
  readonly name: string;
  readonly status: string;
  /** Why the file could not be loaded. */
  readonly message?: string;
  readonly assertionResults: readonly TestResult[];
}

interface TestResult {
  readonly status: string;
  readonly fullName?: string;
  readonly failureMessages?: readonly string[];
}

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function summarize(reports: readonly Report[]): Summary {
  const files = reports.flatMap(({ testResults }) => testResults);
  const statuses = files.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const count = (status: string): number => statuses.filter((each) => each === status).length;
  // A file that cannot be loaded has no tests, and must not pass for it.
  const broken = files.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((each) => each.status === "failed"),
  ).length;
  const passed = count("passed");
  const failed = count("failed");
  return { passed, failed: failed + broken, skipped: statuses.length - passed - failed };
}

/** Of a failure's text: enough for what was expected and where; the whole of it stands where it happened. */
const FAILURE_LINES_MAX = 12;
/** More than these are one cause, which the first ones show. */
const FAILURES_TOLD_MAX = 20;

/** What failed and why, for the end of the output: of a long run that is often all that is kept. */
export function formatFailures(reports: readonly Report[], root: string): string {
  const failures = reports
    .flatMap(({ testResults }) => testResults)
    .flatMap(({ assertionResults, message, name, status }) => {
      const failed = assertionResults.filter((each) => each.status === "failed");
      const file = name.replace(`${root}/`, "");
      if (failed.length === 0) return status === "failed" ? [failure(`${file}: not loaded`, message)] : [];
      return failed.map(({ failureMessages, fullName }) =>
        failure(`${file} > ${fullName}`, failureMessages?.join("\n")),
      );
    });
  const untold = failures.length - FAILURES_TOLD_MAX;
  return [...failures.slice(0, FAILURES_TOLD_MAX), ...(untold > 0 ? [`… and ${untold} more`] : [])].join(
    "\n",
  );
}

function failure(what: string, why = ""): string {
  const lines = why.split("\n").slice(0, FAILURE_LINES_MAX);
  return [`✗ ${what}`, ...lines.map((line) => `    ${line.trimEnd()}`)].join("\n");
}

export function formatSummary({ passed, failed, skipped }: Summary): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Green means that something ran, all of it passed and nothing was left out. */
export function isGreen({ passed, failed, skipped }: Summary): boolean {
  return passed > 0 && failed === 0 && skipped === 0;
}
