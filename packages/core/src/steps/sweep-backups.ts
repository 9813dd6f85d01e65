import { InvalidRequestError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { Run, Sweep, Swept } from '../model/run.ts';
import { isFinal, stateSchema } from '../model/state.ts';
import type { ProjectCatalog, RunOutcome } from '../ports/catalog.ts';
import type { ObjectRef } from '../ports/object-store.ts';
import { type DeadBackup, findDead, type Marked } from '../sweep/find-dead.ts';
import { reclaimable } from '../sweep/reclaimable.ts';
import type { SweepCursor } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { attemptOf } from './attempt.ts';
import { type FinalState, finishRun } from './finish-run.ts';
import { loadSweep, projectOf, type ReadServices, type StepContext } from './step-context.ts';

/** What marking needs to know of a sweep that was asked for, or is only looked at. */
export type SweepPlace = EnvironmentRef & Pick<Sweep['request'], 'location' | 'graceSeconds'>;

/** Is somebody sure that the catalog knows everything, and can everything be read that says what is needed? */
export async function planSweep(input: WorkflowInput, context: StepContext): Promise<{ dead: number }> {
  await projectOf(context, input).setState(context.lease, 'InProgress');
  const { request } = await loadSweep(context, input);
  await refuseBlocked(projectOf(context, input));
  const { dead } = await markNow(request, context.clock.now(), context);
  return { dead: dead.length };
}

/**
 * Removes from the cursor on, until the time is over. What is needed is marked anew by every call: nothing that was written down
 * meanwhile could be out of date or lost.
 */
export async function removeReclaimable(
  input: WorkflowInput & { readonly after: SweepCursor | null },
  context: StepContext,
): Promise<{ objects: number; bytes: number; after: SweepCursor | null }> {
  const { request } = await loadSweep(context, input);
  const store = context.provider.objectStore(request.location);
  const { dead } = await markNow(request, context.clock.now(), context);
  const from = input.after;
  let objects = 0;
  let bytes = 0;
  let last: SweepCursor | undefined;
  let after: SweepCursor | null = null;
  let refusal: LcbError | undefined;
  async function* due(): AsyncGenerator<ObjectRef> {
    for (const backup of dead) {
      const { backupId } = backup;
      if (from !== null && backupId < from.backupId) continue;
      const left = await removeSnapshot(backup, input, context);
      refusal ??= left;
      // Its manifest is what knows of the snapshot: it stays, with all of the backup, for another sweep. Others are not held up.
      if (left !== undefined) continue;
      const beginning = from?.backupId === backupId ? from.key : '';
      for await (const object of reclaimable(store, request, backup, beginning)) {
        const { key, size, version, isNeeded, cursor } = object;
        context.signal.throwIfAborted();
        // All versions of a key are looked at together: the cursor knows keys only.
        const isNext = last?.backupId !== backupId || last.key !== cursor;
        if (last !== undefined && isNext && context.isTimeOver()) {
          after = last;
          return;
        }
        last = { backupId, key: cursor };
        if (isNeeded) continue;
        objects += 1;
        bytes += size;
        yield { key, ...(version === undefined ? {} : { version }) };
      }
    }
  }
  await store.deleteMany(due());
  if (refusal !== undefined && after === null) throw refusal;
  return { objects, bytes, after };
}

/** The search snapshot of a dead backup lies in the cluster's repository. Answers why it could not be removed. */
async function removeSnapshot(
  { backupId, manifest }: DeadBackup,
  input: WorkflowInput,
  context: StepContext,
): Promise<LcbError | undefined> {
  // A copy only names the snapshot that its original has.
  if (manifest?.units.search === undefined || manifest.copiedFrom !== undefined) return undefined;
  const run = await projectOf(context, input).run(backupId);
  const source = run?.kind === 'backup' ? run.request.source.search : undefined;
  if (run?.kind !== 'backup' || source === undefined) {
    return new LcbError({
      code: 'sweep.searchUnknown',
      message: `${backupId} has the search snapshot ${manifest.units.search.snapshot}, and where its cluster is, is not known. Declare search for the environment in lcb.yaml and rebuild the catalog (lcb catalog rebuild), or delete the snapshot by hand.`,
    });
  }
  try {
    await context.provider.deleteSearchSnapshot({ attempt: attemptOf(run, manifest.attempt), source });
    return undefined;
  } catch (error) {
    if (LcbError.isInstance(error)) return error;
    throw error;
  }
}

export async function finishSweep(
  input: WorkflowInput & { readonly outcome: RunOutcome; readonly swept: Swept },
  context: StepContext,
): Promise<{ state: FinalState }> {
  const run = await loadSweep(context, input);
  const settle = async () => {
    await projectOf(context, input).setSwept(context.lease, input.swept);
    return input.outcome;
  };
  return finishRun({ run, anchor: run.request, settle }, context);
}

/** Whatever is configured: a backup that another installation makes here has no manifest either until it is sealed. */
const leastGraceSeconds = 86_400;

/** @throws LcbError `sweep.blocked` */
export async function refuseBlocked(project: ProjectCatalog): Promise<void> {
  const since = await project.sweepsBlockedSince();
  if (since === undefined) return;
  throw new LcbError({
    code: 'sweep.blocked',
    message: `The catalog was rebuilt on ${since}, and nobody has said since that it is whole. Look at lcb backup list; if nothing is missing: lcb catalog confirm`,
  });
}

/** @throws IntegrityError `sweep.unreadable` */
export async function markNow(place: SweepPlace, now: string, services: ReadServices): Promise<Marked> {
  const { projectId, environment, location, graceSeconds } = place;
  return findDead({
    store: services.provider.objectStore(location),
    ref: { projectId, environment },
    trustedKeys: await services.trustedKeys(),
    now,
    graceSeconds: Math.max(graceSeconds, leastGraceSeconds),
    inUse: await backupsInUse(services.catalog.forProject(projectId)),
  });
}

/** Backups that runs at work make, read, copy or would go back to. */
async function backupsInUse(project: ProjectCatalog): Promise<Set<string>> {
  const states = stateSchema.options.filter((state) => !isFinal(state));
  const { runs, nextPageToken } = await project.runs({ states, limit: 1000 });
  if (nextPageToken !== undefined)
    throw new InvalidRequestError(
      'More than 1,000 runs are at work or wait. Sweep when there are fewer.',
      'sweep.busy',
    );
  return new Set(runs.flatMap(backupsOf));
}

function backupsOf(run: Run): string[] {
  switch (run.kind) {
    case 'backup':
      return [run.runId];
    case 'restore': {
      const safety = run.result?.safetyBackupId;
      return [run.request.backupId, ...(safety === undefined ? [] : [safety])];
    }
    case 'copy':
    case 'verify':
      return [run.request.backupId];
    default:
      return [];
  }
}
