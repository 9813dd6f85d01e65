import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { readRecords } from '../repository/record.ts';
import { afterRecord, type Standing } from '../repository/standing.ts';

export interface FoundStanding {
  readonly standing: Standing;
  /** Of the newest record in the environment, whatever it is about: a later one must not sort before it. */
  readonly lastRecordAt: string | undefined;
}

/** How a backup stands by the signed records beside it, whatever the catalog says. */
export async function readStanding(
  store: ObjectStore,
  ref: EnvironmentRef,
  backupId: string,
  trusted: readonly TrustedKey[],
): Promise<FoundStanding> {
  let standing: Standing = {};
  let lastRecordAt: string | undefined;
  for await (const { record } of readRecords(store, ref, trusted)) {
    if (record === undefined) continue;
    lastRecordAt = record.at;
    const isAbout = 'backupId' in record && record.backupId === backupId;
    if (isAbout) standing = afterRecord(standing, record);
  }
  return { standing, lastRecordAt };
}
