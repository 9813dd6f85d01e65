import { type ExitCode, exitCodes } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';

/** Any thrown value as the person, the script and the shell get it. */
export interface DescribedError {
  readonly code: string;
  /** For a person: one or more sentences, never a stack. */
  readonly messages: readonly string[];
  readonly retryable: boolean;
  readonly exitCode: ExitCode;
}

/** Codes with an exit code of their own, whatever class they come with. */
const byCode: ReadonlyMap<string, ExitCode> = new Map([
  // What lcb.yaml names is not there, or does not let us in.
  ['secret.notFound', exitCodes.invalid],
  ['secret.exposed', exitCodes.invalid],
  ['secret.unreadable', exitCodes.invalid],
  ['database.authentication', exitCodes.invalid],
  ['database.notFound', exitCodes.invalid],
  ['objectStore.locationMissing', exitCodes.invalid],
  ['environment.busy', exitCodes.conflict],
  ['request.changed', exitCodes.conflict],
  ['backup.running', exitCodes.conflict],
  ['backup.pinned', exitCodes.conflict],
  ['backup.held', exitCodes.conflict],
  ['backup.isBase', exitCodes.conflict],
  ['backup.graceOver', exitCodes.conflict],
  ['run.cancelled', exitCodes.cancelled],
  ['lcb.interrupted', exitCodes.interrupted],
  ['internal', exitCodes.internal],
]);

/** `postgres.toolsMissing`: an error that was foreseen, and whose message says what to do. */
const foreseen = /^[a-z][A-Za-z]*\.[a-z][A-Za-z]*$/;

export async function describeError(thrown: unknown): Promise<DescribedError> {
  if (thrown instanceof UsageError) {
    return { code: thrown.code, messages: thrown.problems, retryable: false, exitCode: exitCodes.invalid };
  }
  const { errorMessage, InvalidRequestError, LcbError, NotFoundError } = await import('@lcb/core');
  const messages = [errorMessage(thrown)];
  if (LcbError.isInstance(thrown)) {
    const { code, retryable } = thrown;
    let exitCode: ExitCode = exitCodes.failed;
    if (thrown instanceof InvalidRequestError) exitCode = exitCodes.invalid;
    if (thrown instanceof NotFoundError) exitCode = exitCodes.notFound;
    return { code, messages, retryable, exitCode: byCode.get(code) ?? exitCode };
  }
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (foreseen.test(code)) return { code, messages, retryable: false, exitCode: exitCodes.failed };
  return { code: 'internal', messages, retryable: false, exitCode: exitCodes.internal };
}
