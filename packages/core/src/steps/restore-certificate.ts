import type { Verdict } from '../consistency/certificate.ts';
import { certifyRestore } from '../consistency/certify-restore.ts';
import { findingSchema } from '../consistency/finding.ts';
import { InvalidRequestError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import { intervalOf } from '../model/interval.ts';
import type { OperationHandle } from '../model/operation.ts';
import type { LibrarySelection } from '../model/run.ts';
import type { Artefact } from '../ports/database-engine.ts';
import type { ObjectRef } from '../ports/object-store.ts';
import { readJsonLines } from '../repository/json-lines.ts';
import { environmentPrefix, restoreCertificatePaths } from '../repository/layout.ts';
import { selectedKeySchema } from '../repository/restore-plan.ts';
import type { Polled } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { exportedRowsSchema, keepRows, readRows, rowsFolder } from './exported-rows.ts';
import { followOperation } from './follow-operation.ts';
import { placesOf } from './restore-places.ts';
import { readRestorePlan } from './restore-selection.ts';
import { openSource, type RestoreSource } from './restore-source.ts';
import { loadRestore, projectOf, type StepContext } from './step-context.ts';

/** Reads the library's rows of the restored database: the certificate is of what is there, not of what was to be. */
export async function startRows(
  input: WorkflowInput & { readonly attempt: number },
  context: StepContext,
): Promise<OperationHandle> {
  const { restore, backup } = await openSource({ ...input, rollback: false }, context);
  const { database } = placesOf(restore);
  if (database === undefined) throw new InvalidRequestError('There is no restored database.');
  return context.provider.exportLibraryRows({
    runId: input.runId,
    attempt: input.attempt,
    database,
    location: backup.location,
    prefix: environmentPrefix(backup),
    folder: rowsFolder(input.runId, input.attempt),
  });
}

/** Keeps the list of what was written where the certificate's step finds it. */
export async function pollRows(
  input: WorkflowInput & { readonly handle: OperationHandle },
  context: StepContext,
): Promise<Polled> {
  return followOperation(input.handle, context, {
    result: exportedRowsSchema,
    async onSucceeded(rows) {
      const { backup } = await openSource({ ...input, rollback: false }, context);
      await keepRows({ ...backup, runId: input.runId }, rows, context);
      return undefined;
    },
  });
}

type Input = WorkflowInput & { readonly plan: Artefact };

/**
 * Says whether the restored database and the restored library fit together. What did not fit in the backup already is no
 * fault of the restore; what the restore made worse fails it.
 * @throws LcbError `restore.inconsistent`
 */
export async function certifyRestored(
  input: Input,
  context: StepContext,
): Promise<{ verdict: Verdict; findings: Artefact | null }> {
  const source = await openSource({ ...input, rollback: false }, context);
  const { restore, backup, manifest } = source;
  const { provider, clock, signal } = context;
  const store = provider.objectStore(backup.location);
  const prefix = environmentPrefix(backup);
  const location = placesOf(restore).documentLibrary?.location;
  if (location === undefined) throw new InvalidRequestError('There is no restored library.');
  const artefacts = await readRows({ ...backup, runId: input.runId }, context);
  const paths = restoreCertificatePaths(input.runId);
  const moment = intervalOf(restore.startedAt ?? restore.requestedAt, clock.now());
  const certificate = await certifyRestore({
    place: { store, prefix, ...paths },
    rows: { store, prefix, artefacts },
    rowsSource: { from: 'restoredDatabase', exact: true, caveats: [], moment },
    library: provider.objectStore(location),
    backup: { ...backup, store, manifest },
    isExcused: await excusedBy(source, input.plan, context),
    clock,
    signal,
  });
  const { verdict, counts } = certificate;
  const { introduced, missing, wrongSize, unreferenced } = counts;
  await projectOf(context, input).addResult(context.lease, {
    certificate: { verdict, introduced, missing, wrongSize, unreferenced, path: prefix + paths.path },
  });
  if (verdict !== 'inconsistent') return { verdict, findings: certificate.findings ?? null };
  throw new LcbError({
    code: 'restore.inconsistent',
    message: `The restored database and library do not fit together in ${introduced} objects, although they did in the backup. ${prefix + paths.findingsPath} in ${backup.location} names them. Somebody wrote to the target while it was restored: stop that, and restore again.`,
  });
}

/** What was not to be restored is not missing. */
async function excusedBy(
  source: RestoreSource,
  plan: Artefact,
  context: StepContext,
): Promise<(key: string) => boolean> {
  const { selection } = source.restore.request;
  if (selection === undefined) return () => false;
  const { selection: keys } = await readRestorePlan(source, plan, context);
  if (keys === undefined) return isOfOthers(selection);
  // Grows with what was selected, which is a part of a library, and not with the library.
  const selected = new Set<string>();
  const store = context.provider.objectStore(source.backup.location);
  for await (const { key } of readJsonLines(store, environmentPrefix(source.backup), keys, selectedKeySchema))
    selected.add(key);
  return (key) => !selected.has(key);
}

function isOfOthers({ companies }: LibrarySelection): (key: string) => boolean {
  const own = new Set(companies);
  return (key) => !own.has(key.slice(0, key.indexOf('/')));
}

/** Removes from the restored library what no row of the restored database knows: only where that was asked for. */
export async function removeUnreferenced(
  input: WorkflowInput & { readonly findings: Artefact | null },
  context: StepContext,
): Promise<{ removed: number }> {
  const restore = await loadRestore(context, input);
  const { request } = restore;
  const { findings } = input;
  const location = placesOf(restore).documentLibrary?.location;
  if (!request.removeUnreferenced || location === undefined || findings === null) return { removed: 0 };
  const prefix = environmentPrefix({ ...request, environment: request.backup.environment });
  const store = context.provider.objectStore(request.backup.location);
  let removed = 0;
  async function* unreferenced(list: Artefact): AsyncGenerator<ObjectRef> {
    for await (const { kind, key } of readJsonLines(store, prefix, list, findingSchema)) {
      if (kind !== 'unreferenced') continue;
      removed += 1;
      yield { key };
    }
  }
  await context.provider.objectStore(location).deleteMany(unreferenced(findings));
  await projectOf(context, input).addResult(context.lease, { removedUnreferenced: removed });
  return { removed };
}
