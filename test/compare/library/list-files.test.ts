import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareKeys, listFiles } from './list-files.ts';

async function allFiles(folder: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of listFiles(folder)) keys.push(key);
  return keys;
}

describe('listFiles', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'compare-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('walks in the order of compareKeys, also where it is not the order of the text', async () => {
    const keys = ['a/b/1.0', 'a-b/1.0', 'a', 'a.b', 'Z/ü', 'b/10', 'b/9', 'b/9~x'].map((key) => `x${key}`);
    for (const key of keys.filter((key) => key !== 'xa')) {
      await mkdir(dirname(join(folder, key)), { recursive: true });
      await writeFile(join(folder, key), '');
    }
    const listed = await allFiles(folder);
    expect(listed).toEqual(keys.filter((key) => key !== 'xa').sort(compareKeys));
    // A file on one side where the other has a folder of that name comes before what is in the folder.
    expect(compareKeys('xa', 'xa/b/1.0')).toBeLessThan(0);
  });

  it('refuses what a document library cannot hold', async () => {
    await symlink('nowhere', join(folder, 'link'));
    await expect(allFiles(folder)).rejects.toThrow('neither a file nor a folder');
  });
});
