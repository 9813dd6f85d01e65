import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startServer } from '../server/start-server.ts';
import { requireOrSkip, serverFolder } from '../testing.ts';
import { serverBinaries } from './server-binaries.ts';

const OLDEST = 13;
const withOldest = await requireOrSkip(`PostgreSQL ${OLDEST}`, () => serverBinaries(OLDEST));

withOldest('serverBinaries', () => {
  it('has majors from the cache that start', async () => {
    const folder = await serverFolder();
    const options = { dataDir: join(folder, 'data'), durability: 'throwaway' } as const;
    const server = await startServer({ ...options, binaries: await serverBinaries(OLDEST) });
    try {
      expect(server.major).toBe(OLDEST);
    } finally {
      await server.stop('immediate');
      await rm(folder, { recursive: true });
    }
  });
});
