import { one, sum, type Tally } from './tally.ts';

/** The part of the report of vitest's JSON reporter that is read here. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly ancestorTitles: readonly string[] }[];
  }[];
}

/** How `requireOrSkip` marks the title of a suite that it skips. */
const SKIPPED_SUITE = /\[skipped: /;

/**
 * Counts a report. What fails outside a test (a file that can't be loaded, an unhandled rejection) is in the exit code alone,
 * and counts as one failure.
 *
 * @throws Error when the report has another shape: the reporter has changed.
 */
export function tallyReport(json: string, exitCode: number): Tally {
  const report: unknown = JSON.parse(json);
  if (!isReport(report))
    throw new Error('The report of vitest has an unknown shape: see scripts/checks/vitest-report.ts.');
  const titles = report.testResults.flatMap((file) =>
    file.assertionResults.flatMap((test) => test.ancestorTitles),
  );
  const tests: Tally = {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    skippedSuites: [...new Set(titles.filter((title) => SKIPPED_SUITE.test(title)))],
  };
  return exitCode !== 0 && tests.failed === 0 ? sum([tests, one(false)]) : tests;
}

function isReport(value: unknown): value is Report {
  return (
    typeof value === 'object' &&
    value !== null &&
    'numPassedTests' in value &&
    'numFailedTests' in value &&
    'numPendingTests' in value &&
    'numTodoTests' in value &&
    'testResults' in value &&
    Array.isArray(value.testResults)
  );
}
