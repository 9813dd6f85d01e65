import { InvalidRequestError } from '../errors/errors.ts';
import type { OperationHandle } from '../model/operation.ts';
import type { Polled } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { placesOf } from './restore-places.ts';
import { loadRestore, type StepContext } from './step-context.ts';

/** Starts the scripts of the request on the restored database, or finds the job that was started before. */
export async function startScripts(input: WorkflowInput, context: StepContext): Promise<OperationHandle> {
  const restore = await loadRestore(context, input);
  const { database } = placesOf(restore);
  const { scripts } = restore.request;
  if (database === undefined || scripts === undefined) {
    throw new InvalidRequestError('There are no scripts to run, or no restored database.');
  }
  return context.provider.runRestoreScripts({ runId: input.runId, database, scripts });
}

/**
 * A job that was lost is never begun again: whether its transaction was committed is not known, and statements that run
 * twice are not what was asked for.
 */
export async function pollScripts(
  input: WorkflowInput & { readonly handle: OperationHandle },
  context: StepContext,
): Promise<Polled> {
  const operation = await context.provider.getOperationStatus(input.handle);
  switch (operation.state) {
    case 'InProgress':
      return { state: 'InProgress' };
    case 'Succeeded':
      return { state: 'Succeeded' };
    case 'Failed': {
      const { code, message } = operation.error;
      return { state: 'Failed', error: { code, message, retryable: false } };
    }
    case 'NotFound':
      return {
        state: 'Failed',
        error: {
          code: 'restore.scriptsLost',
          message:
            'The job that ran the scripts is gone, and whether it had come to its end is not known. Start the restore again.',
          retryable: false,
        },
      };
  }
}
