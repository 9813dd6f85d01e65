import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { exchangeFolders } from './exchange-folders.ts';

let folder: string;
const path = (name: string) => join(folder, name);
const request = () => ({
  current: pathToFileURL(path('library')).href,
  restored: pathToFileURL(path('library-new')).href,
  kept: pathToFileURL(path('library-old')).href,
});
const contentOf = (name: string) => readFile(join(path(name), 'which'), 'utf8');

beforeEach(async () => {
  folder = await temporaryFolder();
  for (const [name, which] of [
    ['library', 'old'],
    ['library-new', 'restored'],
  ] as const) {
    await mkdir(path(name));
    await writeFile(join(path(name), 'which'), which);
  }
});

describe('folders that change places', () => {
  it('keep what was there, and do nothing when they are asked again', async () => {
    for (let count = 0; count < 2; count += 1) {
      expect(await exchangeFolders(request())).toBe(true);
      expect(await contentOf('library')).toBe('restored');
      expect(await contentOf('library-old')).toBe('old');
      expect(await readdir(folder)).toHaveLength(2);
    }
  });

  it('go on where the process died between the two renames', async () => {
    await rename(path('library'), path('library-old'));
    expect(await exchangeFolders(request())).toBe(true);
    expect(await contentOf('library')).toBe('restored');
    expect(await contentOf('library-old')).toBe('old');
  });

  it('go back, and do nothing where they never went', async () => {
    const { current, restored, kept } = request();
    const back = { current, restored: kept, kept: restored };
    expect(await exchangeFolders(back)).toBe(true);
    expect(await contentOf('library')).toBe('old');
    await exchangeFolders(request());
    await exchangeFolders(back);
    expect(await contentOf('library')).toBe('old');
    expect(await contentOf('library-new')).toBe('restored');
  });

  it('take the place of nothing, too', async () => {
    await rename(path('library'), path('elsewhere'));
    expect(await exchangeFolders(request())).toBe(true);
    expect(await contentOf('library')).toBe('restored');
  });
});
