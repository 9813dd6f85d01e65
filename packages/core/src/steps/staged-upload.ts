import { createHash } from 'node:crypto';
import { InvalidRequestError, UnsupportedError } from '../errors/errors.ts';
import type { DatabaseConnection } from '../model/project.ts';
import type { Backup } from '../model/run.ts';
import type { BackupProvider } from '../ports/backup-provider.ts';
import type { UploadStaging } from '../ports/upload-staging.ts';

export function stagingOf({ uploads }: BackupProvider): UploadStaging {
  if (uploads !== undefined) return uploads;
  throw new UnsupportedError(
    'This provider takes no uploads. Restore the dump and the library into an environment, and back that up.',
  );
}

/**
 * An uploaded backup as the steps see it: its source is what was staged of the upload, and from there on it is a backup
 * like any other. Backups of environments are passed through.
 */
export function withStagedSource(backup: Backup, provider: BackupProvider): Backup {
  const { upload, source } = backup.request;
  if (upload === undefined) return backup;
  const { database, documentLibrary: _library, ...environment } = source;
  const scratch = scratchOf(backup);
  const location = libraryLocationOf(backup, provider);
  return {
    ...backup,
    request: {
      ...backup.request,
      source: {
        ...environment,
        ...(database === undefined || scratch === undefined ? {} : { database: { ...database, ...scratch } }),
        ...(location === undefined ? {} : { documentLibrary: { location, excludeGeneratedFiles: false } }),
      },
    },
  };
}

/** The database that the uploaded dump is loaded into, on the server of the environment; its name comes from the run's. */
export function scratchOf({
  runId,
  request,
}: Pick<Backup, 'runId' | 'request'>): DatabaseConnection | undefined {
  const { database } = request.source;
  if (request.upload?.dump === undefined) return undefined;
  if (database === undefined) {
    throw new InvalidRequestError(
      'The environment declares no database: its server is where an uploaded dump is loaded and checked.',
    );
  }
  const url = new URL(database.url);
  url.pathname = `/lcb_upload_${createHash('sha256').update(runId).digest('hex').slice(0, 16)}`;
  return {
    engine: database.engine,
    url: url.href,
    ...(database.secret === undefined ? {} : { secret: database.secret }),
  };
}

function libraryLocationOf({ runId, request }: Backup, provider: BackupProvider): string | undefined {
  const library = request.upload?.library;
  if (library === undefined) return undefined;
  return 'location' in library ? library.location : stagingOf(provider).libraryLocation(runId);
}

/** What the manifest says of where a library came from: of an uploaded one its name, and no place. */
export function describedSource({ request }: Backup, location: string): string {
  const library = request.upload?.library;
  if (library === undefined) return location;
  const place = 'location' in library ? library.location : library.archive;
  const name = place.split('/').at(-1) ?? '';
  return `upload:${'location' in library ? name : encodeURIComponent(name)}`;
}
