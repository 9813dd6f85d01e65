/** What the program ends with. Stable: scripts rely on these, and `lcb --help` lists them. */
export const exitCodes = {
  done: 0,
  /** The run, or a check, failed. */
  failed: 1,
  /** Wrong input or configuration: nothing was done. */
  invalid: 2,
  notFound: 3,
  /** The environment is busy, or something else stands against it now. */
  conflict: 4,
  cancelled: 5,
  /** A mistake in this program (`EX_SOFTWARE` of sysexits.h). */
  internal: 70,
  /** Left by a second Ctrl-C, or by one before anything was done, as a shell counts it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
