import { describe, expect, it } from 'vitest';
import { type Backup, backupSchema } from '../model/run.ts';
import type { DatabaseDumpRequest } from '../ports/backup-provider.ts';
import { backupRun } from '../testing/backup-run.ts';
import { backupWorld } from '../testing/backup-world.ts';
import { startDump } from './backup-database.ts';

function withWorkers(workers: number | undefined, changes: object): Backup {
  const run = backupRun();
  const { source } = run.request;
  const database = { ...source.database, ...(workers === undefined ? {} : { workers }), ...changes };
  return backupSchema.parse({ ...run, request: { ...run.request, source: { ...source, database } } });
}

async function asked(workers: number | undefined, attempt: number, exact = false, changes = {}) {
  const requests: DatabaseDumpRequest[] = [];
  const { context } = backupWorld(withWorkers(workers, changes), {
    provider: {
      createDatabaseDump: async (request) => {
        requests.push(request);
        return { operationId: 'dump' };
      },
    },
  });
  await startDump({ runId: backupRun().runId, projectId: 'retail', attempt, exact }, context);
  return requests[0];
}

describe('starting a dump', () => {
  it('asks for as many readers as the environment says, and for one in the last attempt', async () => {
    expect((await asked(4, 1))?.workers).toBe(4);
    expect((await asked(undefined, 2))?.workers).toBeUndefined();
    expect((await asked(4, 3))?.workers).toBe(1);
    expect((await asked(undefined, 3))?.workers).toBe(1);
  });

  it('says for how long others may be kept from writing only where the environment does', async () => {
    expect((await asked(1, 1))?.lockSeconds).toBeUndefined();
    expect((await asked(1, 1, false, { lockSeconds: 0 }))?.lockSeconds).toBe(0);
  });

  it('says where the library lies only where the moment is to be exact', async () => {
    expect((await asked(1, 1))?.library).toBeUndefined();
    expect((await asked(1, 1, true))?.library).toBe('memory://library');
  });
});
