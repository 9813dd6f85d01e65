import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { placeRows } from './place-rows.ts';

async function* rowsOf(keys: readonly string[]) {
  for (const key of keys) {
    yield {
      key,
      size: 1,
      etag: 'e',
      lastModified: '2025-11-09T14:30:00.000Z',
      checksum: { algorithm: 'sha256' as const, value: '0'.repeat(64) },
      copy: { path: `backups/b/objects/${key}` },
    };
  }
}

async function placesOf(
  keys: readonly string[],
  refuses: (path: string) => string | undefined = () => undefined,
) {
  const places: string[] = [];
  for await (const { row, path, escaped } of placeRows(rowsOf(keys), refuses)) {
    expect(escaped).toBe(path !== `library/${row.key}`);
    places.push(path);
  }
  return places;
}

const escapedName = (key: string) => `library-escaped/${createHash('sha256').update(key).digest('hex')}`;

describe('placeRows', () => {
  it('keeps keys as paths', async () => {
    expect(await placesOf(['a/b', 'a/c d', 'z+%'])).toEqual(['library/a/b', 'library/a/c d', 'library/z+%']);
  });

  it('escapes what the file system refuses, and nothing else', async () => {
    const refuses = (path: string) => (path.includes('..') ? 'it is refused' : undefined);
    expect(await placesOf(['a', 'b/../c', 'd'], refuses)).toEqual([
      'library/a',
      escapedName('b/../c'),
      'library/d',
    ]);
  });

  it('escapes keys below another key, also when others lie between them in the order of keys', async () => {
    expect(await placesOf(['a', 'a!', 'a/b', 'a/b/c', 'a0', 'b/a'])).toEqual([
      'library/a',
      'library/a!',
      escapedName('a/b'),
      escapedName('a/b/c'),
      'library/a0',
      'library/b/a',
    ]);
  });
});
