/** The time, given from outside so that core has no clock of its own. */
export interface Clock {
  /** RFC 3339, UTC, milliseconds. */
  now(): string;
}
