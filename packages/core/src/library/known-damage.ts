import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { readRecords } from '../repository/record.ts';

/**
 * The first of these backups whose newest `verified` record says that it is damaged, by signed records alone. A backup
 * that is known to be damaged is no base: the next one would inherit the damage and be called good.
 */
export async function knownDamage(
  store: ObjectStore,
  ref: EnvironmentRef,
  backupIds: readonly string[],
  trusted: readonly TrustedKey[],
): Promise<string | undefined> {
  const damaged = new Map<string, boolean>();
  for await (const { record } of readRecords(store, ref, trusted)) {
    if (record?.type === 'verified') damaged.set(record.backupId, !record.ok);
  }
  return backupIds.find((backupId) => damaged.get(backupId));
}
