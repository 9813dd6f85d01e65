import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../testing/memory-store.ts';
import { watched } from '../testing/streams.ts';
import { refusedKeys } from './refused-keys.ts';

describe('keys that a store can not hold', () => {
  it('are found by themselves and beside one another', async () => {
    const keys = ['a', 'a-b', 'a/b', 'long', 'x'.repeat(11)].map((key) => ({ key }));
    const store = new MemoryStore({ folders: true, longestKey: 10 });
    expect(await refusedKeys(store, watched(keys))).toEqual({
      count: 2,
      first: [
        { key: 'a/b', reason: 'a is an object' },
        { key: 'x'.repeat(11), reason: 'it is longer than 10 bytes' },
      ],
    });
    expect(await refusedKeys(new MemoryStore(), watched(keys))).toEqual({ count: 0, first: [] });
  });

  it('are all counted, and ten named', async () => {
    const keys = Array.from({ length: 25 }, (_, n) => ({ key: `too long ${String(n).padStart(2, '0')}` }));
    const { count, first } = await refusedKeys(new MemoryStore({ longestKey: 5 }), watched(keys));
    expect(count).toBe(25);
    expect(first).toHaveLength(10);
  });
});
