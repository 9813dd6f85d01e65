import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fileSystemStore } from '@lcb/provider-local';
import { expect } from 'vitest';
import { describeObjectStore } from './object-store.ts';

describeObjectStore('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lcb-store-'));
  return {
    store: fileSystemStore(pathToFileURL(folder).href),
    cleanup: async () => {
      // Whatever the suite did to the store, no unfinished file is left.
      expect(await readdir(folder)).not.toContain('.lcb-tmp');
      await rm(folder, { recursive: true });
    },
  };
});
