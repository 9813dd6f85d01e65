import { createHash } from 'node:crypto';
import type { ErrorRecord } from '../errors/lcb-error.ts';
import type { Environment } from '../model/project.ts';
import { type Backup, backupSchema, type Compression } from '../model/run.ts';
import type { UnitsStatus } from '../model/unit.ts';
import type { Manifest } from '../repository/manifest.ts';
import type { VerifiedDocument } from '../repository/signed-document.ts';
import type { Standing } from '../repository/standing.ts';

export interface RebuildSource {
  readonly document: VerifiedDocument<Manifest>;
  readonly standing: Standing;
  /** Where the backup lies now: it may have been moved as a whole. */
  readonly location: string;
  /** The environment as it is declared now, where it is. The manifest does not know how to get into the database. */
  readonly declared: Environment | undefined;
  /** Of the dump, where it could be read. */
  readonly compression: Compression | undefined;
  /** Why its units are no pair, by its certificate. */
  readonly misfit: ErrorRecord | undefined;
}

/**
 * A backup as the catalog had it once its run was over, as far as manifest and records tell.
 * @throws ZodError no backup of this version can be made of the manifest
 */
export function backupFromManifest(source: RebuildSource): Backup {
  const { document, standing, location, declared, compression } = source;
  const { value: manifest, sha256 } = document;
  const { projectId, environment, backupId, requestedAt, sealedAt } = manifest;
  const error = manifest.failedUnits[0]?.error ?? source.misfit;
  const { database, documentLibrary, search } = manifest.units;
  const units = unitsOf(manifest);
  return backupSchema.parse({
    kind: 'backup',
    runId: backupId,
    projectId,
    environment,
    state: error === undefined ? 'Succeeded' : 'Failed',
    units,
    epoch: 0,
    cancelRequested: false,
    requestedAt,
    completedAt: sealedAt,
    ...(error === undefined ? {} : { error }),
    request: {
      kind: 'backup',
      // The id that it was asked for under is not in the manifest: the same request would begin a new backup.
      requestId: `rebuilt-${backupId}`,
      projectId,
      environment,
      initiator: manifest.initiator.slice(0, 200),
      requestedAt,
      correlationId: `rebuilt-${createHash('sha256').update(sha256).digest('hex').slice(0, 16)}`,
      ...(manifest.notes === undefined ? {} : { notes: manifest.notes }),
      ...(manifest.keepFor === undefined ? {} : { keepFor: manifest.keepFor }),
      type: manifest.type,
      units: Object.keys(units),
      mode: manifest.mode,
      ...(compression === undefined ? {} : { compression }),
      consistency: manifest.consistency.strategy,
      source: {
        projectId,
        environment,
        ...(database === undefined || declared?.database === undefined
          ? {}
          : { database: declared.database }),
        ...(documentLibrary === undefined
          ? {}
          : {
              documentLibrary: {
                location: documentLibrary.source,
                excludeGeneratedFiles: documentLibrary.excludedObjects > 0,
              },
            }),
        ...(search === undefined || declared?.search === undefined ? {} : { search: declared.search }),
        backups: { location },
      },
    },
    sealed: {
      manifestSha256: sha256,
      attempt: manifest.attempt,
      sealedAt,
      dataTime: manifest.dataTime,
      base: manifest.base,
      ...(manifest.baseRefused === undefined ? {} : { baseRefused: manifest.baseRefused }),
    },
    ...(standing.deleted === undefined
      ? {}
      : {
          deletedAt: standing.deleted.at,
          ...(standing.deleted.until === undefined ? {} : { deletedUntil: standing.deleted.until }),
        }),
    ...(standing.pinned === undefined ? {} : { pinned: standing.pinned }),
  });
}

function unitsOf({ units: sealed, failedUnits, sealedAt: completedAt }: Manifest): UnitsStatus {
  const units: UnitsStatus = {};
  const good = { state: 'Succeeded', progress: 100, usable: true, completedAt } as const;
  const { database, documentLibrary, search } = sealed;
  if (database !== undefined) {
    units.database = { ...good, bytes: database.bytes, storedBytes: database.storedBytes };
  }
  if (documentLibrary !== undefined) {
    const { objects, bytes, copiedBytes: storedBytes } = documentLibrary;
    units.documentLibrary = { ...good, objects, bytes, storedBytes };
  }
  if (search !== undefined) {
    const { documents: objects, bytes } = search;
    units.search = { ...good, objects, ...(bytes === undefined ? {} : { bytes }) };
  }
  for (const { unit, error } of failedUnits) {
    units[unit] = { state: 'Failed', usable: false, completedAt, error };
  }
  return units;
}
