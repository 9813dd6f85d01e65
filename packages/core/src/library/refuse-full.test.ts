import { expect, it } from 'vitest';
import { MemoryStore } from '../testing/memory-store.ts';
import { refuseFull } from './refuse-full.ts';

it('refuses what does not fit, and trusts a store that has no end', async () => {
  const store = new MemoryStore();
  await refuseFull(store, Number.MAX_SAFE_INTEGER);
  const disk = Object.assign(store, { freeBytes: async () => 100 });
  await refuseFull(disk, 100);
  await expect(refuseFull(disk, 101)).rejects.toMatchObject({
    code: 'objectStore.full',
    message: expect.stringContaining('room for 100 bytes, and 101'),
  });
});
