import { describe, expect, it } from 'vitest';
import { environment } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { toArray } from '../testing/streams.ts';
import { listUnitBackups } from './unit-backups.ts';

describe('what a location holds of a unit', () => {
  it('is counted backup by backup, attempts apart from copies', async () => {
    const store = new MemoryStore();
    for (const key of [
      'retail/prd/backups/b-1-2/objects/x',
      'retail/prd/backups/b-1/attempts/1/database/part',
      'retail/prd/backups/b-1/attempts/1/library/plan.json',
      'retail/prd/backups/b-1/attempts/2/database/part',
      'retail/prd/backups/b-1/attempts/2/checks.json',
      'retail/prd/backups/b-1/manifest.json',
      'retail/prd/backups/b-1/objects-long/hash',
      'retail/prd/backups/b-1/objects/attempts/7/database/x',
      'retail/prd/records/20251109T143000000Z-x.json',
      'retail/prd2/backups/b-9/objects/x',
    ]) {
      await store.put(key, Buffer.from('12'));
    }
    expect(await toArray(listUnitBackups(store, environment, 'database'))).toEqual([
      { backupId: 'b-1', attempts: [1, 2], objects: 2, bytes: 4 },
    ]);
    expect(await toArray(listUnitBackups(store, environment, 'documentLibrary'))).toEqual([
      { backupId: 'b-1-2', attempts: [], objects: 1, bytes: 2 },
      { backupId: 'b-1', attempts: [1], objects: 3, bytes: 6 },
    ]);
    expect(await toArray(listUnitBackups(new MemoryStore(), environment, 'database'))).toEqual([]);
  });
});
