import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { readRecords } from '../repository/record.ts';
import { afterRecord, type Standing } from '../repository/standing.ts';
import { Notes } from './notes.ts';

export interface RecordsFound {
  readonly count: number;
  /** Each names its record. */
  readonly problems: Notes;
  /** Of every backup that a believed record is about. */
  readonly standings: ReadonlyMap<string, Standing>;
  /** Runs whose end is on record, but for backups that ended without a seal. */
  readonly endedRuns: ReadonlySet<string>;
  /** SHA-256 of manifests as they were sealed, by backup: of copies. */
  readonly sealedAs: ReadonlyMap<string, string>;
}

/** Reads all records of an environment. */
export async function verifyRecords(
  store: ObjectStore,
  ref: EnvironmentRef,
  trusted: readonly TrustedKey[],
): Promise<RecordsFound> {
  const problems = new Notes();
  const standings = new Map<string, Standing>();
  const endedRuns = new Set<string>();
  const sealedAs = new Map<string, string>();
  let count = 0;
  for await (const { key, record, problem } of readRecords(store, ref, trusted)) {
    count += 1;
    if (problem !== undefined) problems.add(`${key}: ${problem.message}`);
    else if (record.type === 'catalogRebuilt') continue;
    else if (record.type === 'auditHead') {
      // Records of before say nothing of a seal.
      if (record.sealed !== false) endedRuns.add(record.recordId.replace(/-audit$/, ''));
    } else {
      if (record.type === 'copied') sealedAs.set(record.backupId, record.manifestSha256);
      standings.set(record.backupId, afterRecord(standings.get(record.backupId), record));
    }
  }
  return { count, problems, standings, endedRuns, sealedAs };
}
