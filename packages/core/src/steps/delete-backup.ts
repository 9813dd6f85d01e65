import { NotFoundError } from '../errors/errors.ts';
import { deletionObstacles } from '../keeping/deletion-obstacles.ts';
import { readStanding } from '../keeping/read-standing.ts';
import { type Backup, type Deletion, deletionTime, graceEnd } from '../model/run.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import { recordKey } from '../repository/layout.ts';
import { writeRecord } from '../repository/record.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { type FinalState, finishRun } from './finish-run.ts';
import { loadDeletion, projectOf, type StepContext } from './step-context.ts';

async function subjectOf(input: WorkflowInput, context: StepContext): Promise<Backup> {
  const { request } = await loadDeletion(context, input);
  const backup = await projectOf(context, input).run(request.backupId);
  if (backup?.kind !== 'backup') throw new NotFoundError(`There is no backup ${request.backupId}.`);
  return backup;
}

/** Is there something to delete, is nobody at work on it, and does nothing keep it? */
export async function planDeletion(
  input: WorkflowInput,
  context: StepContext,
): Promise<{ backupId: string }> {
  await projectOf(context, input).setState(context.lease, 'InProgress');
  const backup = await subjectOf(input, context);
  const { request } = await loadDeletion(context, input);
  const { standing } = await readStanding(
    context.provider.objectStore(request.backup.location),
    { projectId: request.projectId, environment: request.backup.environment },
    backup.runId,
    await context.trustedKeys(),
  );
  const [obstacle] = await deletionObstacles({
    backup,
    project: projectOf(context, input),
    standing,
    evenIfBase: request.evenIfBase,
    now: context.clock.now(),
  });
  if (obstacle !== undefined) throw obstacle;
  return { backupId: backup.runId };
}

/** Writes the tombstone into the bucket, where a rebuilt catalog will find it. */
export async function recordDeletion(input: WorkflowInput, context: StepContext): Promise<{ key: string }> {
  const { request, startedAt, runId } = await loadDeletion(context, input);
  const ref = { projectId: request.projectId, environment: request.backup.environment };
  const store = context.provider.objectStore(request.backup.location);
  const key = await writeRecord(store, context.signer, context.clock, ref, runId, {
    type: 'deleted',
    at: deletionTime(request, startedAt),
    actor: request.initiator,
    backupId: request.backupId,
    until: graceEnd(request, startedAt),
    ...(request.reason === undefined ? {} : { reason: request.reason }),
  });
  return { key };
}

async function isRecorded(
  { request, startedAt, runId }: Deletion,
  { provider }: StepContext,
): Promise<boolean> {
  const ref = { projectId: request.projectId, environment: request.backup.environment };
  const store = provider.objectStore(request.backup.location);
  return (await store.head(recordKey(ref, deletionTime(request, startedAt), runId))) !== undefined;
}

export async function finishDeletion(
  input: WorkflowInput & { readonly outcome: RunOutcome },
  context: StepContext,
): Promise<{ state: FinalState }> {
  const run = await loadDeletion(context, input);
  const { projectId, backup, backupId } = run.request;
  const settle = async (): Promise<RunOutcome> => {
    // A record whose answer was lost is there all the same, and a sweep goes by it.
    const isDeleted = input.outcome.state === 'Succeeded' || (await isRecorded(run, context));
    if (!isDeleted) return input.outcome;
    await projectOf(context, input).setDeleted(context.lease, backupId);
    return { state: 'Succeeded' };
  };
  return finishRun(
    { run, anchor: { projectId, environment: backup.environment, location: backup.location }, settle },
    context,
  );
}
