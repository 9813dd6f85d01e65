import {
  type BackupPreview,
  type BackupRequest,
  databaseName,
  describeLayout,
  previewBackup,
} from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { formatBytes, plural } from '../output/format.ts';
import type { Plan } from '../plan/plan.ts';

/** `lcb backup create --dry-run` */
export async function backupPlan(service: LocalService, request: BackupRequest): Promise<Plan> {
  const { source, projectId, environment, units, mode } = request;
  const preview = await previewBackup(request, service, new AbortController().signal);
  const { database, library, consistency, base, baseRefused, expectedSeconds } = preview;
  const notes: string[] = [];
  if (database !== undefined) {
    notes.push(
      `The database ${database.database} has ${plural(database.tables, 'table')} and ${formatBytes(database.bytes)} on its server; the dump is smaller.`,
    );
  }
  if (library !== undefined) {
    notes.push(
      `The library has ${plural(library.objects, 'object')} with ${formatBytes(library.bytes)}; what is not copied is used again from earlier backups.`,
    );
    const layout = describeLayout(source.documentLibrary?.location ?? 'The library', library.layout);
    if (layout !== undefined) notes.push(`${layout} The certificate will say the same.`);
    if (library.excludedObjects > 0) {
      notes.push(
        `Leaving out generated files saves ${plural(library.excludedObjects, 'object')} with ${formatBytes(library.excludedBytes)}.`,
      );
    }
  }
  const isPair = units.includes('database') && units.includes('documentLibrary');
  if (consistency !== undefined && isPair) notes.push(consistencyNote(consistency));
  if (baseRefused !== undefined) notes.push(`Everything is copied: ${baseRefused}.`);
  else if (mode === 'full') notes.push('Everything is copied, because the backup is to be full.');
  return {
    title: `Back up ${units.join(' and ')} of ${projectId}/${environment}`,
    reads: [
      ...(units.includes('database') && source.database !== undefined
        ? [`database ${databaseName(source.database.url)} at ${new URL(source.database.url).host}`]
        : []),
      ...(units.includes('documentLibrary') && source.documentLibrary !== undefined
        ? [source.documentLibrary.location]
        : []),
    ],
    writes: [source.backups.location],
    overwrites: [],
    ...(base === undefined ? {} : { base }),
    ...(library === undefined ? {} : { copies: { objects: library.copyObjects, bytes: library.copyBytes } }),
    ...(expectedSeconds === undefined ? {} : { expectedSeconds }),
    notes,
    blockedBy: preview.blockedBy,
  };
}

function consistencyNote({ strategy, whyNotExact }: NonNullable<BackupPreview['consistency']>): string {
  switch (strategy) {
    case 'exact':
      return 'The library will be the one of the very moment of the database, from the versions that its bucket keeps.';
    case 'quiesce':
      return 'The environment will stand still meanwhile, by its hooks.';
    case 'databaseFirst':
      return `The database comes first, and the library as it is right after it.${whyNotExact === undefined ? '' : ` An exact moment is not to be had: ${whyNotExact}`}`;
  }
}
