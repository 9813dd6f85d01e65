import { NotFoundError } from '../errors/errors.ts';
import type { ShardLimits } from '../library/cut-into-shards.ts';
import type { Backup, Copy, Deletion, Restore, Run, Sweep, VerifyRun } from '../model/run.ts';
import type { BackupProvider } from '../ports/backup-provider.ts';
import type { Catalog, Lease, ProjectCatalog } from '../ports/catalog.ts';
import type { Clock } from '../ports/clock.ts';
import type { Hooks } from '../ports/hooks.ts';
import type { Signer, TrustedKey } from '../ports/signer.ts';
import type { ValidationSettings } from '../validation/settings.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { withStagedSource } from './staged-upload.ts';

/** What every step of every run needs; made once per process. */
export interface StepServices {
  readonly provider: BackupProvider;
  readonly catalog: Catalog;
  readonly signer: Signer;
  readonly trustedKeys: () => Promise<readonly TrustedKey[]>;
  readonly clock: Clock;
  readonly hooks: Hooks;
  readonly shardLimits: ShardLimits;
  /** Shards of one run that are worked on side by side. */
  readonly shardsAtOnce: number;
  readonly validation: ValidationSettings;
  /** Version of this service, as written into manifests. */
  readonly serviceVersion: string;
}

/** What looking takes, without a run: plans that are only shown use it, too. */
export type ReadServices = Pick<StepServices, 'provider' | 'catalog' | 'trustedKeys'>;

/** What one execution of one step is given. */
export interface StepContext extends StepServices {
  readonly lease: Lease;
  /** Fires when the run was cancelled, the lease was lost or the process is ending. */
  readonly signal: AbortSignal;
  /** Has the step been at work for as long as it may? Asked by work that can hand on a cursor. */
  readonly isTimeOver: () => boolean;
}

export function projectOf(
  context: Pick<StepServices, 'catalog'>,
  input: Pick<WorkflowInput, 'projectId'>,
): ProjectCatalog {
  return context.catalog.forProject(input.projectId);
}

async function load(context: StepServices, input: WorkflowInput): Promise<Run> {
  const run = await projectOf(context, input).run(input.runId);
  if (run === undefined)
    throw new NotFoundError(`There is no run ${input.runId} in project ${input.projectId}.`);
  return run;
}

/** A backup as it was requested. */
export async function loadUpload(context: StepServices, input: WorkflowInput): Promise<Backup> {
  const run = await load(context, input);
  if (run.kind !== 'backup') throw new NotFoundError(`${input.runId} is not a backup.`);
  return run;
}

/** For a backup of an environment the same as its run; for an uploaded one, with what was staged as its source. */
export async function loadBackup(context: StepServices, input: WorkflowInput): Promise<Backup> {
  return withStagedSource(await loadUpload(context, input), context.provider);
}

export async function loadRestore(context: StepServices, input: WorkflowInput): Promise<Restore> {
  const run = await load(context, input);
  if (run.kind !== 'restore') throw new NotFoundError(`${input.runId} is not a restore.`);
  return run;
}

export async function loadCopy(context: StepServices, input: WorkflowInput): Promise<Copy> {
  const run = await load(context, input);
  if (run.kind !== 'copy') throw new NotFoundError(`${input.runId} is not a copy.`);
  return run;
}

export async function loadDeletion(context: StepServices, input: WorkflowInput): Promise<Deletion> {
  const run = await load(context, input);
  if (run.kind !== 'delete') throw new NotFoundError(`${input.runId} is not a deletion.`);
  return run;
}

export async function loadSweep(context: StepServices, input: WorkflowInput): Promise<Sweep> {
  const run = await load(context, input);
  if (run.kind !== 'sweep') throw new NotFoundError(`${input.runId} is not a sweep.`);
  return run;
}

export async function loadVerification(context: StepServices, input: WorkflowInput): Promise<VerifyRun> {
  const run = await load(context, input);
  if (run.kind !== 'verify') throw new NotFoundError(`${input.runId} is not a verification.`);
  return run;
}
