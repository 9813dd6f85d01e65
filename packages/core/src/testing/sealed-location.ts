import { createHash, randomBytes } from 'node:crypto';
import { emptyChainHash } from '../audit/chain.ts';
import { readIndex } from '../library/base.ts';
import { removeLeftovers } from '../library/sweep-attempts.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { artefactsOf } from '../repository/artefacts.ts';
import { manifestKey } from '../repository/layout.ts';
import type { Manifest } from '../repository/manifest.ts';
import { writeRecord } from '../repository/record.ts';
import { environment } from './library-backup.ts';
import { MemoryStore } from './memory-store.ts';
import { type SealedBackup, sealBackup } from './sealed-backup.ts';
import { sequenceClock } from './sequence-clock.ts';
import { type TestSigner, testSigner } from './test-signer.ts';

export const backupIds = [
  'retail-prd-backup-20251109-143000',
  'retail-prd-backup-20251110-143000',
  'retail-prd-backup-20251111-143000',
] as const;

export interface SealedLocation {
  readonly store: MemoryStore;
  readonly source: MemoryStore;
  readonly signer: TestSigner;
  readonly trustedKeys: readonly TrustedKey[];
  readonly backups: readonly SealedBackup[];
}

/** One full backup and two incremental ones, each with both units, chained, with the records that their runs leave. */
export async function sealedLocation(): Promise<SealedLocation> {
  const source = new MemoryStore({ location: 'memory://library' });
  const store = new MemoryStore({ location: 'memory://backups' });
  const signer = testSigner();
  const backups: SealedBackup[] = [];
  let previous: Manifest['previous'] = null;
  const changes = [
    { doc1: 'first', doc2: 'second', doc3: 'third', doc4: 'fourth' },
    { doc2: 'second, changed', doc5: 'fifth' },
    { doc3: 'third, changed', doc6: 'sixth' },
  ];
  for (const [number, backupId] of backupIds.entries()) {
    for (const [key, text] of Object.entries(changes[number] ?? {})) await source.put(key, Buffer.from(text));
    const base = backups.at(-1)?.library.manifest;
    const sealed = await sealBackup({
      source,
      backups: store,
      backupId,
      signer,
      ...(base === undefined ? {} : { base }),
      dumpParts: [randomBytes(300).toString('hex'), randomBytes(200).toString('hex')],
      manifest: { previous, sealedAt: `2025-11-${String(9 + number).padStart(2, '0')}T14:35:00.000Z` },
    });
    backups.push(sealed);
    previous = { backupId, sha256: sha256(store.bytes(manifestKey(environment, backupId))) };
    const keep = new Set((await artefactsOf(store, sealed.manifest)).map(({ path }) => path));
    await removeLeftovers(store, environment, backupId, keep, readIndex(store, environment, sealed.manifest));
    await writeRecord(store, signer, sequenceClock(), environment, `${backupId}-audit`, {
      type: 'auditHead',
      at: sealed.manifest.sealedAt,
      actor: 'service',
      head: { chain: 'retail', sequence: number + 1, hash: emptyChainHash },
    });
  }
  return { store, source, signer, trustedKeys: [signer.trusted], backups };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
