import { expect, it } from 'vitest';
import { tallyReport } from './vitest-report.ts';

const report = JSON.stringify({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 2,
  numTodoTests: 1,
  testResults: [
    { assertionResults: [{ ancestorTitles: ['dump [skipped: pg_dump is missing: install it]'] }] },
    { assertionResults: [{ ancestorTitles: ['dump [skipped: pg_dump is missing: install it]', 'large'] }] },
  ],
});

it('counts tests and names each suite that was skipped once', () => {
  expect(tallyReport(report, 0)).toEqual({
    passed: 3,
    failed: 0,
    skipped: 3,
    skippedSuites: ['dump [skipped: pg_dump is missing: install it]'],
  });
});

it('counts what failed outside a test', () => {
  expect(tallyReport(report, 1).failed).toBe(1);
});

it('does not guess', () => {
  expect(() => tallyReport('{}', 0)).toThrow('unknown shape');
});
