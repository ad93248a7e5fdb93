/** What a run of the tests came to, taken from vitest's own reports and nowhere else. */

export interface Report {
  readonly testResults: readonly FileResult[];
}

export interface FileResult {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string }[];
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

export function formatSummary({ passed, failed, skipped }: Summary): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Green means that something ran, all of it passed and nothing was left out. */
export function isGreen({ passed, failed, skipped }: Summary): boolean {
  return passed > 0 && failed === 0 && skipped === 0;
}
