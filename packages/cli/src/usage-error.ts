/**
 * Wrong arguments or a wrong lcb.yaml: exit code 2, and nothing was done. Not an `LcbError`, so that a mistyped option is
 * answered before any other package is loaded.
 */
export class UsageError extends Error {
  readonly code: string;
  /** One sentence per mistake. */
  readonly problems: readonly string[];

  constructor(problem: string | readonly string[], code = 'input.invalid') {
    const problems = typeof problem === 'string' ? [problem] : problem;
    super(problems.join('\n'));
    this.name = 'UsageError';
    this.code = code;
    this.problems = problems;
  }
}
