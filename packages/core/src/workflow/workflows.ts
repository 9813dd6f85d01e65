import type { RunKind } from '../model/ids.ts';
import type { State } from '../model/state.ts';
import { backupWorkflow } from './backup.ts';
import type { Workflow } from './command.ts';
import { copyWorkflow } from './copy.ts';
import { deleteWorkflow } from './delete.ts';
import { restoreWorkflow } from './restore.ts';
import { sweepWorkflow } from './sweep.ts';
import { verifyWorkflow } from './verify.ts';
import type { WorkflowInput } from './workflow-input.ts';

/**
 * Version of the definitions below. A run is pinned to the one that it began with: raise it when an old journal
 * would no longer fit, and keep the older definition until none of its runs is left.
 */
export const workflowVersion = '1';

export const workflows: Readonly<Record<RunKind, (input: WorkflowInput) => Workflow<State>>> = {
  backup: backupWorkflow,
  restore: restoreWorkflow,
  delete: deleteWorkflow,
  copy: copyWorkflow,
  sweep: sweepWorkflow,
  verify: verifyWorkflow,
};
