import type { z } from 'zod';
import { LcbError } from '../errors/lcb-error.ts';
import type { Operation, OperationHandle } from '../model/operation.ts';
import type { Unit } from '../model/unit.ts';
import type { Polled } from '../workflow/step-table.ts';
import { projectOf, type StepContext } from './step-context.ts';

type InProgress = Extract<Operation, { state: 'InProgress' }>;

/** What a step does about an operation that it looks at. */
export interface Following<Result> {
  readonly result: z.ZodType<Result>;
  readonly onProgress?: (operation: InProgress) => Promise<void>;
  /** Answers what is wrong with a result that came, if anything is. */
  readonly onSucceeded: (result: Result) => Promise<Failure | undefined>;
}
type Failure = Extract<Polled, { state: 'Failed' }>['error'];

/** Looks once at a long operation. One that nobody knows any more was lost, and is begun anew by whoever started it. */
export async function followOperation<Result>(
  handle: OperationHandle,
  { provider }: StepContext,
  { result, onProgress, onSucceeded }: Following<Result>,
): Promise<Polled> {
  const operation = await provider.getOperationStatus(handle);
  switch (operation.state) {
    case 'InProgress':
      await onProgress?.(operation);
      return { state: 'InProgress' };
    case 'Failed':
      return { state: 'Failed', error: operation.error };
    case 'NotFound':
      return { state: 'Failed', error: lost(handle).toRecord() };
    case 'Succeeded': {
      const error = await onSucceeded(result.parse(operation.result));
      return error === undefined ? { state: 'Succeeded' } : { state: 'Failed', error };
    }
  }
}

/** Shows how far an operation has come, where that can be known: never all of it before it has ended. */
export function showProgress(context: StepContext, run: { readonly projectId: string }, unit: Unit) {
  return async ({ processedBytes, expectedBytes }: InProgress): Promise<void> => {
    if (processedBytes === undefined) return;
    await projectOf(context, run).setUnit(context.lease, unit, {
      bytes: processedBytes,
      ...(expectedBytes
        ? { progress: Math.min(99, Math.floor((100 * processedBytes) / expectedBytes)) }
        : {}),
    });
  };
}

function lost({ operationId }: OperationHandle): LcbError {
  return new LcbError({
    code: 'operation.lost',
    message: `The operation ${operationId} is gone without a result; it is begun anew.`,
    retryable: true,
  });
}
