import { z } from 'zod';
import { sealedMisfitOf } from '../consistency/sealed-misfit.ts';
import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import { errorMessage } from '../errors/lcb-error.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { Environment } from '../model/project.ts';
import type { Backup, Compression } from '../model/run.ts';
import { databaseDumpSchema } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { readJsonArtefact } from '../repository/json-artefact.ts';
import { backupPrefix } from '../repository/layout.ts';
import type { Manifest } from '../repository/manifest.ts';
import { findManifest } from '../repository/open-manifest.ts';
import type { Standing } from '../repository/standing.ts';
import { findEnvironments, type LocationChoice } from '../verify/find-environments.ts';
import { type RecordsFound, verifyRecords } from '../verify/verify-records.ts';
import { backupFromManifest } from './backup-from-manifest.ts';

export interface RebuildRequest {
  readonly store: ObjectStore;
  /** URL of the store, as it is declared now. */
  readonly location: string;
  readonly trustedKeys: readonly TrustedKey[];
  /** What is declared now. */
  readonly declared: readonly Environment[];
  readonly choice?: LocationChoice;
}

export type ReadBackup =
  | { readonly backupId: string; readonly backup: Backup }
  /** Left out: what can't be trusted becomes no row. */
  | { readonly backupId: string; readonly backup?: undefined; readonly reason: string };

export interface ReadEnvironment {
  readonly ref: EnvironmentRef;
  /** In the order of their seal, so that the newest is the last one recorded; then those that are left out. */
  readonly backups: readonly ReadBackup[];
  readonly records: RecordsFound;
}

/** Reads manifests and records of a location, environment by environment. Artefacts are not verified. */
export async function* readBackups(request: RebuildRequest): AsyncGenerator<ReadEnvironment> {
  const { store, trustedKeys, choice } = request;
  const { environments } = await findEnvironments(store, choice);
  for (const { ref, backupIds } of environments) {
    const records = await verifyRecords(store, ref, trustedKeys);
    const declared = request.declared.find(
      ({ projectId, environment }) => projectId === ref.projectId && environment === ref.environment,
    );
    const read: ReadBackup[] = [];
    for (const backupId of backupIds) {
      if (choice?.backupId !== undefined && choice.backupId !== backupId) continue;
      read.push(
        await readBackup(request, {
          ref,
          backupId,
          declared,
          standing: records.standings.get(backupId) ?? {},
        }),
      );
    }
    yield { ref, backups: read.sort(bySeal), records };
  }
}

interface BackupPlace {
  readonly ref: EnvironmentRef;
  readonly backupId: string;
  readonly declared: Environment | undefined;
  readonly standing: Standing;
}

/** One that can't be read back is left out, whatever the reason, and keeps no other from being read. */
async function readBackup(request: RebuildRequest, place: BackupPlace): Promise<ReadBackup> {
  const { store, trustedKeys, location } = request;
  const { ref, backupId, declared, standing } = place;
  try {
    const document = await findManifest(store, ref, backupId, trustedKeys);
    if (document === undefined) return { backupId, reason: 'It has no manifest: it was never sealed.' };
    const compression = await compressionOf(store, document.value);
    const misfit = await sealedMisfitOf(store, document.value);
    const backup = backupFromManifest({ document, standing, location, declared, compression, misfit });
    return { backupId, backup };
  } catch (error) {
    if (error instanceof z.ZodError) {
      const reason = `Its manifest is signed, but this version can make no backup of it; a newer one may: ${errorMessage(error)}`;
      return { backupId, reason };
    }
    if (!(error instanceof IntegrityError || error instanceof ObjectNotFoundError)) throw error;
    return { backupId, reason: error.message };
  }
}

function bySeal(a: ReadBackup, b: ReadBackup): number {
  const [one, other] = [a, b].map(({ backup }) => backup?.sealed?.sealedAt ?? '9');
  return (one ?? '') < (other ?? '') ? -1 : 1;
}

/** A dump whose description is damaged is nevertheless a backup: `verify` says what is wrong with it. */
async function compressionOf(store: ObjectStore, manifest: Manifest): Promise<Compression | undefined> {
  const { database } = manifest.units;
  if (database === undefined) return undefined;
  try {
    const prefix = backupPrefix(manifest, manifest.backupId);
    const dump = await readJsonArtefact(store, prefix, database.description, databaseDumpSchema);
    return dump.parts[0]?.compression;
  } catch (error) {
    if (!(error instanceof IntegrityError || error instanceof ObjectNotFoundError)) throw error;
    return undefined;
  }
}
