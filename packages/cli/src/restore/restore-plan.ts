import { databaseName, previewRestore, type RestoreRequest, type RestoreTarget } from '@lcb/core';
import type { LocalService, PlannedScript } from '@lcb/functions-local';
import { formatBytes, plural } from '../output/format.ts';
import type { Plan } from '../plan/plan.ts';

type Preview = Awaited<ReturnType<typeof previewRestore>>;

/** `lcb restore create --dry-run` */
export async function restorePlan(
  service: LocalService,
  request: RestoreRequest,
  scripts: readonly PlannedScript[] = [],
): Promise<Plan> {
  const { projectId, backupId, units, target, mode } = request;
  const preview = await previewRestore(request, service, new AbortController().signal);
  const { library, expectedSeconds, writes } = preview;
  return {
    title: `Restore ${units.join(' and ')} of ${backupId} into ${projectId}/${target.environment}`,
    reads: [`${request.backup.location}, ${backupId}`],
    writes: placeNames(writes, request),
    overwrites: mode === 'inPlace' ? placeNames(target, request) : [],
    ...(library === undefined ? {} : { copies: { objects: library.copyObjects, bytes: library.copyBytes } }),
    ...(expectedSeconds === undefined ? {} : { expectedSeconds }),
    ...(scripts.length === 0
      ? {}
      : { scripts: scripts.map(({ name, statements }) => ({ name, statements })) }),
    notes: notesOf(request, preview),
    blockedBy: preview.blockedBy,
  };
}

function placeNames(
  { database, documentLibrary }: Pick<RestoreTarget, 'database' | 'documentLibrary'>,
  { units }: RestoreRequest,
): string[] {
  return [
    ...(units.includes('database') && database !== undefined
      ? [`database ${databaseName(database.url)} at ${new URL(database.url).host}`]
      : []),
    ...(units.includes('documentLibrary') && documentLibrary !== undefined ? [documentLibrary.location] : []),
  ];
}

function notesOf(request: RestoreRequest, { library, databaseBytes, keeps }: Preview): string[] {
  const notes: string[] = [];
  const { safetyBackup, mode, target } = request;
  if (safetyBackup?.kind === 'take') {
    notes.push(`First ${target.environment} is backed up; if the restore fails, that backup is restored.`);
  }
  if (safetyBackup?.kind === 'refused') notes.push('No safety backup is taken: there is no way back.');
  if (databaseBytes !== undefined) notes.push(`The dump has ${formatBytes(databaseBytes)} of SQL.`);
  if (library !== undefined) notes.push(...libraryNotes(library));
  if (mode === 'inPlace' && request.selection !== undefined)
    notes.push('Whatever else is in the library stays as it is.');
  if (mode === 'swap' && keeps !== undefined) {
    notes.push(`What is there now is kept: ${placeNames(keeps, request).join(', ')}.`);
  }
  return notes;
}

function libraryNotes(library: NonNullable<Preview['library']>): string[] {
  const { objects, copyObjects, removeObjects, removeBytes, leftOutObjects, leftOutBytes, notInBackup } =
    library;
  return [
    ...(copyObjects < objects
      ? [`${plural(objects - copyObjects, 'object')} are there already, unchanged.`]
      : []),
    ...(removeObjects > 0
      ? [`${plural(removeObjects, 'object')} with ${formatBytes(removeBytes)} are removed from the library.`]
      : []),
    ...(leftOutObjects > 0
      ? [`${plural(leftOutObjects, 'object')} of the backup with ${formatBytes(leftOutBytes)} are left out.`]
      : []),
    ...(notInBackup.count > 0
      ? [
          `${plural(notInBackup.count, 'selected object')} are not in the backup, such as ${notInBackup.keys[0]}.`,
        ]
      : []),
  ];
}
