import { describe, expect, it } from 'vitest';
import { FaultyStore } from '../testing/faulty-store.ts';
import { backUpLibrary, environment } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { readIndex } from './base.ts';
import { compareWithIndex } from './compare-with-index.ts';

const backupId = 'retail-prd-backup-20251109-143000';

describe('a library held against an index', () => {
  it('differs by what is missing, what is there besides, and what has another size', async () => {
    const library = new MemoryStore();
    for (const key of ['a', 'b', 'c', 'd']) await library.put(key, Buffer.from(key));
    const backups = new MemoryStore();
    const { manifest } = await backUpLibrary({ source: library, backups, backupId });
    await library.deleteMany([{ key: 'a' }]);
    await library.put('b', Buffer.from('longer'));
    await library.put('z', Buffer.from('new'));
    expect(await compareWithIndex(library, readIndex(backups, environment, manifest))).toEqual({
      objects: 4,
      bytes: 11,
      differing: 3,
      differences: [
        { key: 'a', kind: 'missing' },
        { key: 'b', kind: 'size' },
        { key: 'z', kind: 'extra' },
      ],
    });
    const lying = new FaultyStore(library);
    lying.liesInListings((infos) => infos.reverse());
    await expect(compareWithIndex(lying, readIndex(backups, environment, manifest))).rejects.toThrow(
      'not sorted',
    );
  });

  it('names the first hundred differences and counts all', async () => {
    const library = new MemoryStore();
    for (let number = 0; number < 120; number += 1) await library.put(`key-${number}`, Buffer.from('x'));
    const comparison = await compareWithIndex(
      library,
      readIndex(new MemoryStore(), environment, { backupId, units: {} }),
    );
    expect(comparison.differing).toBe(120);
    expect(comparison.differences).toHaveLength(100);
  });
});
