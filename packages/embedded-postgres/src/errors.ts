/** What can go wrong, as a stable code that a program may test. */
export type EmbeddedPostgresErrorCode =
  | 'postgres.platformUnsupported'
  | 'postgres.binariesMissing'
  | 'postgres.dataFolderUnusable'
  | 'postgres.startFailed'
  | 'postgres.stopFailed'
  | 'postgres.toolsMissing'
  | 'postgres.commandFailed';

/** Every error of this package: a stable `code`, a sentence that says what to do, and the `cause` where there is one. */
export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'EmbeddedPostgresError';
    this.code = code;
  }
}

/** The code of a failed system call (`ENOENT`, …), or undefined for any other value. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
