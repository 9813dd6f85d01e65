/** What a check, or several, came to. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Titles of suites that were skipped because something they need is missing; the reason is in the title. */
  readonly skippedSuites: readonly string[];
}

/** A check that counts as one. */
export function one(ok: boolean): Tally {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, skippedSuites: [] };
}

export function sum(tallies: readonly Tally[]): Tally {
  const total = (key: 'passed' | 'failed' | 'skipped') => tallies.reduce((n, tally) => n + tally[key], 0);
  return {
    passed: total('passed'),
    failed: total('failed'),
    skipped: total('skipped'),
    skippedSuites: tallies.flatMap((tally) => tally.skippedSuites),
  };
}
