import {
  backupPrefix,
  type DatabaseDump,
  databaseDumpSchema,
  type EnvironmentRef,
  environmentRefSchema,
  IntegrityError,
  type Manifest,
  manifestKey,
  NotFoundError,
  type ObjectStore,
  openManifest,
  readJsonArtefact,
  type TrustedKey,
  type Unit,
} from '@lcb/core';
import { UsageError } from '../usage-error.ts';

/** Where a backup lies. */
export interface BackupPlace {
  readonly store: ObjectStore;
  readonly ref: EnvironmentRef;
  readonly backupId: string;
}

/** A backup whose manifest was read and believed. */
export interface OpenedBackup extends BackupPlace {
  /** Without the units that are not wanted. */
  readonly manifest: Manifest;
  readonly manifestSha256: string;
  readonly dump: DatabaseDump | undefined;
}

/**
 * Finds a backup in a location by its id alone. An id does not say where its project's name ends, but its path does: every
 * way to read it is looked for.
 */
export async function findInLocation(store: ObjectStore, backupId: string): Promise<BackupPlace> {
  const names = backupId.replace(/-backup-\d{8}-\d{6}(?:-\d+)?$/, '').split('-');
  for (let at = 1; at < names.length; at += 1) {
    const ref = environmentRefSchema.safeParse({
      projectId: names.slice(0, at).join('-'),
      environment: names.slice(at).join('-'),
    });
    if (!ref.success) continue;
    if ((await store.head(manifestKey(ref.data, backupId))) !== undefined) {
      return { store, ref: ref.data, backupId };
    }
  }
  throw new NotFoundError(`There is no sealed backup ${backupId} in ${store.location}.`);
}

/** @throws IntegrityError when the manifest, or what hangs from it, is not what was signed */
export async function openBackup(
  place: BackupPlace,
  trusted: readonly TrustedKey[],
  options: { readonly units: readonly Unit[] | undefined; readonly sealedSha256: string | undefined },
): Promise<OpenedBackup> {
  const { store, ref, backupId } = place;
  const { value, sha256 } = await openManifest(store, ref, backupId, trusted);
  if (options.sealedSha256 !== undefined && options.sealedSha256 !== sha256) {
    throw new IntegrityError(
      `The manifest of ${backupId} in ${store.location} is signed, but it is not the one that was sealed: another one was put in its place.`,
      'manifest.replaced',
    );
  }
  const manifest = { ...value, units: chosenUnits(value, options.units) };
  const { database } = manifest.units;
  const prefix = backupPrefix(ref, backupId);
  const dump =
    database === undefined
      ? undefined
      : await readJsonArtefact(store, prefix, database.description, databaseDumpSchema);
  return { ...place, manifest, manifestSha256: sha256, dump };
}

function chosenUnits({ units, backupId }: Manifest, chosen: readonly Unit[] | undefined): Manifest['units'] {
  const there = Object.keys(units);
  const missing = chosen?.find((unit) => !there.includes(unit));
  if (missing !== undefined) {
    throw new UsageError(`--units names ${missing}, but ${backupId} has only ${there.join(' and ')}.`);
  }
  const { database, documentLibrary } = units;
  const isWanted = (unit: Unit) => chosen === undefined || chosen.includes(unit);
  return {
    ...(database === undefined || !isWanted('database') ? {} : { database }),
    ...(documentLibrary === undefined || !isWanted('documentLibrary') ? {} : { documentLibrary }),
  };
}
