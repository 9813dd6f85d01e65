import { describe, expect, it } from 'vitest';
import { backupRequestSchema, type Run } from '../model/run.ts';
import type { Unit } from '../model/unit.ts';
import { backupRun } from '../testing/backup-run.ts';
import { stubCatalog } from '../testing/stub-catalog.ts';
import { dispatch } from './dispatch.ts';

const limits = { total: 10, perProject: 5, leaseSeconds: 60 };
const request = (units: readonly Unit[] = ['database']) => backupRun({ units }).request;

function world(admitted: readonly Run[]) {
  const did: string[] = [];
  const catalog = stubCatalog({
    project: {
      recordRequest: async () => {
        did.push('record');
        return {
          run: backupRun({ state: 'Pending' }),
          created: did.filter((each) => each === 'record').length === 1,
        };
      },
    },
    platform: {
      admit: async () => {
        did.push('admit');
        return admitted;
      },
      admitted: async () => admitted,
    },
  });
  const workflows = {
    start: async ({ runId }: Run) => {
      did.push(`start ${runId}`);
    },
    status: async () => 'unknown' as const,
  };
  return { did, services: { catalog, workflows, limits } };
}

describe('dispatching a request', () => {
  it('records, admits and starts; and all of it again when it comes twice', async () => {
    const pending = backupRun({ state: 'Pending' });
    const { did, services } = world([pending, backupRun({ runId: 'retail-prd-backup-20251109-143001' })]);
    const once = ['record', 'admit', `start ${pending.runId}`];
    expect(await dispatch(services, request())).toEqual(pending);
    expect(did).toEqual(once);
    await dispatch(services, request());
    expect(did).toEqual([...once, ...once]);
  });

  it.each([
    ['a search that is not declared', request(['database', 'search']), 'leave the unit out'],
    [
      'a library that is not declared',
      without('documentLibrary', request(['documentLibrary'])),
      'declares no documentLibrary',
    ],
    ['a database that is not declared', without('database', request()), 'declares no database'],
    [
      'the data of another project',
      { ...request(), source: { ...request().source, projectId: 'other' } },
      'other/prd',
    ],
    [
      'the data of another environment',
      { ...request(), source: { ...request().source, environment: 'uat' } },
      'retail/uat',
    ],
  ])('refuses to back up %s, and records nothing', async (_what, refused, message) => {
    const { did, services } = world([]);
    await expect(dispatch(services, refused)).rejects.toMatchObject({
      code: 'request.invalid',
      message: expect.stringContaining(message),
    });
    expect(did).toEqual([]);
  });
});

function without(unit: 'database' | 'documentLibrary', of: ReturnType<typeof request>) {
  return backupRequestSchema.parse({ ...of, source: { ...of.source, [unit]: undefined } });
}
