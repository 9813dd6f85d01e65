import type { ErrorRecord } from '../errors/lcb-error.ts';
import type { OperationHandle } from '../model/operation.ts';
import { databaseLoadSchema } from '../ports/database-engine.ts';
import type { Polled } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { followOperation, showProgress } from './follow-operation.ts';
import { differenceOf } from './restore-database.ts';
import { projectOf, type StepContext } from './step-context.ts';
import { openVerified } from './verify-source.ts';

/** Starts loading the dump into the scratch database, or finds the load that was started before. */
export async function startScratchLoad(
  input: WorkflowInput & { readonly attempt: number },
  context: StepContext,
): Promise<OperationHandle> {
  const { manifest, dump, backup, scratch } = await openVerified(input, context);
  return context.provider.restoreDatabaseFromDump({
    runId: input.runId,
    attempt: input.attempt,
    rollback: false,
    backup,
    dump,
    target: scratch,
    replaceExisting: false,
    untrusted: manifest.type === 'Uploaded' || dump.untrusted === true,
  });
}

/** Looks at the load; when it has ended, holds what was counted against what was sealed. */
export async function pollScratchLoad(
  input: WorkflowInput & { readonly handle: OperationHandle },
  context: StepContext,
): Promise<Polled> {
  const project = projectOf(context, input);
  const polled = await followOperation(input.handle, context, {
    result: databaseLoadSchema,
    onProgress: showProgress(context, input, 'database'),
    async onSucceeded(load) {
      const { run, manifest } = await openVerified(input, context);
      const { tables, rows, sequences, largeObjects } = load;
      const now = context.clock.now();
      const since = run.units.database?.startedAt ?? now;
      const loadSeconds = Math.max(0, (Date.parse(now) - Date.parse(since)) / 1000);
      await project.addVerification(context.lease, {
        restored: { loadSeconds, tables, rows, sequences, largeObjects },
      });
      const problem = differenceOf(load, manifest.units.database);
      if (problem !== undefined)
        return { code: 'verify.databaseDiffers', message: problem, retryable: false };
      await project.setUnit(context.lease, 'database', {
        state: 'Succeeded',
        progress: 100,
        bytes: manifest.units.database?.bytes ?? 0,
        completedAt: now,
      });
      return undefined;
    },
  });
  return polled.state === 'Failed' ? { ...polled, error: ofLoad(polled.error) } : polled;
}

/** The load reads the dump and nothing else of the location. */
function ofLoad(error: ErrorRecord): ErrorRecord {
  switch (error.code) {
    case 'integrity.mismatch':
    case 'objectStore.notFound':
      return { ...error, code: 'verify.damaged' };
    case 'database.permission':
      return {
        ...error,
        message: `${error.message} A verification by restore makes a database of its own: name a server and a user that may create one (lcb backup verify --server).`,
      };
    default:
      return error;
  }
}
