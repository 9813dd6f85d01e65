import { errorMessage } from '../errors/lcb-error.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { hookEvent } from './hook-event.ts';
import { loadRestore, projectOf, type StepContext } from './step-context.ts';

/**
 * Asks the restored environment to rebuild its search index, which still knows the content from before. What became of that is
 * recorded, since a person has to do it where no hook did.
 */
export async function reindex(
  input: WorkflowInput,
  context: StepContext,
): Promise<{ state: 'Called' | 'NotDeclared' }> {
  const { request, runId } = await loadRestore(context, input);
  const project = projectOf(context, input);
  const { target, projectId, backupId, units } = request;
  const hook = target.hooks?.reindex;
  if (hook === undefined) {
    await project.recordReindex(context.lease, { state: 'NotDeclared' });
    return { state: 'NotDeclared' };
  }
  const event = hookEvent({
    id: `${runId}-reindex`,
    type: 'cloud.liferay.environment.reindex.v1',
    environment: { projectId, environment: target.environment },
    subject: runId,
    time: context.clock.now(),
    data: { restoreId: runId, backupId, units },
  });
  try {
    await context.hooks.call(hook, event, context.signal);
  } catch (error) {
    context.signal.throwIfAborted();
    await project.recordReindex(context.lease, { state: 'Failed', message: errorMessage(error) });
    throw error;
  }
  await project.recordReindex(context.lease, { state: 'Called' });
  return { state: 'Called' };
}
