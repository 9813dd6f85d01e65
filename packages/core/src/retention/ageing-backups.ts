import type { EnvironmentRef } from '../model/ids.ts';
import type { Backup } from '../model/run.ts';
import { unitSchema } from '../model/unit.ts';
import type { ProjectCatalog } from '../ports/catalog.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { readRecords } from '../repository/record.ts';
import { afterRecord, isHeld, isVerified, type Standing } from '../repository/standing.ts';
import type { AgeingBackup } from './judge-backups.ts';

export interface AgeingRequest {
  readonly project: Pick<ProjectCatalog, 'runs'>;
  /** Where the environment's backups lie. Those in other locations are not looked at. */
  readonly store: ObjectStore;
  readonly ref: EnvironmentRef;
  readonly trustedKeys: readonly TrustedKey[];
  /** RFC 3339. */
  readonly now: string;
}

/** The sealed backups of an environment that are not deleted, with what catalog and records say of them. */
export async function readAgeing(request: AgeingRequest): Promise<AgeingBackup[]> {
  const standings = new Map<string, Standing>();
  for await (const { record } of readRecords(request.store, request.ref, request.trustedKeys)) {
    if (record !== undefined && 'backupId' in record)
      standings.set(record.backupId, afterRecord(standings.get(record.backupId), record));
  }
  const ageing: AgeingBackup[] = [];
  for await (const backup of keptBackups(request)) {
    const { runId: backupId, sealed, state } = backup;
    if (sealed === undefined) continue;
    const standing = standings.get(backupId) ?? {};
    // Deleted by another installation, or by a run that could not say so.
    if (standing.deleted !== undefined) continue;
    const { keepFor } = backup.request;
    ageing.push({
      backupId,
      dataTime: sealed.dataTime.from,
      units: unitSchema.options.filter((unit) => backup.units[unit]?.usable === true),
      isUploaded: backup.request.type === 'Uploaded',
      isGood: state === 'Succeeded' && standing.damagedBy === undefined,
      isVerified: isVerified(standing),
      isPinned: (backup.pinned ?? standing.pinned) !== undefined,
      isHeld: isHeld(standing, request.now),
      ...(keepFor === undefined ? {} : { keepFor }),
    });
  }
  return ageing;
}

async function* keptBackups({ project, store, ref }: AgeingRequest): AsyncGenerator<Backup> {
  let pageToken: string | undefined;
  do {
    const page = await project.runs({
      kind: 'backup',
      environment: ref.environment,
      states: ['Succeeded', 'Failed'],
      limit: 1000,
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    for (const run of page.runs) {
      if (run.kind !== 'backup' || run.deletedAt !== undefined) continue;
      if (run.request.source.backups.location === store.location) yield run;
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
}
