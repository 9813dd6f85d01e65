import { IntegrityError, InvalidRequestError, NotFoundError } from '../errors/errors.ts';
import { readIndex } from '../library/base.ts';
import { refusedKeys } from '../library/refused-keys.ts';
import type { Restore } from '../model/run.ts';
import type { Unit } from '../model/unit.ts';
import type { AttemptRef } from '../ports/backup-provider.ts';
import { readJsonArtefact, verifyArtefact } from '../repository/json-artefact.ts';
import { backupPrefix } from '../repository/layout.ts';
import { libraryIndexSchema } from '../repository/library-index.ts';
import type { Manifest } from '../repository/manifest.ts';
import { openManifest } from '../repository/open-manifest.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { refuseNesting } from './refuse-nesting.ts';
import { loadRestore, projectOf, type StepContext } from './step-context.ts';

export interface RestoreSource {
  readonly restore: Restore;
  readonly manifest: Manifest;
  readonly backup: AttemptRef;
}

/** Opens the backup that a restore is from: signature, identity, and that it is the very one that was sealed. */
export async function openSource(input: WorkflowInput, context: StepContext): Promise<RestoreSource> {
  const restore = await loadRestore(context, input);
  const { projectId, backupId, backup } = restore.request;
  const ref = { projectId, environment: backup.environment };
  const store = context.provider.objectStore(backup.location);
  const { value: manifest, sha256 } = await openManifest(store, ref, backupId, await context.trustedKeys());
  const known = await projectOf(context, input).run(backupId);
  if (known?.kind === 'backup') {
    if (known.deletedAt !== undefined) {
      throw new NotFoundError(`${backupId} was deleted on ${known.deletedAt}.`, 'backup.deleted');
    }
    if (known.sealed !== undefined && known.sealed.manifestSha256 !== sha256) {
      throw new IntegrityError(
        `The manifest of ${backupId} in ${backup.location} is signed, but it is not the one that was sealed: another one was put in its place.`,
        'manifest.replaced',
      );
    }
  }
  return {
    restore,
    manifest,
    backup: { ...ref, backupId, attempt: manifest.attempt, location: backup.location },
  };
}

/** Makes sure that the backup has what is wanted and that the target is new, before anything is written. */
export async function planRestore(
  input: WorkflowInput,
  context: StepContext,
): Promise<{ units: Unit[]; parts: number }> {
  const project = projectOf(context, input);
  await project.setState(context.lease, 'InProgress');
  const source = await openSource(input, context);
  const { units } = source.restore.request;
  let parts = 0;
  for (const unit of units) {
    const found = unit === 'search' ? undefined : source.manifest.units[unit];
    if (found === undefined) {
      throw new InvalidRequestError(
        `${source.manifest.backupId} has no ${unit}; it has ${Object.keys(source.manifest.units).join(', ')}.`,
        'restore.unitMissing',
      );
    }
    if (unit === 'database') await refuseOccupiedDatabase(source.restore, context);
    if (unit === 'documentLibrary') {
      await refuseForeignPlace(source, context);
      await refuseOccupiedLibrary(source.restore, context);
      parts = await verifyParts(source, context);
      await refuseKeys(source, context);
    }
  }
  // Marks the targets as this restore's own: from here on `finish` may clear what a failed one leaves there.
  for (const unit of units) {
    await project.setUnit(context.lease, unit, { state: 'InProgress', startedAt: context.clock.now() });
  }
  return { units, parts };
}

async function refuseOccupiedDatabase({ request, runId }: Restore, { provider }: StepContext): Promise<void> {
  const { database } = request.target;
  if (database === undefined) throw new InvalidRequestError('The restore names no database to restore into.');
  if ((await provider.databaseTargetState(database, runId)) !== 'occupied') return;
  throw new InvalidRequestError(
    `The database ${new URL(database.url).pathname.slice(1)} of the target holds data. Name one that does not exist yet, or an empty one.`,
    'restore.targetOccupied',
  );
}

async function refuseOccupiedLibrary(restore: Restore, { provider }: StepContext): Promise<void> {
  const { documentLibrary } = restore.request.target;
  if (documentLibrary === undefined)
    throw new InvalidRequestError('The restore names no library to restore into.');
  for await (const { key } of provider.objectStore(documentLibrary.location).list()) {
    throw new InvalidRequestError(
      `The library ${documentLibrary.location} of the target holds objects, such as ${JSON.stringify(key)}. Name an empty or a new one.`,
      'restore.targetOccupied',
    );
  }
}

/** A target inside another library would become part of it; one inside backups would be swept. */
async function refuseForeignPlace(
  { restore, manifest, backup }: RestoreSource,
  context: StepContext,
): Promise<void> {
  const { target, projectId } = restore.request;
  if (target.documentLibrary === undefined) return;
  const { location } = target.documentLibrary;
  refuseNesting('The target library and the backups', location, backup.location);
  const source = manifest.units.documentLibrary?.source;
  if (source !== undefined && source !== location) {
    refuseNesting('The target library and the library that was backed up', location, source);
  }
  for (const declared of await context.catalog.forProject(projectId).environments()) {
    const name = `${declared.projectId}/${declared.environment}`;
    refuseNesting(`The target library and the backups of ${name}`, location, declared.backups.location);
    if (declared.environment === target.environment || declared.documentLibrary === undefined) continue;
    refuseNesting(
      `The target library and the library of ${name}`,
      location,
      declared.documentLibrary.location,
    );
  }
}

/** Keys are never changed: where the target can't hold one, nothing is restored, rather than a library with holes. */
async function refuseKeys(
  { restore, manifest, backup }: RestoreSource,
  { provider }: StepContext,
): Promise<void> {
  const location = restore.request.target.documentLibrary?.location;
  if (location === undefined) return;
  const rows = readIndex(provider.objectStore(backup.location), backup, manifest);
  const { count, first } = await refusedKeys(provider.objectStore(location), rows);
  if (count === 0) return;
  const named = first.map(({ key, reason }) => `${JSON.stringify(key)}: ${reason}`).join(' ');
  throw new InvalidRequestError(
    `${location} can't hold ${count} of the keys of this library. Restore it into a bucket instead. ${count > first.length ? `The first ${first.length}` : 'These'}: ${named}`,
    'restore.keysRefused',
  );
}

/** The index is small and says what is to be written where: it is known to be whole before anything is. */
async function verifyParts({ manifest, backup }: RestoreSource, { provider }: StepContext): Promise<number> {
  const { documentLibrary } = manifest.units;
  if (documentLibrary === undefined) return 0;
  const store = provider.objectStore(backup.location);
  const index = await readJsonArtefact(
    store,
    backupPrefix(backup, backup.backupId),
    documentLibrary.index,
    libraryIndexSchema,
  );
  const prefix = backupPrefix(backup, backup.backupId);
  for (const part of index.parts) await verifyArtefact(store, prefix, part);
  return index.parts.length;
}
