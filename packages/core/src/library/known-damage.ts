import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { readRecords } from '../repository/record.ts';
import { afterRecord, type Standing } from '../repository/standing.ts';

/**
 * The first of these backups whose `verified` records say that it is damaged, by signed records alone. A backup
 * that is known to be damaged is no base: the next one would inherit the damage and be called good.
 */
export async function knownDamage(
  store: ObjectStore,
  ref: EnvironmentRef,
  backupIds: readonly string[],
  trusted: readonly TrustedKey[],
): Promise<string | undefined> {
  const standings = new Map<string, Standing>();
  for await (const { record } of readRecords(store, ref, trusted)) {
    if (record?.type !== 'verified') continue;
    standings.set(record.backupId, afterRecord(standings.get(record.backupId), record));
  }
  return backupIds.find((backupId) => standings.get(backupId)?.damagedBy !== undefined);
}
